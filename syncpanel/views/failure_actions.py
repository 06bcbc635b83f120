"""What a person may do with one failed record: correct, retry, set aside, and take each of it back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget

from integrations.enums import FailureStatus
from integrations.exceptions import RefusedTransitionError, StaleVersionError
from integrations.models import FailedRecord
from integrations.orchestrator import repairs
from integrations.orchestrator.conflicts import decide_conflict
from integrations.queries.failures import FailureDetail, FailureFilter, set_aside_at, show_failure
from syncpanel.access import needs
from syncpanel.forms.corrections import CorrectionForm
from syncpanel.templatetags.words import nouns
from syncpanel.views.failures import bench_context, correction_form, drawer_context, filter_from, schemas_of
from syncpanel.views.job_actions import AT_ONCE
from syncpanel.views.rendering import render_page, wants_part
from syncpanel.words.conflicts import decided

GONE = "Somebody else dealt with this one a moment ago."
TOO_LATE = "It is too late to take this back: it is on its way already."
GRACE = timedelta(seconds=8)
"""How long a finished job waits before it sends: longer than its message with "Undo" stays."""
ONCE = {"record", "at"}
Command = Callable[[list[int], str], int]


@require_POST
@needs("integrations.fix_record")
def failure_fix(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the corrections and send this record again, in the same job; 422 with the problems at their fields."""
    asked, detail = filter_from(request.GET), _found(request, pk)
    source, destination = schemas_of(detail)
    form = correction_form(detail, source, destination, request.POST)
    if not form.is_valid():
        return _again(request, pk, asked, form)
    try:
        repairs.fix_and_retry(pk, form.changes(), request.user.get_username(), after=GRACE)
    except repairs.CorrectionError as problem:
        form.refuse(problem.problems)
        return _again(request, pk, asked, form)
    except (RefusedTransitionError, StaleVersionError) as refusal:
        return _refused(request, pk, refusal)
    said = f"{_name(detail.record)} is on the way to {detail.destination.label}."
    messages.success(request, said, extra_tags=_withdrawing(request, pk))
    return back_to_list(request, detail.older or detail.newer)


@require_POST
@needs("integrations.fix_record")
def failure_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send this record again as it is."""
    said, undo = "{name} is on the way to {platform}.", _withdrawing(request, pk)
    return _one(request, pk, lambda ids, actor: repairs.retry_records(ids, actor, after=GRACE), said, undo=undo)


@require_POST
@needs("integrations.fix_record")
def failure_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Both sides changed the same: `keep` says which one is right, "here" (where it comes from) or "there"."""
    detail, keep = _found(request, pk), request.POST.get("keep", "")
    try:
        decide_conflict(pk, keep, request.user.get_username())
    except (RefusedTransitionError, StaleVersionError) as refusal:
        return _refused(request, pk, refusal)
    messages.success(request, decided(detail, keep))
    return back_to_list(request, detail.older or detail.newer)


@require_POST
@needs("integrations.fix_record")
def failure_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Set this record aside on purpose."""
    now = timezone.now()
    said, undo = "{name} is set aside.", restoring(request, now)
    return _one(request, pk, lambda ids, actor: repairs.dismiss_records(ids, actor, at=now), said, undo=undo)


@require_POST
@needs("integrations.fix_record")
def failure_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put this record, which was set aside, back on the list."""
    return _one(request, pk, repairs.restore_records, "{name} is back on the list.")


@require_POST
@needs("integrations.fix_record")
def failure_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that this record is sent again, as long as it is not."""
    return _one(request, pk, repairs.withdraw_records, "{name} is back on the list. Nothing was sent.", gone=TOO_LATE)


@require_POST
@needs("integrations.fix_record")
def failure_undo(request: HttpRequest) -> HttpResponse:
    """Undo one press of "Set aside" (`?at=`, its moment), whether it was about one person or about many."""
    actor, at = request.user.get_username(), parse_datetime(request.GET.get("at", ""))
    ids = set_aside_at(actor, at) if at and at.tzinfo else []
    try:
        done = repairs.restore_records(ids, actor)
    except StaleVersionError as refusal:
        return _refused(request, None, refusal)
    if done:
        messages.success(request, f"{nouns(done, 'person is,people are')} back on the list.")
    else:
        messages.warning(request, GONE)
    return back_to_list(request, ids[0] if done == 1 else None)


def restoring(request: HttpRequest, at: datetime) -> str:
    """The address that undoes what was set aside at this moment."""
    return f"{reverse('failure-undo')}{_query(request, at=at.isoformat())}"


def back_to_list(request: HttpRequest, record: int | None) -> HttpResponse:
    """To the list with the same filter, beside the next record."""
    return redirect(f"{reverse('failure-list')}{_query(request, record=record)}")


def _query(request: HttpRequest, **more: object) -> str:
    """What the address asks for, without what was only for this once, and what is asked for beside it."""
    kept: QueryDict = request.GET.copy()
    asked: list[tuple[str, object]] = [(name, v) for name, values in kept.lists() for v in values if name not in ONCE]
    query = urlencode([*asked, *((name, value) for name, value in more.items() if value)])
    return f"?{query}" if query else ""


def _withdrawing(request: HttpRequest, pk: int) -> str:
    """The address that takes back that this record is sent again."""
    return f"{reverse('failure-withdraw', args=[pk])}{_query(request)}"


def _found(request: HttpRequest, pk: int) -> FailureDetail:
    try:
        return show_failure(pk, filter_from(request.GET))
    except FailedRecord.DoesNotExist as exc:
        raise Http404 from exc


def _one(
    request: HttpRequest, pk: int, command: Command, said: str, *, undo: str = "", gone: str = GONE
) -> HttpResponse:
    detail = _found(request, pk)
    try:
        done = command([pk], request.user.get_username())
    except (RefusedTransitionError, StaleVersionError) as refusal:
        return _refused(request, pk, refusal)
    if done:
        text = said.format(name=_name(detail.record), platform=detail.destination.label)
        messages.success(request, text, extra_tags=undo)
    else:
        messages.warning(request, gone)
    # whoever took something back by the message's "Undo" looks at the list that the record is on again
    is_back = detail.record.status != FailureStatus.OPEN and filter_from(request.GET).status == FailureStatus.OPEN
    return back_to_list(request, pk if is_back else detail.older or detail.newer)


def _refused(request: HttpRequest, pk: int | None, refusal: RefusedTransitionError | StaleVersionError) -> HttpResponse:
    messages.warning(request, AT_ONCE if isinstance(refusal, StaleVersionError) else refusal.message)
    return back_to_list(request, pk)


def _again(request: HttpRequest, pk: int, asked: FailureFilter, form: CorrectionForm) -> HttpResponse:
    """The same record with what is still wrong: the drawer for htmx, the page for everybody else."""
    if wants_part(request):
        context = drawer_context(pk, asked, form)
        response = render_page(request, "", part="failures/_drawer.html", context=context, status=422)
        return reswap(retarget(response, "#drawer"), "outerHTML")
    context = bench_context(request, asked, pk, form)
    return render_page(request, "failures/list.html", context=context, status=422)


def _name(record: FailedRecord) -> str:
    return record.label or record.email or f"Record {record.source_id}"
