"""Small visual pieces: what they say, and that nothing in them needs a style attribute."""

from dataclasses import dataclass
from datetime import date

import pytest

from integrations.enums import ConnectionState, Status
from syncpanel.templatetags import charts, ui


@dataclass
class Day:
    day: date
    calls: int
    percent: int


DAYS = [Day(date(2026, 11, 21), 0, 0), Day(date(2026, 11, 22), 1200, 100)]
DRAWN = [
    charts.bar(42.4, "running", 0.5, "People sent", "21,200 of 50,000"),
    charts.bar(64, "waiting"),
    charts.ticks("oowfrp-"),
    charts.ticks(""),
    charts.spark([1, 5, 3]),
    charts.spark([]),
    charts.throughput([charts.Hour("09:00", 100, 3, 80, 120), charts.Hour("10:00", 0, 0)], 200, now=1),
    charts.columns(DAYS),
    charts.columns([]),
    charts.ring(83, "warn"),
    charts.typical(38, 44, 22, 50, 41),
]


@pytest.mark.parametrize("drawn", DRAWN)
def test_a_picture_has_no_style_attribute(drawn):
    assert drawn.startswith("<svg")
    assert "style=" not in drawn


def test_a_bar_says_what_it_shows():
    assert 'aria-valuetext="21,200 of 50,000"' in DRAWN[0]
    assert 'class="b-fail" x="41.9%"' in DRAWN[0]


def test_a_bar_stays_between_nothing_and_all():
    assert 'aria-valuenow="100"' in charts.bar(130)
    assert 'aria-valuenow="0"' in charts.bar(-2)


def test_waiting_is_dashed():
    assert "stroke-dasharray" in DRAWN[1]
    assert "b-fill" not in DRAWN[1]


def test_ticks_are_told_in_words():
    assert "2 finished, 1 finished with records to fix, 1 stopped, 1 running now" in DRAWN[2]


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_a_pill_with_icon_and_word(status):
    shown = ui.status_pill(status)
    assert str(status.label) in shown
    assert "<use href=" in shown


@pytest.mark.parametrize("state", list(ConnectionState))
def test_every_connection_state_has_a_pill(state):
    assert str(state.label) in ui.connection_pill(state)


def test_names_from_outside_are_escaped():
    assert "<b>" not in ui.pill("ok", "<b>")
    assert "<b>" not in charts.bar(1, label="<b>")
    assert ui.soft("a<b>@c.example") == "a&lt;b&gt;@<wbr>c.example"


@pytest.mark.parametrize(("name", "letters"), [("Dana Wells", "DW"), ("dana@example.com", "D"), ("", "")])
def test_initials(name, letters):
    assert ui.initials(name) == letters
