"""What the limits page shows: from the books, moved on to now, in the same number of queries for one row and for fifty."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from integrations.models import Connection, RateBucket, RateSlot, RateUse
from integrations.queries.limits import ConnectionLimits, LimitView, connection_limits, daily_limits
from integrations.rate_limits.limiter import ConnectionPermits
from tests.factories import make_connection, make_sync

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 7, 12, 0, tzinfo=UTC)


def make_bucket(connection: Connection, name: str, used: int, *, at: datetime = NOON, **values: object) -> RateBucket:
    """A bucket whose calls count until the end of the day, or for the next ten seconds."""
    end = (at + (timedelta(seconds=10) if name == "burst" else timedelta(hours=12))).timestamp()
    state = {"at": at.timestamp(), "log": [[end, used]]}
    return RateBucket.objects.create(connection=connection, name=name, state=state, **values)


def make_use(connection: Connection, sync: int, calls: int, at: datetime = NOON) -> RateUse:
    return RateUse.objects.create(connection=connection, sync=sync, hour=at.replace(minute=0), calls=calls)


def only_card(now: datetime = NOON) -> ConnectionLimits:
    (found,) = connection_limits(now)
    return found


def daily(now: datetime = NOON) -> LimitView:
    found = only_card(now).daily
    assert found
    return found


def test_a_connection_that_was_never_used_has_everything_left():
    make_connection(tier="pro")
    found = daily()
    assert (found.used, found.limit, found.left, found.percent, found.state) == (0, 625_000, 625_000, 0, "ok")
    assert found.resets_at == datetime(2026, 11, 8, tzinfo=UTC)
    assert found.forecast is None
    assert only_card().tier_label == "Professional"


def test_a_used_limit_says_how_much_and_where_the_day_ends():
    make_bucket(make_connection(tier="pro"), "daily", 200_000)
    found = daily()
    assert (found.used, found.left, found.percent, found.forecast, found.state) == (200_000, 425_000, 32, 64, "ok")


@pytest.mark.parametrize(
    ("used", "state"), [(250_000, "ok"), (320_000, "warn"), (510_000, "warn"), (625_000, "waiting")]
)
def test_a_limit_that_fills_up_is_marked(used, state):
    make_bucket(make_connection(tier="pro"), "daily", used)
    assert daily().state == state


def test_a_used_up_limit_says_when_it_goes_on():
    make_bucket(make_connection(tier="pro"), "daily", 625_000)
    assert daily().continues_at == datetime(2026, 11, 8, tzinfo=UTC)


def test_the_reserve_is_not_ours_to_use():
    make_bucket(make_connection(tier="pro", reserve_percent=20), "daily", 500_000)
    found = daily()
    assert (found.left, found.state, found.percent) == (0, "waiting", 80)


def test_it_is_moved_on_to_now_without_being_written():
    bucket = make_bucket(make_connection(tier="pro"), "burst", 190)
    assert only_card(NOON + timedelta(seconds=1)).short[0].used == 190
    assert only_card(NOON + timedelta(seconds=20)).short[0].used == 0
    bucket.refresh_from_db()
    assert bucket.version == 0


def test_a_full_short_window_is_no_reason_to_worry_but_a_pause_is_shown():
    connection = make_connection(tier="pro")
    bucket = make_bucket(connection, "burst", 190)
    assert only_card().short[0].state == "ok"
    RateBucket.objects.filter(pk=bucket.pk).update(
        blocked_until=NOON + timedelta(seconds=8), blocked_reason="HubSpot asks us to slow down."
    )
    found = only_card().short[0]
    assert (found.state, found.reason) == ("waiting", "HubSpot asks us to slow down.")
    assert found.continues_at == NOON + timedelta(seconds=10)


def test_the_platforms_own_limit_is_shown():
    make_bucket(make_connection("salesforce"), "daily", 50_000, reported_limit=125_000)
    assert daily().limit == 125_000


def test_a_rolling_day_is_forecast_from_todays_pace():
    connection = make_connection("salesforce")
    make_bucket(connection, "daily", 30_000)
    make_use(connection, 0, 30_000, NOON - timedelta(hours=2))
    found = daily()
    assert (found.forecast, found.resets_at) == (60, None)


def test_what_permits_wrote_is_what_the_page_shows():
    connection = make_connection(tier="pro")
    permits = ConnectionPermits(connection, sync_id=4, clock=NOON.timestamp)
    for _ in range(12):
        with permits.permit("crm"):
            pass
    permits.learn("crm", {"X-HubSpot-RateLimit-Daily": "625000", "X-HubSpot-RateLimit-Daily-Remaining": "500000"}, 200)
    permits.close()
    card = only_card()
    assert (card.daily.used, card.daily.others, card.short[0].used) == (125_000, 124_988, 12)
    assert [(use.sync_id, use.calls) for use in card.uses] == [(4, 12)]


def test_calls_are_shown_per_sync_most_first():
    sync = make_sync()
    make_use(sync.source, sync.pk, 60)
    make_use(sync.source, sync.pk, 15, NOON - timedelta(hours=3))
    make_use(sync.source, 0, 25)
    make_use(sync.source, 999, 0, NOON - timedelta(days=2))
    (card,) = connection_limits(NOON, sync.source.pk)
    assert [(use.name, use.calls, use.percent) for use in card.uses] == [(sync.name, 75, 75), ("", 25, 25)]
    assert card.calls_today == 100


def test_the_last_seven_days_are_shown_with_their_gaps():
    connection = make_connection()
    make_use(connection, 1, 40)
    make_use(connection, 2, 10)
    make_use(connection, 1, 100, NOON - timedelta(days=6))
    make_use(connection, 1, 900, NOON - timedelta(days=7))
    days = only_card().days
    assert [(day.calls, day.percent) for day in days] == [(100, 100), *[(0, 0)] * 5, (50, 50)]
    assert days[-1].day == NOON.date()


def test_days_begin_at_the_panels_midnight(settings):
    settings.TIME_ZONE = "America/New_York"
    make_use(make_connection(), 1, 40, NOON - timedelta(hours=9))
    assert [day.calls for day in only_card().days][-2:] == [40, 0]
    assert only_card().uses == ()


def test_running_calls_are_counted_against_their_slots_and_those_that_wait_are_not():
    connection = make_connection("salesforce", tier="developer")
    for slot, minutes in ((0, 5), (1, 5), (2, -5), (10_001, 5)):
        RateSlot.objects.create(
            connection=connection,
            name="long_calls",
            slot=slot,
            holder="x",
            expires_at=NOON + timedelta(minutes=minutes),
        )
    (found,) = only_card().slots
    assert (found.used, found.slots) == (2, 5)


@pytest.mark.parametrize(
    ("platform", "tier", "is_unlimited", "has_policy"),
    [("hubspot", "unlimited", True, True), ("unheard_of", "", False, False)],
)
def test_a_connection_without_limits_says_so(platform, tier, is_unlimited, has_policy):
    make_connection(platform, tier=tier)
    card = only_card()
    assert (card.is_unlimited, card.has_policy, card.limits, card.daily) == (is_unlimited, has_policy, (), None)


def test_a_wrong_tier_is_a_sentence_on_its_card_and_harms_no_other():
    make_connection(name="A", tier="gold")
    make_connection(name="B", tier="pro")
    wrong, right = connection_limits(NOON)
    assert "“gold”" in wrong.problem
    assert (wrong.limits, len(right.limits), right.problem) == ((), 3, "")
    assert daily_limits(NOON) == ()


def test_connections_to_one_account_show_the_same_day():
    first, second = make_connection(name="A", account_id="146"), make_connection(name="B", account_id="146")
    make_bucket(first, "daily", 1000)
    make_bucket(second, "burst", 7)
    one, other = connection_limits(NOON)
    assert (one.daily.used, other.daily.used) == (1000, 1000)
    assert (one.short[0].used, other.short[0].used) == (0, 7)


def test_the_overview_shows_daily_limits_fullest_first():
    low, high = make_connection("salesforce"), make_connection(tier="pro")
    make_bucket(low, "daily", 1000)
    make_bucket(high, "daily", 500_000)
    make_connection("salesforce")
    assert [(one, limit.percent) for one, limit in daily_limits(NOON)] == [(high, 80), (low, 1)]


def test_it_costs_the_same_for_one_connection_and_for_fifty():
    def queries(read) -> int:
        with CaptureQueriesContext(database) as caught:
            read()
        return len(caught)

    counted = []
    for size in (1, 49):
        for n in range(size):
            sync = make_sync()
            make_bucket(sync.source, "daily", 1000 + n)
            for days in range(3):
                make_use(sync.source, sync.pk, 10, NOON - timedelta(days=days))
        counted.append((queries(lambda: connection_limits(NOON)), queries(lambda: daily_limits(NOON))))
    assert counted == [(6, 2), (6, 2)]


def test_secrets_are_not_loaded():
    make_connection()
    assert {"secrets", "token"} <= only_card().connection.get_deferred_fields()
