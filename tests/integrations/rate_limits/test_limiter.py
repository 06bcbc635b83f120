"""Permits as an adapter sees them: short waits are slept, long ones raise, nothing is written where nothing limits."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from django.db import connection as database

from integrations.exceptions import EngineError, QuotaWaitError
from integrations.models import RateBucket, RateSlot, RateUse
from integrations.rate_limits.limiter import ConnectionPermits
from tests.factories import make_connection, make_sync
from tests.integrations.rate_limits.simulation import START, most_in_any

pytestmark = pytest.mark.django_db


def call(permits: ConnectionPermits, group: str = "crm", times: int = 1) -> None:
    for _ in range(times):
        with permits.permit(group):
            pass


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """Calls entered here run until the test is over: closed here, not by the garbage collector in another test."""
    with ExitStack() as stack:
        yield stack


def use_up(connection, name: str, left: int = 0) -> None:
    """As if all but `left` calls of the day had been made."""
    row = RateBucket.objects.get(connection=connection, name=name)
    row.state["log"] = [[end, row.limit - left] for end, _ in row.state["log"][-1:]]
    row.save()


def test_a_saturating_client_gets_97_percent_and_never_more_than_the_limit(permits_of, clock):
    permits, calls = permits_of(make_connection(tier="pro")), []
    while clock.now < START + 60:
        with permits.permit("crm"):
            calls.append(clock.now)
            clock.now += 0.01
    assert most_in_any(10, calls) <= 190
    assert len([at for at in calls if at >= START + 10]) >= 0.97 * 50 * 19
    assert max(clock.slept) <= 1.5


def test_it_writes_a_few_times_a_second_however_fast_it_calls(permits_of, clock, django_assert_max_num_queries):
    permits = permits_of(make_connection(tier="pro"))
    with django_assert_max_num_queries(20 * 16):
        while clock.now < START + 20:
            call(permits)


@pytest.mark.parametrize(("platform", "tier"), [("hubspot", "unlimited"), ("unheard_of", "")])
def test_an_unlimited_connection_costs_no_query_per_call(permits_of, clock, django_assert_num_queries, platform, tier):
    permits = permits_of(make_connection(platform, tier=tier))
    with django_assert_num_queries(0):
        call(permits, times=500)
        permits.learn("crm", {"X-HubSpot-RateLimit-Max": "1", "X-HubSpot-RateLimit-Remaining": "0"}, 200)
        call(permits)
    assert clock.slept == []
    assert not RateBucket.objects.exists()


def test_an_unlimited_connection_still_honours_a_pause_and_counts_its_calls(permits_of, clock):
    permits = permits_of(make_connection(tier="unlimited"), sync_id=7)
    permits.pause("crm", 3, "HubSpot asks us to slow down")
    call(permits)
    assert sum(clock.slept) == pytest.approx(3)
    permits.close()
    assert RateUse.objects.get().calls == 1


def test_a_used_up_day_raises_with_a_sentence_and_the_time(permits_of, clock):
    connection = make_connection(tier="pro")
    permits = permits_of(connection)
    call(permits)
    permits.close()
    use_up(connection, "daily")
    with pytest.raises(QuotaWaitError) as caught:
        call(permits_of(connection))
    assert caught.value.message == "HubSpot's daily limit is used up; it starts again at 00:00."
    assert caught.value.retry_at == datetime(2026, 11, 7, 0, 0, 30, tzinfo=UTC)
    assert clock.slept == []
    clock.now = caught.value.retry_at.timestamp()
    call(permits_of(connection))


def test_the_last_calls_of_a_day_are_not_kept_back(permits_of):
    connection = make_connection(tier="pro")
    permits = permits_of(connection)
    call(permits)
    permits.close()
    use_up(connection, "daily", left=3)
    permits = permits_of(connection)
    call(permits, times=3)
    with pytest.raises(QuotaWaitError):
        call(permits)


def test_a_wait_longer_than_max_sleep_raises_instead(permits_of, clock):
    permits = permits_of(make_connection(tier="pro"), max_sleep=0.2)
    with pytest.raises(QuotaWaitError) as caught:
        call(permits, times=400)
    assert "HubSpot's 10-second limit is used up; it goes on at" in caught.value.message
    assert caught.value.retry_at.timestamp() > clock.now + 0.2
    assert max(clock.slept, default=0) <= 0.2


def test_a_call_may_count_as_several(permits_of, clock):
    permits, calls = permits_of(make_connection(tier="starter")), []
    while clock.now < START + 30:
        with permits.permit("crm", cost=7):
            calls += [clock.now] * 7
    assert 90 <= most_in_any(10, calls) <= 100


def test_a_call_that_can_never_fit_is_refused_at_once(permits_of):
    with (
        pytest.raises(EngineError, match="counts as 300 can never fit into the 10-second limit"),
        permits_of(make_connection(tier="pro")).permit("crm", cost=300),
    ):
        pass


def test_a_group_the_policy_does_not_know_is_an_error_of_ours(permits_of):
    with pytest.raises(EngineError, match="have no group “files”"):
        call(permits_of(make_connection()), "files")


def test_groups_share_the_limits_they_share(permits_of):
    connection = make_connection(tier="pro")
    permits = permits_of(connection)
    call(permits, "crm", 30)
    call(permits, "search", 3)
    permits.close()
    used = dict(RateBucket.objects.filter(connection=connection).values_list("name", "used"))
    assert used == {"burst": 30, "search": 3, "daily": 33}


def test_closing_gives_back_what_was_not_used(permits_of, clock):
    connection = make_connection("salesforce")
    permits = permits_of(connection)
    call(permits, "api", 40)
    assert RateBucket.objects.get().used > 40
    permits.close()
    assert RateBucket.objects.get().used == 40
    assert RateBucket.objects.get().state["holds"] == {}


def test_a_pause_holds_every_worker_and_says_why(permits_of, clock):
    connection = make_connection(tier="pro")
    first, second = permits_of(connection), permits_of(connection)
    first.pause("crm", 4000, "HubSpot's daily limit is used up.")
    for permits in (first, second):
        with pytest.raises(QuotaWaitError) as caught:
            call(permits)
        assert caught.value.message == "HubSpot's daily limit is used up. Next try at 22:27."
        assert caught.value.retry_at.timestamp() == pytest.approx(START + 4000)
    assert RateBucket.objects.get(name="daily").blocked_reason == "HubSpot's daily limit is used up."
    clock.now += 4001
    call(second)
    assert RateBucket.objects.get(name="daily").blocked_until is None


def test_a_short_pause_stops_only_its_own_endpoints(permits_of, clock):
    connection = make_connection(tier="pro")
    permits = permits_of(connection)
    permits.pause("search", 1, "")
    call(permits, "crm", 5)
    assert clock.slept == []
    call(permits, "search")
    assert sum(clock.slept) == pytest.approx(1)


def test_the_platforms_own_limit_replaces_the_policys(permits_of):
    connection = make_connection(tier="starter")
    permits = permits_of(connection)
    call(permits)
    permits.learn("crm", {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "189"}, 200)
    permits.close()
    row = RateBucket.objects.get(name="burst")
    assert (row.limit, row.reported_limit, row.reported_remaining) == (190, 190, 189)


def test_less_left_than_we_thought_is_believed(permits_of, clock):
    connection = make_connection("salesforce")
    permits = permits_of(connection)
    call(permits, "api")
    permits.learn("api", {"Sforce-Limit-Info": "api-usage=99998/100000; api-bursts=1/750"}, 200)
    with pytest.raises(QuotaWaitError, match="Salesforce's daily limit is used up; it goes on at 22:20"):
        call(permits, "api", 50)
    permits.close()
    assert RateBucket.objects.get().reported_remaining == 2


def test_learning_costs_no_query_of_its_own(permits_of, django_assert_num_queries):
    permits = permits_of(make_connection(tier="pro"))
    call(permits)
    with django_assert_num_queries(0):
        for left in range(100):
            headers = {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": str(left)}
            permits.learn("crm", headers, 200)


def test_a_reserve_is_never_touched(permits_of, clock):
    permits, calls = permits_of(make_connection(tier="pro", reserve_percent=50)), []
    while clock.now < START + 30:
        with permits.permit("crm"):
            calls.append(clock.now)
            clock.now += 0.001
    assert 90 <= most_in_any(10, calls) <= 95


def test_calls_are_counted_per_sync_and_hour_in_batches(permits_of, clock):
    connection = make_connection("salesforce")
    one, other = permits_of(connection, sync_id=1), permits_of(connection, sync_id=2)
    call(one, "api", 30)
    assert not RateUse.objects.exists()
    clock.now += 3600
    call(one, "api", 5)
    call(other, "api", 2)
    one.close()
    other.close()
    rows = RateUse.objects.order_by("sync", "hour").values_list("sync", "hour", "calls")
    at = [datetime(2026, 11, 6, hour, tzinfo=UTC) for hour in (21, 22)]
    assert list(rows) == [(1, at[0], 30), (1, at[1], 5), (2, at[1], 2)]


def test_a_syncs_priority_is_its_weight(permits_of, clock):
    connection = make_connection(tier="pro")
    syncs = [make_sync(source=connection, priority=priority) for priority in (9, 1)]
    permits = [permits_of(connection, sync_id=sync.pk) for sync in syncs]
    weights = {}
    for turn in range(800):
        call(permits[turn % 2])
        if turn % 20 == 0:
            turns = RateBucket.objects.get(name="burst").state["turns"]
            weights |= {int(sync): weight for sync, (weight, _, _) in turns.items()}
    assert weights == {syncs[0].pk: 9, syncs[1].pk: 1}


@pytest.mark.parametrize("jump", [-3.0, -3600.0], ids=["3 seconds", "an hour"])
def test_a_clock_set_back_hands_out_no_more(permits_of, clock, jump):
    permits, calls, behind = permits_of(make_connection(tier="pro")), [], 0.0
    for second in range(30):
        if second == 12:
            clock.now += jump
            behind = -jump
        until = clock.now + 1
        while clock.now < until:
            with permits.permit("crm"):
                calls.append(clock.now + behind)
                clock.now += 0.001
    assert most_in_any(10, calls) <= 190
    assert len([at for at in calls if at > START + 20]) >= 0.97 * 9 * 19


def test_a_running_call_holds_a_slot_and_frees_it(permits_of):
    permits = permits_of(make_connection("salesforce", tier="developer"))
    with permits.permit("bulk"):
        assert RateSlot.objects.count() == 1
    assert not RateSlot.objects.exists()


def test_short_calls_need_no_slot(permits_of):
    with permits_of(make_connection("salesforce")).permit("api"):
        assert not RateSlot.objects.exists()


def test_the_sixth_long_call_waits_for_a_slot_and_says_so(permits_of, clock, running):
    connection = make_connection("salesforce", tier="developer")
    for _ in range(4):
        running.enter_context(permits_of(connection).permit("bulk"))
    fifth = running.enter_context(ExitStack())
    fifth.enter_context(permits_of(connection).permit("bulk"))
    with pytest.raises(QuotaWaitError) as caught:
        call(permits_of(connection, max_sleep=1.0), "bulk")
    assert caught.value.message == (
        "Salesforce's limit of calls that take longer than 20 seconds is reached; it goes on when a call has ended."
    )
    assert 0.5 <= sum(clock.slept) <= 1.0
    fifth.close()
    call(permits_of(connection), "bulk")


def test_a_dead_holders_slot_is_free_when_its_lease_ends(permits_of, clock, running):
    connection = make_connection("salesforce", tier="developer")
    for _ in range(5):
        running.enter_context(permits_of(connection).permit("bulk"))
    clock.now += 601
    with permits_of(connection).permit("bulk"):
        assert RateSlot.objects.filter(expires_at__gt=datetime.fromtimestamp(clock.now, UTC)).count() == 1


def test_a_slot_that_was_taken_over_is_not_freed_by_its_old_holder(permits_of, clock, running):
    connection = make_connection("salesforce", tier="developer")
    running.enter_context(permits_of(connection).permit("bulk"))
    clock.now += 601
    with permits_of(connection).permit("bulk"):
        running.close()
        assert RateSlot.objects.count() == 1


def test_a_call_that_fails_still_counts_and_frees_everything(permits_of):
    connection = make_connection("salesforce")
    permits = permits_of(connection)
    with pytest.raises(RuntimeError), permits.permit("bulk"):
        raise RuntimeError("the network is gone")
    permits.close()
    assert not RateSlot.objects.exists()
    assert RateBucket.objects.get().used == 1


def test_closing_twice_changes_nothing(permits_of):
    connection = make_connection("salesforce")
    permits = permits_of(connection)
    call(permits, "api", 3)
    permits.close()
    before = RateBucket.objects.values().get()
    permits.close()
    after = RateBucket.objects.values().get()
    assert (before["used"], RateUse.objects.get().calls) == (after["used"], 3)


def test_the_databases_connection_of_the_main_thread_stays_open(permits_of):
    call(permits_of(make_connection()))
    assert database.connection is not None
