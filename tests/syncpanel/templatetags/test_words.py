"""Numbers, times and nouns as people say them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from syncpanel.templatetags import words

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(("value", "said"), [(0, "0"), (None, "0"), (47_000, "47,000"), (1_482.0, "1,482")])
def test_a_count_has_thousands(value, said):
    assert words.count(value) == said


@pytest.mark.parametrize(
    ("value", "noun", "said"),
    [
        (1, "person,people", "1 person"),
        (0, "person,people", "0 people"),
        (1200, ("company", "companies"), "1,200 companies"),
    ],
)
def test_a_noun_agrees_with_its_number(value, noun, said):
    assert words.nouns(value, noun) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "0 s"),
        (0.3, "under 1 s"),
        (42, "42 s"),
        (59.6, "1 min"),
        (1560, "26 min"),
        (3599, "60 min"),
        (4800, "1 h 20 min"),
        (7200, "2 h"),
        (200_000, "2 days"),
        (timedelta(minutes=3), "3 min"),
        (-5, "0 s"),
    ],
)
def test_a_duration_is_short(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(20, "less than a minute"), (250, "about 4 min"), (2050, "about 35 min"), (7300, "about 2 h")]
)
def test_an_estimate_promises_no_more_than_it_knows(seconds, said):
    assert words.about(seconds) == said


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=26), "26 min ago"),
        (timedelta(hours=20), "yesterday 16:00"),
        (timedelta(days=19), "3 Nov 12:00"),
        (timedelta(days=400), "18 Oct 2025 12:00"),
    ],
)
def test_how_long_ago(back, said):
    shown = words.ago(NOW - back)
    assert f">{said}</time>" in shown
    assert f'datetime="{(NOW - back).isoformat()}"' in shown


def test_never_is_a_word_too():
    assert words.ago(None) == "never"


@pytest.mark.parametrize(("ahead", "said"), [(timedelta(minutes=4), "in 4 min"), (timedelta(seconds=-3), "now")])
def test_how_long_from_now(ahead, said):
    assert f">{said}</time>" in words.until(NOW + ahead)
