"""An answer of bearable size never bursts in memory, whatever is in it."""

import time

import orjson
import pytest

from integrations.adapters.wire import MOST_GROUPS, MOST_VALUES, UnreadableError, is_bursting, load_json


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" + b"[]," * MOST_GROUPS + b"[]]", id="lists"),
        pytest.param(b"[" + b"{}," * MOST_GROUPS + b"{}]", id="objects"),
        pytest.param(b"[" + b"1," * (MOST_VALUES + 1) + b"1]", id="values"),
        pytest.param(b'{"a":"' + b'\\"' * 600_000 + b'","b":[' + b"[]," * MOST_GROUPS + b"[]]}", id="after text"),
    ],
)
def test_millions_of_tiny_things_are_refused_before_they_are_built(body):
    assert len(body) < 10_000_000
    with pytest.raises(UnreadableError) as caught:
        load_json(body)
    assert caught.value.code == "bursting_answer"


@pytest.mark.parametrize("end", [b"", b"\\"], ids=["in the middle", "at a backslash"])
def test_a_text_that_never_ends_is_looked_through_once(end):
    body = b"[" * 1_000_000 + b'"' + b'\\"' * 20_000 + end
    began = time.process_time()
    with pytest.raises(UnreadableError, match="bursting_answer"):
        load_json(body)
    assert time.process_time() - began < 2, "from each of its quotes anew it would be 6"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'], ids=["lists", "objects", "both"])
def test_endless_nesting_is_refused(opening):
    with pytest.raises(UnreadableError):
        load_json(opening * 300_000)


def test_the_text_of_a_record_may_hold_what_it_likes():
    record = {"id": "1", "bio": '[{,"\\' * 1_000_000}
    assert load_json(orjson.dumps([record])) == [record]


def test_a_large_page_of_ordinary_records_is_read():
    page = [{"id": str(i), "properties": {f"p{n}": "some words" for n in range(200)}} for i in range(2_000)]
    assert not is_bursting(orjson.dumps(page))
