"""Many calls, a few at one time."""

import threading
import time

import pytest

from integrations.adapters.deadline import finish_within, seconds_left
from integrations.adapters.mailchimp.side_by_side import SideBySide
from integrations.exceptions import SignInError, TransientError


@pytest.fixture
def side_by_side():
    made = SideBySide(width=4)
    yield made
    made.close()


def test_results_come_in_order_and_no_more_than_a_few_run_at_once(side_by_side):
    lock, under_way, most = threading.Lock(), [0], [0]

    def make(i):
        def task():
            with lock:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
            time.sleep(0.002 * (i % 3))
            with lock:
                under_way[0] -= 1
            return i

        return task

    assert side_by_side.run([make(i) for i in range(40)]) == list(range(40))
    assert 1 < most[0] <= 4


def test_the_first_failure_is_raised_when_nothing_runs_any_more(side_by_side):
    ran, done = [], []

    def make(i):
        def task():
            ran.append(i)
            if i == 2:
                raise SignInError("No.")
            time.sleep(0.02)
            done.append(i)

        return task

    with pytest.raises(SignInError):
        side_by_side.run([make(i) for i in range(100)])
    assert len(ran) < 100 and sorted([*done, 2]) == sorted(ran)


def test_what_does_not_get_its_turn_in_time_is_trouble_that_passes(side_by_side):
    with pytest.raises(TransientError) as caught:
        side_by_side.run([lambda: time.sleep(0.3)] * 20, seconds=1.5)
    assert caught.value.code == "slow" and caught.value.message.endswith(".")


def test_each_call_gets_what_is_left_of_the_time_a_person_waits(side_by_side):
    with finish_within(9.0):
        left = side_by_side.run([lambda: seconds_left(60.0)] * 8)
    assert all(7.0 < one <= 9.0 for one in left)


def test_nothing_to_do_takes_no_thread(side_by_side):
    before = threading.active_count()
    assert side_by_side.run([]) == [] and side_by_side.run([lambda: 7]) == [7]
    assert threading.active_count() == before


def test_closed_it_can_be_closed_again_and_used(side_by_side):
    side_by_side.run([lambda: 1] * 4)
    side_by_side.close()
    side_by_side.close()
    assert side_by_side.run([lambda: 1] * 4) == [1] * 4
