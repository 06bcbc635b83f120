"""No window ever holds more than the limit, a busy client gets nearly all of it, and syncs share it by weight."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rate_limits.allowances import Allowance
from integrations.rate_limits.bucket import Bucket, Call
from integrations.rate_limits.headers import Told
from tests.integrations.rate_limits.simulation import START, Simulation, Worker, most_in_any

TEN_SECONDS = Allowance("burst", "10-second limit", 1, 190, 10.0)
ONE_SECOND = Allowance("search", "search limit", 1, 5, 1.0)
DAILY = Allowance("daily", "daily limit", 1, 1000, 86_400.0, "midnight")
ROLLING_DAY = Allowance("daily", "daily limit", 1, 1000, 86_400.0)


def uneven(seed: int, most: float):
    """A latency that differs from call to call."""
    chance = random.Random(seed)
    return lambda: chance.random() * most


@settings(max_examples=25)
@given(
    allowance=st.sampled_from(
        [TEN_SECONDS, ONE_SECOND, replace(TEN_SECONDS, permits=7), replace(ONE_SECOND, permits=50)]
    ),
    workers=st.lists(
        st.tuples(
            st.integers(1, 3),
            st.integers(1, 9),
            st.floats(0, 0.4),
            st.floats(0, 0.3),
            st.sampled_from([float("inf"), 5.0, 11.0]),
        ),
        min_size=1,
        max_size=6,
    ),
    seed=st.integers(0, 99),
)
def test_no_window_of_the_platform_ever_holds_more_than_the_limit(allowance, workers, seed):
    simulation = Simulation(allowance, seed)
    simulation.run([Worker(s, w, uneven(seed, slow), uneven(seed + 1, idle), d) for s, w, slow, idle, d in workers], 25)
    assert most_in_any(allowance.window, simulation.counted) <= allowance.permits


@pytest.mark.parametrize("workers", [1, 2, 8], ids=["one worker", "two workers", "eight workers"])
@pytest.mark.parametrize(("allowance", "latency"), [(TEN_SECONDS, 0.0), (TEN_SECONDS, 0.03), (ONE_SECOND, 0.01)])
def test_busy_workers_get_97_percent_of_the_limit_or_more(allowance, latency, workers):
    simulation = Simulation(allowance)
    simulation.run([Worker(latency=lambda: latency)] * workers, 60)
    late = [moment for moment in simulation.counted if moment >= START + 10]
    assert len(late) >= 0.97 * 50 * allowance.permits / allowance.window
    assert most_in_any(allowance.window, simulation.counted) <= allowance.permits


def test_slow_answers_cost_little_when_many_calls_run_at_once():
    simulation = Simulation(TEN_SECONDS)
    simulation.run([Worker(latency=uneven(n, 0.6)) for n in range(16)], 60)
    late = [moment for moment in simulation.counted if moment >= START + 10]
    assert len(late) >= 0.97 * 50 * 19


def test_a_busy_worker_writes_about_twice_a_second():
    simulation = Simulation(TEN_SECONDS)
    simulation.run([Worker()], 60)
    assert simulation.writes <= 3 * 60


@pytest.mark.parametrize("weights", [(5, 5), (8, 2), (6, 3, 1)], ids=["equal", "four to one", "three syncs"])
def test_busy_syncs_share_the_limit_by_their_weight(weights):
    simulation = Simulation(TEN_SECONDS)
    simulation.run([Worker(sync, weight, lambda: 0.01) for sync, weight in enumerate(weights)], 100)
    total = sum(simulation.by_sync.values())
    shares = [simulation.by_sync[sync] / total for sync in range(len(weights))]
    assert shares == pytest.approx([weight / sum(weights) for weight in weights], abs=0.06)
    assert total >= 0.97 * 100 * 19


def test_more_workers_do_not_give_a_sync_more_than_its_share():
    simulation = Simulation(TEN_SECONDS)
    crowd = [Worker(1, 5, lambda: 0.01)] * 6
    simulation.run([*crowd, Worker(2, 5, lambda: 0.01)], 100)
    assert simulation.by_sync[2] / sum(simulation.by_sync.values()) == pytest.approx(0.5, abs=0.08)


def test_what_an_unhurried_sync_leaves_goes_to_the_busy_one():
    simulation = Simulation(TEN_SECONDS)
    simulation.run([Worker(1, 5), Worker(2, 5, pause=lambda: 1.0)], 60)
    assert simulation.by_sync[2] >= 35
    assert sum(simulation.by_sync.values()) >= 0.97 * 60 * 19


def test_permits_of_a_dead_worker_count_as_used_and_then_expire():
    bucket = Bucket(ONE_SECOND, 5)
    bucket.advance(START)
    bucket.take("dead", bucket.times(3), 0, 1, 5, short=False)
    assert bucket.left == 2
    bucket.advance(START + 1.5)
    assert (bucket.held, bucket.used, bucket.left) == (0, 3, 2)
    bucket.advance(START + 3)
    assert bucket.left == 5


def test_permits_given_back_are_free_at_once():
    bucket = Bucket(TEN_SECONDS, 190)
    bucket.advance(START)
    bucket.take("w", bucket.times(10), 0, 1, 5, short=False)
    bucket.report("w", [Call(START, START + 0.1)] * 4, 0)
    assert (bucket.held, bucket.used, bucket.left) == (0, 4, 186)


def test_a_late_report_of_an_expired_hold_is_not_counted_twice():
    bucket = Bucket(TEN_SECONDS, 190)
    bucket.advance(START)
    bucket.take("w", bucket.times(10), 0, 1, 5, short=False)
    bucket.advance(START + 3)
    bucket.report("w", [Call(START, START + 0.1)] * 10, 0)
    assert bucket.used == 10


@pytest.mark.parametrize("jump", [-0.5, -4.0, -60.0, -7200.0], ids=["half a second", "4 s", "a minute", "two hours"])
def test_a_clock_that_jumps_backwards_hands_out_nothing_more(jump):
    bucket = Bucket(TEN_SECONDS, 190)
    bucket.advance(START)
    bucket.report("w", [], 0)
    bucket.take("w", [START] * 190, 0, 1, 5, short=False)
    bucket.report("w", [Call(START, START)] * 190, 0)
    bucket.advance(START + jump)
    assert bucket.left == 0
    bucket.advance(START + jump + 9)
    assert bucket.left == 0
    bucket.advance(START + max(jump, -5) + 16 if jump >= -5 else START + jump + 10.1)
    assert bucket.left == 190


def test_a_reserve_is_left_to_other_tools_even_when_they_do_not_use_it():
    bucket = Bucket(replace(DAILY, reserve_percent=10), 1000)
    bucket.advance(START)
    assert bucket.left == 900


def test_other_tools_use_their_reserve_before_ours():
    bucket = Bucket(replace(DAILY, reserve_percent=10), 1000)
    bucket.advance(START)
    bucket.believe(Told(1000, 80, START))
    assert bucket.left == 900
    bucket.believe(Told(1000, 150, START))
    assert bucket.left == 850


def test_a_daily_limit_starts_again_at_midnight_of_the_account():
    bucket = Bucket(replace(DAILY, zone="America/New_York"), 1000)
    at = 1_794_024_000.0  # 2026-11-06 23:00 in New York
    bucket.advance(at)
    bucket.take("w", [at] * 1000, 0, 1, 5, short=False)
    bucket.report("w", [Call(at, at)] * 1000, 0)
    assert bucket.times(1) == [at + 3600]
    bucket.advance(at + 3600)
    assert bucket.left == 1000


def test_a_rolling_day_frees_calls_as_they_grow_old():
    bucket = Bucket(ROLLING_DAY, 1000)
    for hour in (0, 12):
        at = START + hour * 3600
        bucket.advance(at)
        bucket.take("w", [at] * 500, 0, 1, 5, short=False)
        bucket.report("w", [Call(at, at)] * 500, 0)
    first, later = bucket.times(501)[0], bucket.times(501)[500]
    assert first == pytest.approx(START + 86_400, abs=500)
    assert later == pytest.approx(START + 12 * 3600 + 86_400, abs=500)


def test_an_answer_from_before_midnight_says_nothing_about_today():
    bucket = Bucket(DAILY, 1000)
    midnight = 1_794_009_600.0  # 2026-11-07 00:00 UTC
    bucket.advance(midnight + 20)
    bucket.believe(Told(1000, 1000, midnight + 10))
    assert bucket.left == 1000
    bucket.advance(midnight + 120)
    bucket.believe(Told(1000, 1000, midnight + 110))
    assert bucket.left == 0


def test_what_other_tools_used_is_asked_again_within_the_hour():
    bucket = Bucket(ROLLING_DAY, 1000)
    bucket.advance(START)
    bucket.believe(Told(1000, 1000, START))
    assert bucket.times(1) == [START + 3600]


def test_our_own_calls_are_not_taken_for_other_tools():
    bucket = Bucket(TEN_SECONDS, 190)
    bucket.advance(START)
    bucket.take("w", [START] * 20, 0, 1, 5, short=False)
    bucket.report("w", [Call(START, START)] * 12, 8)
    bucket.believe(Told(190, 20, START))
    assert bucket.foreign == 0
    bucket.believe(Told(190, 100, START))
    assert (bucket.foreign, bucket.left) == (80, 90)


def test_each_refusal_of_the_platform_doubles_the_slack_for_an_hour():
    bucket = Bucket(ONE_SECOND, 5)
    bucket.advance(START)
    before = bucket.slack
    bucket.pause(START + 1, "")
    bucket.pause(START + 1, "")
    assert bucket.slack == pytest.approx(4 * before)
    for _ in range(20):
        bucket.pause(START + 1, "")
    assert bucket.slack == pytest.approx(0.2)
    again = Bucket(ONE_SECOND, 5)
    again.read_state(bucket.to_state() | {"at": START + 3601})
    assert again.slack == pytest.approx(before)
