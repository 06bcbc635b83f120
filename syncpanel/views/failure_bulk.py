"""What a person may do with many failed records at once: those ticked, or all that the filter describes."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_POST

from integrations.exceptions import RefusedTransitionError, StaleVersionError
from integrations.orchestrator import repairs
from integrations.orchestrator.conflicts import decide_conflicts
from integrations.queries.failures import FailureFilter, matching_ids
from integrations.queries.two_ways import show_two_way
from syncpanel.access import needs
from syncpanel.templatetags.words import count, nouns
from syncpanel.views.failure_actions import back_to_list, restoring
from syncpanel.views.failures import filter_from
from syncpanel.views.job_actions import AT_ONCE
from syncpanel.views.numbers import number_in, numbers_of
from syncpanel.words.conflicts import decided_many

MOST = 5_000
CANCELLED = "stays here: its job was cancelled,stay here: their jobs were cancelled"
MORE = f" These were the oldest {MOST:,}; press again for the next."


class Done(NamedTuple):
    """What was done, in words, and the address that undoes it (empty = nothing does)."""

    said: str
    undo: str = ""


@require_POST
@needs("integrations.fix_record")
def failure_bulk(request: HttpRequest) -> HttpResponse:
    """Do one thing with many; a message says how many it was done with."""
    asked = filter_from(request.GET)
    ids = matching_ids(asked, MOST + 1) if request.POST.get("all") else _ticked(request.POST)
    act = ACTS.get(request.POST.get("do", "").partition(":")[0])
    if act is None or not ids:
        messages.warning(request, "Nobody was selected.")
        return back_to_list(request, None)
    try:
        done = act(request, asked, ids[:MOST])
    except (RefusedTransitionError, StaleVersionError) as refusal:
        messages.warning(request, AT_ONCE if isinstance(refusal, StaleVersionError) else refusal.message)
    else:
        messages.success(request, done.said + (MORE if len(ids) > MOST else ""), extra_tags=done.undo)
    return back_to_list(request, None)


def _retry(request: HttpRequest, _asked: FailureFilter, ids: list[int]) -> Done:
    done = repairs.retry_records(ids, request.user.get_username())
    stayed = len(ids) - done
    said = f"{count(done)} on the way again."
    return Done(f"{said} {nouns(stayed, CANCELLED)}." if stayed else said)


def _dismiss(request: HttpRequest, _asked: FailureFilter, ids: list[int]) -> Done:
    now, actor = timezone.now(), request.user.get_username()
    done = repairs.dismiss_records(ids, actor, at=now)
    return Done(f"{count(done)} set aside.", restoring(request, now) if done else "")


def _restore(request: HttpRequest, _asked: FailureFilter, ids: list[int]) -> Done:
    done = repairs.restore_records(ids, request.user.get_username())
    return _back_on_the_list(
        done, len(ids) - done, "was forgotten meanwhile and stays aside,were forgotten meanwhile and stay aside"
    )


def _withdraw(request: HttpRequest, _asked: FailureFilter, ids: list[int]) -> Done:
    done = repairs.withdraw_records(ids, request.user.get_username())
    return _back_on_the_list(done, len(ids) - done, "is on its way already,are on their way already")


def _back_on_the_list(done: int, stayed: int, why: str) -> Done:
    said = f"{nouns(done, 'person is,people are')} back on the list."
    return Done(f"{said} {nouns(stayed, why)}." if stayed else said)


def _correct(request: HttpRequest, asked: FailureFilter, ids: list[int]) -> Done:
    if not asked.field:
        raise RefusedTransitionError("Choose one reason first: then one value can be set for all of them.")
    value = request.POST.get("value", "").strip()
    actor = request.user.get_username()
    done = repairs.correct_records(ids, asked.field, value, actor)
    stayed = len(ids) - done
    said = f"{count(done)} corrected and on the way."
    return Done(f"{said} {count(stayed)} would still be refused and stay here." if stayed else said)


def _suggest(request: HttpRequest, _asked: FailureFilter, ids: list[int]) -> Done:
    done = repairs.use_suggestions(ids, request.user.get_username())
    stayed = len(ids) - done
    said = f"{count(done)} mended as suggested and on the way."
    return Done(f"{said} {count(stayed)} without a suggestion stay here." if stayed else said)


def _decide(request: HttpRequest, _asked: FailureFilter, ids: list[int]) -> Done:
    """The button says which side is right: "decide:12:left", 12 being the two-way sync."""
    _, which, side = (*request.POST["do"].split(":"), "", "")[:3]
    both = show_two_way(number_in({"two_way": which}, "two_way"))
    if both is None:
        raise RefusedTransitionError("These are not kept equal in both directions any more.")
    done = decide_conflicts(ids, both.row.pk, side, request.user.get_username())
    return Done(decided_many(both, side, done, len(ids) - done))


ACTS: dict[str, Callable[[HttpRequest, FailureFilter, list[int]], Done]] = {
    "retry": _retry,
    "dismiss": _dismiss,
    "correct": _correct,
    "suggest": _suggest,
    "restore": _restore,
    "withdraw": _withdraw,
    "decide": _decide,
}


def _ticked(posted: QueryDict) -> list[int]:
    return numbers_of(posted.getlist("ids"))[:1_000]
