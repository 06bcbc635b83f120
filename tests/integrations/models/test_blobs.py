"""Lists packed in steps: one list again, whole or one step at a time."""

import tracemalloc

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from integrations.models.blobs import Joined, pack, unpack_lists

LISTS = st.lists(st.lists(st.lists(st.integers(0, 99), min_size=2, max_size=2), max_size=5), max_size=6)


def join(lists: list[list[object]]) -> bytes:
    return b"".join(pack(values) for values in lists)


@given(LISTS)
def test_what_was_packed_in_steps_is_one_list(lists):
    values = [value for some in lists for value in some]
    joined = Joined(join(lists), len(values))
    assert unpack_lists(join(lists)) == values == list(joined) == list(joined)
    assert len(joined) == len(values)
    assert [joined[at] for at in range(-len(values), len(values))] == values * 2
    assert list(Joined(join(lists), len(values), part=1)) == [value[1] for value in values]


@given(LISTS, st.slices(30))
def test_a_part_of_it_is_a_list(lists, part):
    values = [value for some in lists for value in some]
    if part.step is None or part.step > 0:
        assert Joined(join(lists), len(values))[part] == values[part]


def test_what_is_not_there_is_an_error():
    with pytest.raises(IndexError):
        Joined(pack([1]), 1)[1]


@pytest.mark.parametrize("end", [-1, -40])
def test_what_breaks_off_is_an_error(end):
    with pytest.raises((orjson.JSONDecodeError, zstandard.ZstdError)):
        unpack_lists(join([["x" * 20] * 9, ["y" * 20] * 9])[:end])


def test_ten_times_as_many_steps_take_no_more_memory():
    def peak(steps: int) -> int:
        joined = Joined(pack([["a record", {"name": "value" * 20}] for _ in range(1_000)]) * steps, 1_000 * steps)
        tracemalloc.start()
        assert sum(1 for _ in joined) == len(joined)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(50) < 1.2 * peak(5)
