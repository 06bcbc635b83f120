"""What a person may do with failed records: correct, retry, set aside; one at a time or many at once."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget

from integrations.exceptions import RefusedTransitionError, StaleVersionError
from integrations.models import FailedRecord
from integrations.orchestrator import repairs
from integrations.queries.failures import FailureFilter, matching_ids, show_failure
from syncpanel.access import needs
from syncpanel.forms.corrections import CorrectionForm
from syncpanel.templatetags.words import count
from syncpanel.views.failures import bench_context, correction_form, drawer_context, filter_from, schemas_of
from syncpanel.views.job_actions import AT_ONCE
from syncpanel.views.rendering import render_page, wants_part

CHUNK = 500
MOST = 5_000
MORE = f" These were the oldest {MOST:,}; press again for the next."
GONE = "Somebody else dealt with this one a moment ago."


@require_POST
@needs("integrations.fix_record")
def failure_fix(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the corrections and send this record again, in the same job; 422 with the problems at their fields."""
    asked = filter_from(request.GET)
    try:
        detail = show_failure(pk, asked)
    except FailedRecord.DoesNotExist as exc:
        raise Http404 from exc
    source, destination = schemas_of(detail)
    form = correction_form(detail, source, destination, request.POST)
    if not form.is_valid():
        return _again(request, pk, asked, form)
    try:
        repairs.fix_and_retry(pk, form.changes(), request.user.get_username())
    except repairs.CorrectionError as problem:
        form.refuse(problem.problems)
        return _again(request, pk, asked, form)
    except (RefusedTransitionError, StaleVersionError) as refusal:
        messages.warning(request, AT_ONCE if isinstance(refusal, StaleVersionError) else refusal.message)
        return _back(request, pk)
    messages.success(request, f"{_name(detail.record)} is on the way to {detail.destination.label}.")
    return _back(request, detail.older or detail.newer)


@require_POST
@needs("integrations.fix_record")
def failure_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send this record again as it is."""
    return _one(request, pk, repairs.retry_records, "{name} is on the way to {platform}.")


@require_POST
@needs("integrations.fix_record")
def failure_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Set this record aside on purpose."""
    return _one(request, pk, repairs.dismiss_records, "{name} is set aside.")


@require_POST
@needs("integrations.fix_record")
def failure_bulk(request: HttpRequest) -> HttpResponse:
    """Retry, set aside or set one field for many: those ticked, or all that the filter describes."""
    asked = filter_from(request.GET)
    ids = matching_ids(asked, MOST + 1) if request.POST.get("all") else _ticked(request.POST)
    act = BULK.get(request.POST.get("do", ""))
    if act is None or not ids:
        messages.warning(request, "Nobody was selected.")
    else:
        try:
            messages.success(request, act(request, asked, ids[:MOST]) + (MORE if len(ids) > MOST else ""))
        except (RefusedTransitionError, StaleVersionError) as refusal:
            messages.warning(request, AT_ONCE if isinstance(refusal, StaleVersionError) else refusal.message)
    return _back(request, None)


def _retry(request: HttpRequest, _asked: FailureFilter, ids: list[int]) -> str:
    done = sum(repairs.retry_records(part, request.user.get_username()) for part in _parts(ids))
    return f"{count(done)} on the way again."


def _dismiss(request: HttpRequest, _asked: FailureFilter, ids: list[int]) -> str:
    done = sum(repairs.dismiss_records(part, request.user.get_username()) for part in _parts(ids))
    return f"{count(done)} set aside."


def _correct(request: HttpRequest, asked: FailureFilter, ids: list[int]) -> str:
    if not asked.field:
        raise RefusedTransitionError("Choose one reason first: then one value can be set for all of them.")
    value = request.POST.get("value", "").strip()
    actor = request.user.get_username()
    done = sum(repairs.correct_records(part, asked.field, value, actor) for part in _parts(ids))
    stayed = len(ids) - done
    said = f"{count(done)} corrected and on the way."
    return f"{said} {count(stayed)} would still be refused and stay here." if stayed else said


def _parts(ids: list[int]) -> Iterator[list[int]]:
    """Short transactions, so that no worker waits long for the database."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


BULK: dict[str, Callable[[HttpRequest, FailureFilter, list[int]], str]] = {
    "retry": _retry,
    "dismiss": _dismiss,
    "correct": _correct,
}


def _one(request: HttpRequest, pk: int, command: Callable[[list[int], str], int], said: str) -> HttpResponse:
    try:
        detail = show_failure(pk, filter_from(request.GET))
    except FailedRecord.DoesNotExist as exc:
        raise Http404 from exc
    try:
        done = command([pk], request.user.get_username())
    except (RefusedTransitionError, StaleVersionError) as refusal:
        messages.warning(request, AT_ONCE if isinstance(refusal, StaleVersionError) else refusal.message)
        return _back(request, pk)
    if done:
        messages.success(request, said.format(name=_name(detail.record), platform=detail.destination.label))
    else:
        messages.warning(request, GONE)
    return _back(request, detail.older or detail.newer)


def _again(request: HttpRequest, pk: int, asked: FailureFilter, form: CorrectionForm) -> HttpResponse:
    """The same record with what is still wrong: the drawer for htmx, the page for everybody else."""
    if wants_part(request):
        context = drawer_context(pk, asked, form)
        response = render_page(request, "", part="failures/_drawer.html", context=context, status=422)
        return reswap(retarget(response, "#drawer"), "outerHTML")
    context = bench_context(request, asked, pk, form)
    return render_page(request, "failures/list.html", context=context, status=422)


def _back(request: HttpRequest, record: int | None) -> HttpResponse:
    """To the list with the same filter, beside the next record."""
    kept: QueryDict = request.GET.copy()
    kept.pop("record", None)
    if record:
        kept["record"] = str(record)
    query = urlencode([(key, value) for key, values in kept.lists() for value in values])
    return redirect(f"{reverse('failure-list')}{'?' if query else ''}{query}")


def _ticked(posted: QueryDict) -> list[int]:
    return [int(value) for value in posted.getlist("ids") if value.isascii() and value.isdigit()][:1_000]


def _name(record: FailedRecord) -> str:
    return record.label or record.email or f"Record {record.source_id}"
