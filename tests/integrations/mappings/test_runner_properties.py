"""Whatever mapping code returns or raises, each record has exactly one outcome and the job goes on."""

import textwrap
from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.runner import MappingRunner
from tests.integrations.mappings.running import SMALL, is_complete

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
ODD = st.sampled_from(
    [
        *("{1, 2}", "b'x'", "map_record", "1 / 0", "skip('no')", "{1: 2}", "(1, 2)", "undefined", "[[[[[[[]]]]]]]"),
        *("{'a': {1: 2}}", "{'a': float('inf')}", "[].pop()", "record", "print", "range(3)", "eval('{')", "1j"),
        *("raise_system_exit()", "{'a': record}", "{record['at']: 1}", "json", "2 ** 5000", "{'a': 2 ** 5000}"),
        *("Exception('x')", "{'a': [record]}", "{'a': {'b': {1}}}", "{'': ''}", "{'a': '\\ud800'}", "type(1)"),
    ]
)
PROPERTY_CODE = """
import json
def raise_system_exit():
    raise SystemExit(5)
def map_record(record):
    nan, inf = float("nan"), float("inf")
    return eval(record["does"])
"""


@pytest.fixture(scope="module")
def evaluator():
    with MappingRunner(PROPERTY_CODE, processes=1) as runner:
        yield runner


@settings(max_examples=150)
@given(st.lists(JSON.map(repr) | ODD, max_size=8))
def test_whatever_the_code_returns_each_record_has_one_outcome(evaluator, expressions):
    batch = evaluator.map_batch(orjson.dumps([{"does": does, "at": at} for at, does in enumerate(expressions)]))
    assert is_complete(batch, len(expressions))
    assert all(type(output) is dict for output in batch.outputs if output is not None)
    assert all(failure.message.endswith(".") for failure in batch.failed.values())
    orjson.dumps(batch.outputs)


VALUES = st.sampled_from(
    [
        *("record", "record['a']", "record.get('a')", "None", "''", "'x' * 9", "5", "-1.5", "True", "[]", "{}"),
        *("{'a': record.get('a')}", "{'b': [1, 'x']}", "{1: 2}", "{'c': {3}}", "[record]", "x", "x['a']", "nobody"),
        *(
            "1 / 0",
            "int('x')",
            "'a' + 1",
            "clean_phone(record.get('a'), 'US')",
            "to_date(record.get('a'))",
            "map_record",
        ),
        *("choose(record.get('a'), {'a': 'b'}, x)", "split_name(record.get('a'))", "(lambda: x)()", "float('nan')"),
        *(
            "max([], key=len)",
            "sorted([1, 'a'])",
            "10 ** 30",
            "ValueError",
            "ValueError('no')",
            "Exception",
            "'\\ud800'",
        ),
    ]
)
FINAL = (
    st.builds("return {}".format, VALUES) | st.builds("raise {}".format, VALUES) | st.builds("skip({})".format, VALUES)
)
SIMPLE = FINAL | st.builds("x = {}".format, VALUES) | st.builds("record['a'] = {}".format, VALUES) | VALUES


def put_inside(*frames):
    return lambda inner: st.builds(
        lambda frame, body, value: frame.format(value, textwrap.indent("\n".join(body), "    ")),
        st.sampled_from(frames),
        st.lists(inner, min_size=1, max_size=3),
        VALUES,
    )


STATEMENTS = st.recursive(
    SIMPLE,
    put_inside(
        "if {0}:\n{1}",
        "for x in {0}:\n{1}",
        "while {0}:\n{1}\n    break",
        "try:\n{1}\nexcept (ValueError, TypeError) as error:\n    x = str(error)",
        "try:\n{1}\nexcept BaseException:\n    x = {0}",
        "try:\n{1}\nfinally:\n    x = {0}",
        "def inner(x):\n{1}\nx = inner({0})",
    ),
    max_leaves=6,
)
RECORDS = st.lists(JSON | st.fixed_dictionaries({"a": JSON}), max_size=5)


@settings(max_examples=120)
@given(st.lists(STATEMENTS, min_size=1, max_size=4), RECORDS)
def test_whatever_the_code_does_each_record_has_one_outcome_and_the_next_batch_runs(statements, records):
    code = "def map_record(record):\n" + textwrap.indent("x = record\n" + "\n".join(statements), "    ")
    with MappingRunner(code, processes=1, limits=replace(SMALL, trips_in_a_row=100)) as runner:
        first = runner.map_batch(orjson.dumps(records))
        assert is_complete(first, len(records))
        again = runner.map_batch(orjson.dumps(records))
        assert again.outputs == first.outputs and again.failed.keys() == first.failed.keys()
        orjson.dumps(again.outputs)


HOSTILE = """
def map_record(record):
    does = record["does"]
    if does == "loop":
        while True:
            pass
    if does == "eat":
        return {"x": [0] * 10**9}
    if does == "recurse":
        return map_record(record)
    if does == "flood":
        return {"x": "y" * 2_000_000}
    if does == "raise":
        raise ValueError("no")
    return {"x": does}
"""


@settings(max_examples=12)
@given(st.lists(st.sampled_from(["fine"] * 4 + ["raise", "flood", "recurse", "loop", "eat"]), max_size=8))
def test_records_that_trip_limits_fail_alone_in_whatever_order_they_come(wishes):
    limits = replace(SMALL, trips_in_a_row=100, record_seconds=0.2)
    with MappingRunner(HOSTILE, processes=1, limits=limits) as runner:
        batch = runner.map_batch(orjson.dumps([{"does": does} for does in wishes]))
        assert is_complete(batch, len(wishes))
        assert [output["x"] if output else None for output in batch.outputs] == [
            does if does == "fine" else None for does in wishes
        ]
        assert runner.map_batch(orjson.dumps([{"does": "fine"}])).outputs == [{"x": "fine"}]


@settings(max_examples=15)
@given(st.integers(1, 12), st.integers(1, 6))
def test_only_so_many_trips_in_a_row_mean_that_the_code_is_broken(trips, most):
    records = [{"does": "eat"}] * trips + [{"does": "fine"}]
    with MappingRunner(HOSTILE, processes=1, limits=replace(SMALL, trips_in_a_row=most)) as runner:
        if trips >= most:
            with pytest.raises(MappingBrokenError):
                runner.map_batch(orjson.dumps(records))
        else:
            assert len(runner.map_batch(orjson.dumps(records)).failed) == trips
