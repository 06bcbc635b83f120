"""Compared with usual."""

from datetime import timedelta

import pytest

from integrations.enums import Stage, Status
from syncpanel.words.ruler import ruler
from tests.syncpanel.words.lives import band, live_of


def test_there_is_no_ruler_while_too_few_jobs_went_before():
    assert ruler(live_of()) is None


def test_the_ruler_says_normal_now_and_likely():
    told = ruler(live_of(usual=band(38, 40, 44)))
    assert (told.usual, told.so_far, told.likely) == ("38–44 min", "now at 41 min", "likely 1 h 16 min")
    assert told.is_slow
    assert told.marks[0] == "11:19"


@pytest.mark.parametrize(
    ("values", "so_far", "is_slow"),
    [
        ({"status": Status.STUCK}, "now at 41 min", False),
        ({"status": Status.SUCCEEDED, "stage": Stage.FINISHED}, "took 41 min", False),
        ({"stage": Stage.MAPPING}, "now at 41 min", False),
        ({"left": timedelta(minutes=2)}, "now at 41 min", False),
    ],
    ids=["stopped", "finished", "too early to tell", "in time"],
)
def test_only_a_running_upload_is_called_slow(values, so_far, is_slow):
    told = ruler(live_of(usual=band(38, 40, 44), **values))
    assert (told.so_far, told.is_slow) == (so_far, is_slow)


def test_everything_on_the_ruler_lies_within_its_scale():
    told = ruler(live_of(usual=band(1, 2, 3)))
    assert max(told.low, told.high, told.now, told.expected) <= told.scale


@pytest.mark.parametrize(
    ("usual", "said"),
    [(band(0.5, 0.6, 0.7), "30–42 s"), (band(0.9, 1, 2), "54 s to 2 min"), (band(3, 3, 3), "3 min")],
    ids=["seconds", "two units", "one value"],
)
def test_a_range_is_said_shortly(usual, said):
    assert ruler(live_of(usual=usual)).usual == said
