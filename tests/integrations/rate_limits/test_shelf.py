"""Slots kept between calls, slots of calls that took too long, and workers that leave each other their share."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from integrations.exceptions import QuotaWaitError, TransientError, UnknownOutcomeError
from integrations.models import RateSlot
from integrations.rate_limits.slots import WAITING
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def slots() -> int:
    return RateSlot.objects.filter(slot__lt=WAITING).count()


def call(permits, problem=None):
    with permits.permit("api"):
        if problem is not None:
            raise problem


def take(stack, permits, count):
    for _ in range(count):
        stack.enter_context(permits.permit("api"))


def test_one_call_after_the_other_uses_one_slot_and_next_to_no_query(permits_of, clock, django_assert_max_num_queries):
    permits = permits_of(make_connection("mailchimp"))
    call(permits)
    with django_assert_max_num_queries(0):
        for _ in range(20):
            clock.now += 0.1
            call(permits)
    assert slots() == 1


def test_a_slot_is_given_back_after_moments_when_idle_and_at_the_end(permits_of, clock):
    permits = permits_of(make_connection("mailchimp"))
    first = ExitStack()
    take(first, permits, 3)
    first.close()
    assert slots() == 3
    clock.now += 1.5
    call(permits)
    assert slots() == 1, "those with which nothing was done are free for others"
    before = RateSlot.objects.get().holder
    for _ in range(8):
        clock.now += 0.5
        call(permits)
    assert RateSlot.objects.get().holder != before, "it was given back and taken anew"
    permits.close()
    assert not RateSlot.objects.exists()


@pytest.mark.parametrize("family", [TransientError, UnknownOutcomeError])
def test_the_slot_of_a_call_that_took_too_long_stays_taken_for_two_minutes_at_least(permits_of, clock, family):
    permits = permits_of(make_connection("mailchimp"))
    for _ in range(8):
        with pytest.raises(family):
            call(permits, family("Mailchimp took too long to answer.", code="timeout"))
    permits.close()
    clock.now += 125
    with pytest.raises(QuotaWaitError):
        call(permits_of(permits._connection, max_sleep=0.5))
    clock.now += 60
    call(permits_of(permits._connection))


@pytest.mark.parametrize("code", ["connection_lost", "rate_limited", "unreachable"])
def test_any_other_trouble_frees_the_slot(permits_of, code):
    permits = permits_of(make_connection("mailchimp"))
    with pytest.raises(TransientError):
        call(permits, TransientError("No.", code=code))
    permits.close()
    assert not RateSlot.objects.exists()


def test_elsewhere_a_call_that_took_too_long_frees_its_slot(permits_of):
    permits = permits_of(make_connection("salesforce"))
    with pytest.raises(TransientError), permits.permit("bulk"):
        raise TransientError("Salesforce took too long to answer.", code="timeout")
    assert not RateSlot.objects.exists()


def test_eight_calls_run_at_once_and_the_ninth_waits(permits_of, running):
    connection = make_connection("mailchimp")
    take(running, permits_of(connection), 8)
    with pytest.raises(QuotaWaitError) as caught:
        call(permits_of(connection, max_sleep=1.0))
    assert caught.value.message == (
        "Mailchimp's limit of calls at one time is reached; it goes on when a call has ended."
    )


def test_who_holds_all_leaves_half_to_who_waits(permits_of, clock, running):
    connection = make_connection("mailchimp")
    first, second = permits_of(connection, max_sleep=0.5), permits_of(connection, max_sleep=0.5)
    greedy = [ExitStack() for _ in range(8)]
    for one in greedy:
        take(one, first, 1)
    with pytest.raises(QuotaWaitError):
        call(second)
    clock.now += 3.5
    for one in greedy:
        one.close()
    taken = 0
    with pytest.raises(QuotaWaitError):
        for _ in range(8):
            take(running, first, 1)
            taken += 1
    assert taken == 4, "the others are for the one that waits"
    take(running, second, 4)


def test_who_gave_up_waiting_no_longer_keeps_others_from_what_is_free(permits_of, clock, running):
    connection = make_connection("mailchimp")
    first, second = permits_of(connection, max_sleep=0.5), permits_of(connection, max_sleep=0.5)
    greedy = ExitStack()
    take(greedy, first, 8)
    with pytest.raises(QuotaWaitError):
        call(second)
    assert RateSlot.objects.filter(slot__gte=WAITING).count() == 1
    clock.now += 3.5
    greedy.close()
    second.close()
    assert not RateSlot.objects.filter(slot__gte=WAITING).exists()
    take(running, first, 8)


def test_a_dead_workers_wish_ends_by_itself(permits_of, clock, running):
    connection = make_connection("mailchimp")
    first, second = permits_of(connection, max_sleep=0.5), permits_of(connection, max_sleep=0.5)
    greedy = ExitStack()
    take(greedy, first, 8)
    with pytest.raises(QuotaWaitError):
        call(second)
    clock.now += 15
    greedy.close()
    take(running, first, 8)


def test_who_has_got_a_slot_waits_no_more(permits_of, clock, running):
    connection = make_connection("mailchimp")
    first, second = permits_of(connection, max_sleep=0.5), permits_of(connection, max_sleep=0.5)
    greedy = ExitStack()
    take(greedy, first, 8)
    with pytest.raises(QuotaWaitError):
        call(second)
    clock.now += 3.5
    greedy.close()
    call(second)
    assert not RateSlot.objects.filter(slot__gte=WAITING).exists()
