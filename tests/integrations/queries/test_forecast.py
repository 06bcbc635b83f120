"""Speed, time left and the usual range."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.queries.forecast import Sample, speed, time_left, usual

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOON - timedelta(seconds=seconds)


def samples(*pairs: tuple[float, int]) -> list[Sample]:
    return [Sample(ago(seconds), count) for seconds, count in pairs]


@pytest.mark.parametrize(
    ("given_samples", "since", "expected"),
    [
        pytest.param([], 60, 0.0, id="nothing done yet"),
        pytest.param([(5, 300), (10, 300)], 60, 20.0, id="the window is 30 seconds"),
        pytest.param([(40, 9_000), (5, 300)], 60, 10.0, id="what is older than the window does not count"),
        pytest.param([(1, 100), (5, 100)], 10, 20.0, id="a stage that just began is measured since its begin"),
        pytest.param([(100, 200), (40, 200)], 300, 2.0, id="slow calls: the pace of the last one, dwindling"),
        pytest.param([(40, 200)], 100, 2.0, id="one slow call"),
        pytest.param([(5, 300)], 0, 0.0, id="what was done before the stage does not count"),
    ],
)
def test_speed_is_what_was_done_lately_per_second(given_samples, since, expected):
    assert speed(samples(*given_samples), ago(since), NOON) == pytest.approx(expected)


def test_the_first_moment_of_a_stage_gives_no_wild_speed():
    assert speed(samples((0.001, 100)), ago(0.001), NOON) == pytest.approx(100)


@pytest.mark.parametrize(
    ("left", "per_second", "expected"),
    [
        pytest.param(600, 2.0, timedelta(minutes=5), id="moving"),
        pytest.param(600, 0.0, None, id="standing still"),
        pytest.param(0, 0.0, timedelta(0), id="nothing left"),
        pytest.param(-3, 1.0, timedelta(0), id="more than expected came"),
    ],
)
def test_time_left_is_what_is_left_at_this_speed(left, per_second, expected):
    assert time_left(left, per_second) == expected


def test_four_past_jobs_are_too_few_to_call_anything_usual():
    assert usual([timedelta(minutes=40)] * 4) is None


def test_the_usual_range_leaves_out_the_fastest_and_the_slowest_fifth():
    band = usual([timedelta(minutes=m) for m in (90, 40, 42, 38, 44, 10)])
    assert (band.low, band.middle, band.high) == (timedelta(minutes=38), timedelta(minutes=41), timedelta(minutes=44))


@given(st.lists(st.integers(1, 100_000), min_size=5, max_size=40))
def test_the_usual_range_lies_within_what_was_seen(seconds):
    band = usual([timedelta(seconds=s) for s in seconds])
    assert min(seconds) <= band.low.total_seconds() <= band.middle.total_seconds()
    assert band.middle.total_seconds() <= band.high.total_seconds() <= max(seconds)
