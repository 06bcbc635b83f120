"""Lengths that a platform counts in bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.enums import FieldType
from integrations.mappings.field_checks import make_check
from integrations.types import FieldSchema

CHECK = make_check(FieldSchema("FNAME", "First name", FieldType.STRING, max_length=255, max_bytes=255))


@pytest.mark.parametrize("value", ["a" * 255, "é" * 127, "🎉" * 63, f"{'é' * 127}   "])
def test_what_fits_in_bytes_is_fine(value):
    assert CHECK(value) is None


@pytest.mark.parametrize("value", ["é" * 128, "🎉" * 64, "a" * 254 + "é"])
def test_what_would_be_cut_in_bytes_is_too_long(value):
    code, detail = CHECK(value)
    assert code == "too_long" and "255 bytes" in detail


def test_what_has_too_many_characters_is_told_in_characters():
    assert CHECK("a" * 256) == ("too_long", "at most 255 characters")


def test_anything_but_text_is_told_first():
    assert CHECK(7) == ("wrong_type", "text")


@given(st.text(max_size=300))
def test_nothing_that_passes_is_longer_than_it_may_be(value):
    assert CHECK(value) is not None or len(value.strip().encode()) <= 255
