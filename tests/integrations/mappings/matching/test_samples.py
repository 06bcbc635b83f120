"""What values look like."""

import pytest

from integrations.mappings.matching.samples import Samples, Shape


def find_shape(*values):
    return Samples([{"x": value} for value in values]).find_shape("x")


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (["a@b.io", "ann.lee@example.co.uk", "x+y@example.com"], Shape.EMAIL),
        (["https://a.io", "www.b.io/x", "http://c.io"], Shape.WEBSITE),
        (["2024-03-01", "2024-03-01T10:00:00Z", "1.3.2024"], Shape.DATE),
        (["true", "FALSE", "Yes"], Shape.YES_NO),
        ([True, False, True], Shape.YES_NO),
        (["1,200", "42", "-3.5"], Shape.NUMBER),
        ([1, 2.5, 3], Shape.NUMBER),
        (["+44 20 7946 0958", "(01) 555 0132", "0044 20 7946"], Shape.PHONE),
        (["DE", "us", "GB"], Shape.TWO_LETTERS),
        (["Ann", "Bob", "Cem"], None),
        (["a@b.io", "none", "n/a"], None),
        (["a@b.io", "b@b.io"], None),
        ([None, "", "a@b.io", [], "b@b.io", {}], None),
        ([None, "", "a@b.io", "b@b.io", "c@b.io"], Shape.EMAIL),
    ],
)
def test_values_look_like_something_when_nearly_all_do(values, shape):
    assert find_shape(*values) is shape


def test_one_odd_value_in_five_does_not_matter():
    assert find_shape("a@b.io", "b@b.io", "c@b.io", "d@b.io", "none") is Shape.EMAIL
    assert find_shape("a@b.io", "b@b.io", "c@b.io", "none", "none") is None


def test_a_field_that_no_record_has_looks_like_nothing():
    assert Samples([{"x": "1"}] * 5).find_shape("y") is None
    assert not Samples([{"x": "1"}] * 5).has_values("y")
