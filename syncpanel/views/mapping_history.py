"""What a mapping was: its versions side by side, its rehearsals, and what was said to the model."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from integrations.enums import MappingTaskKind, MappingTaskStatus
from integrations.models import MappingTask
from integrations.models.blobs import unpack
from integrations.orchestrator.trials import schemas_of
from integrations.queries.mappings import VersionRow, exchanges_of, list_versions, rehearsable_jobs, sides
from syncpanel.access import needs
from syncpanel.views.mappings import CHANGE, find_mapping, task_context
from syncpanel.views.numbers import number_in
from syncpanel.views.rendering import render_page
from syncpanel.words.diff import compare
from syncpanel.words.exchanges import read_exchange
from syncpanel.words.rehearsals import in_words


@require_GET
def mapping_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions; any two compared."""
    mapping = find_mapping(pk)
    rows = list_versions(mapping)
    old, new = _two(rows, number_in(request.GET, "old"), number_in(request.GET, "new"))
    context = {
        "mapping": mapping,
        "rows": rows,
        "old": old,
        "new": new,
        "diff": compare(old.version.code, new.version.code) if old and new else None,
        "can_publish": request.user.has_perm("integrations.publish_mapping"),
    }
    return render_page(request, "mappings/versions.html", context=context)


@require_GET
def mapping_rehearsal(request: HttpRequest, pk: int) -> HttpResponse:
    """What the draft would change over a whole job: the newest rehearsal, and the jobs one can choose."""
    mapping = find_mapping(pk)
    newest = MappingTask.objects.filter(mapping=pk, kind=MappingTaskKind.REHEARSE).order_by("-id").first()
    done = newest if newest and newest.status == MappingTaskStatus.DONE else None
    context = {
        "mapping": mapping,
        "jobs": rehearsable_jobs(pk),
        "task": newest,
        "found": in_words(unpack(done.result), *schemas_of(mapping)) if done else None,
        "source": sides(mapping)[0],
        "can_change": request.user.has_perm(CHANGE),
        **task_context({newest.kind: newest} if newest else {}),
    }
    return render_page(request, "mappings/rehearsal.html", context=context)


@require_GET
@needs(CHANGE)
def mapping_exchanges(request: HttpRequest, pk: int) -> HttpResponse:
    """Exactly what was sent to the model and what came back."""
    mapping = find_mapping(pk)
    rows = [read_exchange(one) for one in exchanges_of(pk)]
    return render_page(request, "mappings/exchanges.html", context={"mapping": mapping, "rows": rows})


def _two(rows: list[VersionRow], old: int | None, new: int | None) -> tuple[VersionRow | None, VersionRow | None]:
    """Those asked for; else the published one against the one before it."""
    by_number = {row.version.number: row for row in rows}
    newer = by_number.get(new or 0) or next((row for row in rows if row.is_published), None)
    if newer is None:
        return None, None
    before = [row for row in rows if row.version.number < newer.version.number]
    return by_number.get(old or 0) or (before[0] if before else None), newer
