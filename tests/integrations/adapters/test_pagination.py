"""A reading that does not get on is noticed, whatever the platform does with its cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.pagination import advance, mark_page
from integrations.exceptions import TransientError


def read(pages: list[tuple[str, list[str]]]) -> int:
    """Follows (next cursor, ids) pairs; returns how many pages were accepted."""
    cursor: dict = {}
    for number, (after, ids) in enumerate(pages):
        try:
            cursor = advance(cursor, {"after": after}, mark_page(ids), "Acme")
        except TransientError:
            return number
    return len(pages)


def test_a_cursor_that_stands_still_is_noticed_at_once():
    with pytest.raises(TransientError) as caught:
        advance({"after": "5", "watch": ["", "", 0, 1]}, {"after": "5"}, "", "Acme")
    assert caught.value.code == "cursor_stuck"


@pytest.mark.parametrize("number", range(1, 12))
def test_a_page_that_comes_twice_in_a_row_is_noticed_at_once(number):
    pages = [(f"c{n}", [str(n)]) for n in range(number)]
    assert read([*pages, ("again", [str(number - 1)])]) == number


@given(lead=st.integers(0, 40), length=st.integers(1, 40))
def test_pages_that_come_round_are_noticed_before_they_have_come_round_often(lead, length):
    pages = [(f"c{n}", [str(lead + (n - lead) % length if n >= lead else n)]) for n in range(2_000)]
    assert read(pages) <= 3 * (lead + length) + 3


@given(st.integers(0, 300))
def test_pages_that_differ_never_raise(count):
    assert read([(f"c{n}", [str(n)]) for n in range(count)]) == count


def test_empty_pages_may_follow_each_other_as_long_as_the_cursor_moves():
    assert read([(f"c{n}", []) for n in range(50)]) == 50


def test_what_is_remembered_stays_small():
    cursor: dict = {}
    for n in range(10_000):
        cursor = advance(cursor, {"after": f"c{n}"}, mark_page([str(n), str(n + 1)]), "Acme")
    assert len(repr(cursor)) < 200
