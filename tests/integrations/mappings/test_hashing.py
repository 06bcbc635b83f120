"""Fingerprints: what changes them and what does not, and a flat set that behaves like a set."""

import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.mappings.hashing import KeySet, content_hash, key_hash, read_keys, source_hash

VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"))
RECORDS = st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), VALUES, max_size=6)
NUMBERS = st.integers(1, 2**64 - 1)
CROWDED = st.builds(lambda high, low: (high << 32) + low + 1, st.integers(0, 2**31), st.integers(0, 3))


@given(RECORDS)
def test_the_order_of_fields_does_not_change_the_content_hash(record):
    backwards = dict(reversed(record.items()))
    assert content_hash(record) == content_hash(backwards)
    assert source_hash(record) == source_hash(backwards)
    assert len(content_hash(record)) == 16


@given(RECORDS, RECORDS)
def test_records_have_the_same_hash_only_when_they_are_the_same(one, other):
    same = one.keys() == other.keys() and all(repr(one[k]) == repr(other[k]) for k in one)
    assert (content_hash(one) == content_hash(other)) == same


@pytest.mark.parametrize("spelling", ["ann@example.com", " Ann@Example.com ", "ANN@EXAMPLE.COM\n"])
def test_keys_that_differ_in_case_or_in_spaces_around_them_are_one_key(spelling):
    assert key_hash(spelling) == key_hash("ann@example.com")


def test_a_key_may_be_a_number():
    assert key_hash(1482) == key_hash("1482")


@given(st.text(), st.text())
def test_other_keys_have_another_hash(one, other):
    same = one.strip().casefold() == other.strip().casefold()
    assert (key_hash(one) == key_hash(other)) == same
    assert 0 < key_hash(one) < 2**64


@given(st.lists(NUMBERS | CROWDED | st.integers(1, 20), max_size=3_000))
def test_a_key_set_tells_new_keys_as_a_set_does(keys):
    ours, real = KeySet(), set()
    for key in keys:
        assert ours.add(key) == (key not in real)
        real.add(key)
    assert len(ours) == len(real)
    assert all(key in ours for key in real)
    assert all((key in ours) == (key in real) for key in range(1, 30))


@given(st.lists(NUMBERS, max_size=50), st.lists(NUMBERS, max_size=50))
def test_stored_keys_are_added_to_those_already_there(first, stored):
    ours = KeySet()
    for key in first:
        ours.add(key)
    ours.add_bytes(b"".join(key.to_bytes(8, "little") for key in stored))
    assert len(ours) == len({*first, *stored})
    assert all(key in ours for key in [*first, *stored])


def test_zero_is_refused_because_it_marks_a_free_slot():
    with pytest.raises(ValueError, match="never 0"):
        KeySet().add(0)


def test_a_hundred_thousand_keys_are_kept_in_one_block_of_about_twenty_bytes_a_key():
    keys = KeySet()
    for number in range(100_000):
        keys.add(key_hash(number))
    blocks = [value for value in vars(keys).values() if isinstance(value, array)]
    assert sum(map(sys.getsizeof, blocks)) <= 2_200_000
    assert len(keys) == 100_000
    assert not any(keys.add(key_hash(number)) for number in range(100_000))


def block_of(keys: KeySet) -> array:
    return next(value for value in vars(keys).values() if isinstance(value, array))


@pytest.mark.parametrize("expected", [0, 1, 40, 41, 1_000, 81_920, 81_921])
def test_as_many_keys_as_were_expected_come_in_without_a_second_block(expected):
    keys = KeySet(expected)
    block = block_of(keys)
    for number in range(expected):
        keys.add(key_hash(number))
    assert block_of(keys) is block
    assert len(block) <= max(64, expected * 16 // 5 + 2), "and there is not more room than growing would have made"


@given(st.integers(0, 200), st.lists(NUMBERS, max_size=300))
def test_more_keys_than_were_expected_are_kept_all_the_same(expected, numbers):
    keys = KeySet(expected)
    for number in numbers:
        keys.add(number)
    assert len(keys) == len(set(numbers)) and all(number in keys for number in numbers)


@given(st.lists(NUMBERS, max_size=20))
def test_stored_keys_are_read_as_they_were_written(stored):
    assert list(read_keys(b"".join(key.to_bytes(8, "little") for key in stored))) == stored
