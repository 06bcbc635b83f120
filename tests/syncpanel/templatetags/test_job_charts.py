"""How long jobs took, as bars: one per job, the newest right, nothing outside the frame."""

import re
from datetime import timedelta

import pytest

from integrations.enums import Status
from integrations.queries.jobs import PastJob
from syncpanel.templatetags.job_charts import ceiling_of, durations, in_words
from tests.syncpanel.words.lives import NOON, band


def past(*minutes: float, status: Status = Status.SUCCEEDED) -> list[PastJob]:
    return [PastJob(pk, status, NOON, timedelta(minutes=took)) for pk, took in enumerate(minutes, start=1)]


def bars(chart: str) -> list[dict[str, float]]:
    found = re.findall(
        r'<rect class="c-bar[^"]*" x="([\d.]+)%" width="([\d.]+)%" y="([\d.]+)%" height="([\d.]+)%"', chart
    )
    return [dict(zip(("x", "width", "y", "height"), map(float, bar), strict=True)) for bar in found]


@pytest.mark.parametrize("number", [1, 5, 12, 20])
def test_there_are_at_most_twelve_bars_and_the_newest_stands_right(number):
    drawn = bars(durations(past(*range(1, number + 1)), None))
    assert len(drawn) == min(number, 12)
    assert drawn[-1]["x"] > 91


@pytest.mark.parametrize("minutes", [[0.0], [0.01, 500], [40, 41, 52], [10_000]])
def test_every_bar_stays_inside_the_frame(minutes):
    for bar in bars(durations(past(*minutes), band(1, 2, 3))):
        assert bar["height"] > 0
        assert bar["y"] >= 0
        assert bar["y"] + bar["height"] == pytest.approx(100, abs=0.02)


@pytest.mark.parametrize(
    ("job", "colour"),
    [
        (past(40)[0], "okb"),
        (past(60)[0], "late"),
        (past(60, status=Status.RUNNING)[0], "c-now"),
        (past(60, status=Status.STUCK)[0], "bad"),
        (past(60, status=Status.CANCELLED)[0], "gone"),
    ],
    ids=["in time", "late", "running", "stopped", "cancelled"],
)
def test_a_bar_says_by_its_colour_how_the_job_ended(job, colour):
    assert f'class="c-bar {colour}"' in durations([job], band(38, 40, 44))


@pytest.mark.parametrize(("minutes", "ceiling"), [(0, 10), (0.5, 40), (40, 3_600), (70, 4_800), (600, 43_200)])
def test_the_frame_ends_at_a_round_number_above_the_longest(minutes, ceiling):
    assert ceiling_of(past(minutes)) == ceiling


def test_the_chart_can_be_heard():
    assert in_words(past(38, 52, 41)) == "The last 3 jobs took 38 min to 52 min; the newest 41 min"
    assert in_words([]) == "No jobs yet"
