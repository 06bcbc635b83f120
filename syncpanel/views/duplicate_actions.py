"""What a person may say of two records that may be one person, of one pair or of many, and take back again."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from integrations.enums import DuplicateVerdict
from integrations.exceptions import RefusedTransitionError, StaleVersionError
from integrations.models import Duplicate
from integrations.orchestrator import duplicates
from integrations.queries.duplicates import DuplicateDetail, decided_at, matching_ids, show_duplicate
from syncpanel.access import needs
from syncpanel.templatetags.words import nouns
from syncpanel.views.duplicates import filter_from
from syncpanel.views.failure_actions import GRACE
from syncpanel.views.job_actions import AT_ONCE
from syncpanel.words.duplicates import VERDICTS, name_of

MOST = 1_000
GONE = "There is nothing to take back any more."
PAIRS = "pair,pairs"
ONCE = {"record", "at"}


@require_POST
@needs("integrations.decide_duplicate")
def duplicate_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer about one pair; the next pair comes up."""
    detail, verdict, now = _found(request, pk), request.POST.get("verdict", ""), timezone.now()
    if verdict not in VERDICTS:
        return _back(request, pk)
    keeps, actor = request.POST.get("keeps", ""), request.user.get_username()
    try:
        duplicates.decide(pk, verdict, actor, keeps=keeps, at=now, after=GRACE)
    except (RefusedTransitionError, StaleVersionError) as refusal:
        messages.warning(request, AT_ONCE if isinstance(refusal, StaleVersionError) else refusal.message)
        return _back(request, pk)
    said = f"{name_of(detail.row)}: {VERDICTS[verdict].lower()}."
    messages.success(request, said, extra_tags=_undoing(request, now.isoformat()))
    return _back(request, detail.older or detail.newer)


@require_POST
@needs("integrations.decide_duplicate")
def duplicate_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the answer about one pair back."""
    detail = _found(request, pk)
    if duplicates.take_back([pk], request.user.get_username()):
        messages.success(request, f"{name_of(detail.row)} is to be decided again. What was sent meanwhile stays.")
    else:
        messages.warning(request, GONE)
    return _back(request, detail.older or detail.newer)


@require_POST
@needs("integrations.decide_duplicate")
def duplicate_bulk(request: HttpRequest) -> HttpResponse:
    """One answer about many pairs: those ticked, or all that the filter describes."""
    asked, verdict, actor = filter_from(request.GET), request.POST.get("do", ""), request.user.get_username()
    ids = matching_ids(asked, MOST + 1) if request.POST.get("all") else _ticked(request.POST)
    if not ids or verdict not in {*VERDICTS, DuplicateVerdict.OPEN}:
        messages.warning(request, "Nobody was selected.")
        return _back(request, None)
    now = timezone.now()
    try:
        if verdict == DuplicateVerdict.OPEN:
            done = duplicates.take_back(ids[:MOST], actor)
        else:
            done = duplicates.decide_many(ids[:MOST], verdict, actor, at=now, after=GRACE)
    except StaleVersionError:
        messages.warning(request, AT_ONCE)
        return _back(request, None)
    _tell(request, verdict, done, len(ids), now.isoformat())
    return _back(request, None)


def _tell(request: HttpRequest, verdict: str, done: int, asked: int, at: str) -> None:
    """How many, how many stayed as they were, and whether there are more."""
    word, stayed = VERDICTS.get(verdict, "to be decided again").lower(), min(asked, MOST) - done
    said = f"{nouns(done, PAIRS)}: {word}."
    if stayed:
        said = f"{said} {nouns(stayed, PAIRS)} could not be, and stayed as they were."
    if asked > MOST:
        said = f"{said} These were the surest {MOST:,}; press again for the next."
    undo = _undoing(request, at) if done and verdict in VERDICTS else ""
    messages.success(request, said, extra_tags=undo)


@require_POST
@needs("integrations.decide_duplicate")
def duplicate_undo(request: HttpRequest) -> HttpResponse:
    """Undo one press (`?at=`, its moment), whether it was about one pair or about many."""
    actor, at = request.user.get_username(), parse_datetime(request.GET.get("at", ""))
    ids = decided_at(actor, at) if at and at.tzinfo else []
    done = duplicates.take_back(ids, actor)
    if done:
        messages.success(request, f"{nouns(done, PAIRS)} to be decided again.")
    else:
        messages.warning(request, GONE)
    return _back(request, ids[0] if done == 1 else None)


def _found(request: HttpRequest, pk: int) -> DuplicateDetail:
    try:
        return show_duplicate(pk, filter_from(request.GET))
    except Duplicate.DoesNotExist as exc:
        raise Http404 from exc


def _back(request: HttpRequest, record: int | None) -> HttpResponse:
    """To the list with the same filter, beside the next pair."""
    return redirect(f"{reverse('duplicate-list')}{_query(request, record=record)}")


def _undoing(request: HttpRequest, at: str) -> str:
    return f"{reverse('duplicate-undo')}{_query(request, at=at)}"


def _query(request: HttpRequest, **more: object) -> str:
    """What the address asks for, without what was only for this once, and what is asked for beside it."""
    kept = [(name, value) for name, values in request.GET.lists() for value in values if name not in ONCE]
    query = urlencode([*kept, *((name, value) for name, value in more.items() if value)])
    return f"?{query}" if query else ""


def _ticked(posted: QueryDict) -> list[int]:
    return [int(value) for value in posted.getlist("ids") if value.isascii() and value.isdigit()][:MOST]
