"""What one worker has in hand."""

import pytest

from integrations.rate_limits.allowances import Allowance, GroupAllowance
from integrations.rate_limits.bucket import Bucket
from integrations.rate_limits.lane import Asker, Lane, Refusal, Use, ask, report
from integrations.rate_limits.schedule import UNKNOWN, free_times
from tests.integrations.rate_limits.simulation import START

BURST = Allowance("burst", "10-second limit", 1, 100, 10.0)
DAILY = Allowance("daily", "daily limit", 1, 20, 86_400.0, "midnight")


def bucket_at(allowance: Allowance, now: float = START) -> Bucket:
    bucket = Bucket(allowance, allowance.permits)
    bucket.advance(now)
    return bucket


def take(lane: Lane, buckets: list[Bucket], want: int) -> list[float] | Refusal:
    running, _ = report(lane, buckets, lane.settled(START, 0.15))
    answer, _ = ask(buckets, Asker(lane.holder, 1, 5), 1, want, running)
    return answer


def test_a_call_under_way_stays_charged_when_more_is_taken():
    lane, bucket = Lane("w", GroupAllowance((BURST,))), bucket_at(BURST)
    lane.fill(take(lane, [bucket], 3), START, START + 1)
    for _ in range(3):
        assert lane.pop(1, START).start(START)
    take(lane, [bucket], 4)
    assert (bucket.used, bucket.held) == (0, 7)


def test_a_worker_that_overslept_may_not_use_its_permit_and_it_counts_as_used():
    use = Use(ready_at=START, good_until=START + 1, cost=1)
    assert not use.start(START + 1.5)
    assert (use.started, use.ended) == (START + 1.5, START + 1.5)


def test_a_worker_in_time_starts_no_earlier_than_its_permit_says():
    use = Use(ready_at=START, good_until=START + 1, cost=1)
    assert use.start(START - 0.001)
    assert use.started == START


def test_the_last_permits_of_a_day_are_shared_between_workers():
    bucket = bucket_at(DAILY)
    first = take(Lane("a", GroupAllowance((DAILY,))), [bucket], 10)
    second = take(Lane("b", GroupAllowance((DAILY,))), [bucket], 10)
    assert (len(first), len(second)) == (10, 5)


def test_permits_come_from_all_limits_or_from_none():
    burst, daily = bucket_at(BURST), bucket_at(DAILY)
    daily.log = {DAILY.end_of(START): 20}
    answer = take(Lane("w", GroupAllowance((BURST, DAILY))), [burst, daily], 5)
    assert isinstance(answer, Refusal)
    assert (answer.limit, answer.until) == (DAILY, DAILY.end_of(START))
    assert burst.held == 0


def test_permits_only_another_worker_can_give_back_are_looked_for_again_soon():
    bucket = bucket_at(DAILY)
    take(Lane("a", GroupAllowance((DAILY,))), [bucket], 20)
    answer = take(Lane("b", GroupAllowance((DAILY,))), [bucket], 1)
    assert isinstance(answer, Refusal)
    assert answer.until == START + 1


@pytest.mark.parametrize(
    ("count", "free", "ends", "moments"),
    [
        (2, 5, [], [0, 0]),
        (3, 1, [(4, 1), (6, 5)], [0, 4, 6]),
        (2, -2, [(4, 1), (6, 2), (8, 1)], [6, 8]),
        (2, 0, [(4, 1)], [4, UNKNOWN]),
    ],
    ids=["all free", "some free", "too many made", "the rest is in other hands"],
)
def test_permits_are_free_as_earlier_calls_stop_counting(count, free, ends, moments):
    assert free_times(count, 0, free, ends) == moments
