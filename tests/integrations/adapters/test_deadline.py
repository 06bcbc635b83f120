"""While a person waits, calls and waits share one time."""

import threading

import pytest

from integrations.adapters.deadline import finish_within, seconds_left


def test_outside_of_it_everything_takes_the_time_it_may():
    assert seconds_left(25.0) == 25.0


def test_inside_nothing_gets_more_than_what_is_left():
    with finish_within(5.0):
        assert seconds_left(1.0) == 1.0
        assert 4.0 < seconds_left(25.0) <= 5.0


def test_over_is_over():
    with finish_within(-1.0):
        assert seconds_left(25.0) == 0.0
    assert seconds_left(25.0) == 25.0


def test_it_ends_with_the_block_also_after_a_fault():
    with pytest.raises(KeyError), finish_within(1.0):
        raise KeyError
    assert seconds_left(25.0) == 25.0


def test_other_threads_have_their_own_time():
    found = []
    with finish_within(1.0):
        thread = threading.Thread(target=lambda: found.append(seconds_left(25.0)))
        thread.start()
        thread.join()
    assert found == [25.0]
