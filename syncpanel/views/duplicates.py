"""Possible duplicates: kinds left, pairs in the middle, both records of one pair side by side right."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from integrations.enums import DuplicateKind, DuplicateVerdict
from integrations.models import Duplicate
from integrations.orchestrator.schemas import known
from integrations.queries.duplicates import (
    DuplicateFilter,
    count_kinds,
    count_verdict,
    list_duplicates,
    show_duplicate,
)
from integrations.queries.jobs import sync_names
from syncpanel.views.failures import shelf_count
from syncpanel.views.numbers import number_in
from syncpanel.views.rendering import render_page, wants_part
from syncpanel.words.duplicates import KINDS, VERDICTS, choices, heads, name_of, reason, rows, verdict_of


def filter_from(query: Mapping[str, str]) -> DuplicateFilter:
    """What a URL asks for; nonsense in it asks for nothing."""
    verdict, kind = query.get("verdict", ""), query.get("kind", "")
    return DuplicateFilter(
        verdict=verdict if verdict in DuplicateVerdict.values else DuplicateVerdict.OPEN,
        kind=kind if kind in DuplicateKind.values else "",
        sync=number_in(query, "sync"),
        words=query.get("q", "").strip()[:100],
    )


@require_GET
def duplicate_list(request: HttpRequest) -> HttpResponse:
    """The workspace; htmx may ask for the drawer alone."""
    asked, record = filter_from(request.GET), number_in(request.GET, "record")
    if wants_part(request) and request.htmx.target == "drawer" and record:
        return render_page(request, "", part="duplicates/_compare.html", context=compare_context(record, asked))
    context = bench_context(request, asked, record)
    response = render_page(request, "duplicates/list.html", part="duplicates/_bench_part.html", context=context)
    if wants_part(request):
        response["HX-Push-Url"] = request.get_full_path()
    return response


@require_GET
def duplicate_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A short address for one pair: it leads to its place in the list."""
    row = get_object_or_404(Duplicate.objects.only("pk", "verdict"), pk=pk)
    return redirect(f"{reverse('duplicate-list')}?verdict={row.verdict}&record={row.pk}")


def bench_context(request: HttpRequest, asked: DuplicateFilter, record: int | None) -> dict[str, Any]:
    """All three panes. Without a pair asked for, the first of the list is shown beside it."""
    page = list_duplicates(asked, before=number_in(request.GET, "before"))
    shown_pk = record or (page.rows[0].pk if page.rows else None)
    counted, syncs = count_kinds(asked.sync), sync_names()
    context = {
        "asked": asked,
        "page": page,
        "kinds": [(kind, title, counted[kind]) for kind, (title, _) in KINDS.items() if counted.get(kind)],
        "titles": {kind: title for kind, (title, _) in KINDS.items()},
        "title": KINDS[asked.kind][0] if asked.kind else "",
        "about": KINDS[asked.kind][1] if asked.kind else "",
        "total": sum(counted.values()),
        "syncs": syncs,
        "names": dict(syncs),
        "shelves": [(key, word, shelf_count(count_verdict(key, asked.sync))) for key, word in VERDICTS.items()],
        "shelf": VERDICTS.get(asked.verdict, ""),
        "is_open": bool(record),
        "can_act": request.user.has_perm("integrations.decide_duplicate"),
    }
    return {**context, **(compare_context(shown_pk, asked) if shown_pk else {})}


def compare_context(pk: int, asked: DuplicateFilter) -> dict[str, Any]:
    """One pair, side by side, with the answers."""
    try:
        detail = show_duplicate(pk, asked)
    except Duplicate.DoesNotExist as exc:
        raise Http404 from exc
    sync = detail.row.sync
    source, destination = known(sync.source, sync.source_object), known(sync.destination, sync.destination_object)
    return {
        "asked": asked,
        "detail": detail,
        "record": detail.row,
        "name": name_of(detail.row),
        "kind_title": KINDS[detail.row.kind][0],
        "reason": reason(detail, destination),
        "heads": heads(detail),
        "rows": rows(detail, source, destination),
        "choices": choices(detail),
        "verdict": verdict_of(detail),
    }
