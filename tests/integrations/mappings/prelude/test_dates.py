"""Dates and times, as mapping code in the sandbox sees them."""

import pytest


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("to_date('2024-03-01')", "2024-03-01"),
        ("to_date('2024-03-01T23:30:00-05:00')", "2024-03-02"),
        ("to_date('1/3/2024')", "2024-03-01"),
        ("to_date('1/3/2024', day_first=False)", "2024-01-03"),
        ("to_date('1.3.2024')", "2024-03-01"),
        ("to_date('2024/3/1')", "2024-03-01"),
        ("to_date('1709287200123')", "2024-03-01"),
        ("to_date(1709287200)", "2024-03-01"),
        ("to_date('30.2.2024')", None),
        ("to_date('1.3.24')", None),
        ("to_date('2024-13-01')", None),
        ("to_date('soon')", None),
        ("to_date('')", None),
        ("to_date(None)", None),
        ("to_date(True)", None),
        ("to_date(1e300)", None),
        ("to_date('-9999999999999')", "1653-02-10"),
        ("to_datetime('2024-03-01T10:00:00.123Z')", "2024-03-01T10:00:00Z"),
        ("to_datetime('2024-03-01T10:00:00+02:00')", "2024-03-01T08:00:00Z"),
        ("to_datetime('2024-03-01 10:00:00')", "2024-03-01T10:00:00Z"),
        ("to_datetime('2024-03-01')", "2024-03-01T00:00:00Z"),
        ("to_datetime('1709287200123')", "2024-03-01T10:00:00Z"),
        ("to_datetime('1709287200')", "2024-03-01T10:00:00Z"),
        ("to_datetime('0001-01-01T00:00:00+14:00')", None),
        ("to_datetime('2024-03-01T99:00:00')", None),
    ],
)
def test_dates_come_out_as_documented(ask, call, expected):
    assert ask(call) == expected
