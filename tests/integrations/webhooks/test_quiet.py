"""Silence is unusual when it lasts longer than such silences lasted; the nights and weekends of two weeks count."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.exceptions import RefusedTransitionError
from integrations.models import Connection, Event, WebhookAddress
from integrations.webhooks.commands import expect_silence
from integrations.webhooks.quiet import AT_LEAST, measure_gaps, patience, usual_gap
from tests.integrations.webhooks.calling import make_address, make_delivery

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)  # a Thursday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def silence(began: datetime, length: timedelta) -> list[object]:
    return [began.isoformat(), length.total_seconds()]


def called(*moments: datetime) -> Connection:
    """A connection that was called then."""
    _, one = make_address()
    for moment in sorted(moments):
        make_delivery(one, received_at=moment)
    WebhookAddress.objects.update(last_received_at=max(moments))
    return one


def every(gap: timedelta, number: int, until: datetime = NOON) -> list[datetime]:
    return [until - at * gap for at in range(number)]


def is_quiet(at: datetime) -> bool:
    return WebhookAddress.objects.quiet(at).exists()


def test_what_is_usual_is_what_nine_of_ten_gaps_stay_below() -> None:
    moments = every(4 * MINUTE, 29)
    assert usual_gap([*moments, moments[-1] - HOUR]) == 240
    assert usual_gap(every(MINUTE, 19)) is None, "too few to say"


@pytest.mark.parametrize(
    ("usual", "silences", "expected"),
    [
        pytest.param(10, [], AT_LEAST, id="never less than half an hour"),
        pytest.param(600, [], timedelta(hours=2), id="twelve times what is usual"),
        pytest.param(10, [silence(NOON - DAY, 4 * HOUR)], 5 * HOUR, id="as the day before, and a quarter longer"),
        pytest.param(10, [silence(NOON - 7 * DAY, 4 * HOUR), silence(NOON - DAY, 40 * HOUR)], 5 * HOUR, id="this weekday"),
        pytest.param(10, [silence(NOON - DAY + 6 * HOUR, 14 * HOUR)], AT_LEAST, id="none at this time of the day"),
        pytest.param(
            10,
            [silence(NOON - DAY - 9 * HOUR, 60 * HOUR), silence(NOON - 23 * HOUR, 2 * HOUR)],
            2.5 * HOUR,
            id="this time of the day",
        ),
    ],
)  # fmt: skip
def test_a_silence_may_last_as_long_as_others_like_it(
    usual: float, silences: list[list[object]], expected: timedelta
) -> None:
    assert patience(usual, silences, NOON) == expected


@pytest.mark.django_db
def test_the_alarm_comes_after_the_usual_silence_and_goes_with_the_next_call() -> None:
    connection_ = called(*every(10 * MINUTE, 180))
    measure_gaps(NOON + MINUTE)
    address = WebhookAddress.objects.get()
    assert (address.usual_gap, address.quiet_after) == (600, NOON + 2 * HOUR)
    assert [is_quiet(NOON + at * HOUR) for at in (1, 2, 30)] == [False, True, True]
    make_delivery(connection_, received_at=NOON + 3 * HOUR)
    WebhookAddress.objects.update(last_received_at=NOON + 3 * HOUR)
    assert not is_quiet(NOON + 3 * HOUR), "before anything is worked out anew"
    measure_gaps(NOON + 3 * HOUR + MINUTE)
    assert not is_quiet(NOON + 4 * HOUR)


@pytest.mark.django_db
@pytest.mark.parametrize("moments", [every(MINUTE, 100), every(2 * HOUR, 15)], ids=["an hour long", "too few"])
def test_nobody_is_alarmed_who_cannot_know_what_is_usual(moments: list[datetime]) -> None:
    called(*moments)
    measure_gaps(NOON + MINUTE)
    assert WebhookAddress.objects.get().quiet_after is None
    assert not is_quiet(NOON + 30 * DAY)


@pytest.mark.django_db
def test_it_is_worked_out_again_only_after_a_call_and_once_a_minute() -> None:
    called(*every(10 * MINUTE, 180))
    measure_gaps(NOON + MINUTE)
    with CaptureQueriesContext(connection) as idle:
        measure_gaps(NOON + HOUR)
    assert len(idle) == 1
    WebhookAddress.objects.update(last_received_at=NOON + MINUTE + timedelta(seconds=1))
    measure_gaps(NOON + 90 * timedelta(seconds=1))
    assert WebhookAddress.objects.get().gaps_known_at == NOON + MINUTE
    measure_gaps(NOON + 3 * MINUTE)
    assert WebhookAddress.objects.get().gaps_known_at == NOON + 3 * MINUTE


@pytest.mark.django_db
def test_a_person_says_that_silence_is_to_be_expected_for_a_while() -> None:
    connection_ = called(*every(10 * MINUTE, 180))
    measure_gaps(NOON + MINUTE)
    expect_silence(connection_.pk, 7, "dana", now=NOON + 3 * HOUR)
    assert [is_quiet(NOON + 3 * HOUR + at * DAY) for at in (0, 6, 7)] == [False, False, True]
    assert Event.objects.get(stream=connection_.stream).data == {"changed": ["quiet_alarm"]}
    expect_silence(connection_.pk, 0, "dana")
    assert is_quiet(NOON + 3 * HOUR)


@pytest.mark.django_db
def test_a_silence_of_any_length_is_not_asked_for() -> None:
    connection_ = called(NOON)
    with pytest.raises(RefusedTransitionError):
        expect_silence(connection_.pk, 365, "dana")
    with pytest.raises(RefusedTransitionError):
        expect_silence(connection_.pk + 1, 7, "dana")
