"""Numbers that come in a URL."""

import pytest

from syncpanel.views.numbers import number_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("007", 7),
        ("0", None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("٣", None),
        ("x", None),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("9" * 5_000, None),
    ],
)
def test_only_a_positive_whole_number_counts(text, number):
    assert number_in({"sync": text}, "sync") == number
    assert number_in({}, "sync") is None
