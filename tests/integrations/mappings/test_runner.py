"""Mapping code over batches: one outcome per record, in words, and bad records cost the good ones nothing."""

import threading
import time
from dataclasses import replace

import orjson
import psutil
import pytest

from integrations.exceptions import ConfigurationError, EngineError
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.runner import Limits, MappingRunner
from integrations.mappings.session import LimitTripError, Sessions
from tests.integrations.mappings.running import SMALL, is_complete, map_all

ECHO = "def map_record(record):\n    return {'x': record['x']}"
HOSTILE = """
def map_record(record):
    does = record["does"]
    if does == "loop":
        while True:
            pass
    if does == "eat":
        return {"x": [0] * 10**9}
    if does == "raise":
        return {"x": record["missing"]}
    if does == "leave":
        skip("not wanted")
    return {"x": does}
"""


def records(*values):
    return [{"x": value} for value in values]


def test_each_record_comes_out_mapped_left_out_or_failed():
    code = """
def map_record(record):
    x = record["x"]
    if x == 1:
        return None
    if x == 2:
        skip("has no company")
    if x == 3:
        return skip()
    return {"Name": 10 / x}
"""
    batch = map_all(code, records(0, 1, 2, 3, 4))
    assert batch.outputs == [None, None, None, None, {"Name": 2.5}]
    assert batch.left_out == {1: None, 2: "has no company", 3: ""}
    assert batch.failed.keys() == {0}
    failure = batch.failed[0]
    assert failure.code == "mapping_raised"
    assert failure.message == "The mapping stops with an error: ZeroDivisionError in line 10."
    assert failure.technical == "ZeroDivisionError: division by zero in line 10"


@pytest.mark.parametrize(("why", "told"), [("5", "5"), ("None", ""), ("{'a': 1}", "{'a': 1}"), ("", "")])
def test_a_reason_to_leave_out_may_be_anything(why, told):
    assert map_all(f"def map_record(record):\n    skip({why})", records(1)).left_out == {0: told}


def test_a_failure_tells_the_record_s_values_only_in_the_technical_text():
    batch = map_all("def map_record(record):\n    return {'x': int(record['x'])}", records("ann@example.com"))
    assert "ann@" not in batch.failed[0].message
    assert "ann@" in batch.failed[0].technical


@pytest.mark.parametrize(
    ("returned", "code", "field", "words"),
    [
        ("'text'", "mapping_wrong_type", "", "returns text where"),
        ("['a']", "mapping_wrong_type", "", "returns a list where"),
        ("42", "mapping_wrong_type", "", "returns a number where"),
        ("False", "mapping_wrong_type", "", "returns yes or no where"),
        ("map_record", "mapping_wrong_type", "", "returns a function where"),
        ("{1: 'x'}", "mapping_wrong_type", "", "a number where it should return fields"),
        ("{None: 'x', 'a': 1}", "mapping_wrong_type", "", "nothing where"),
        ("{'A': float('nan')}", "mapping_bad_value", "A", "not a number (NaN or infinity) into A"),
        ("{'A': 1e308 * 10}", "mapping_bad_value", "A", "into A"),
        ("{'B': 'b', 'A': {1, 2}}", "mapping_bad_value", "A", "a value of the type set into A"),
        ("{'A': 2**63}", "mapping_bad_value", "A", "more than 18 digits (as text it could be sent) into A"),
        ("{'A': b'bytes'}", "mapping_bad_value", "A", "type bytes into A"),
        ("{'A': map_record}", "mapping_bad_value", "A", "a function into A"),
        ("{'A': datetime.date(2024, 1, 2)}", "mapping_bad_value", "A", "a date object (to_date gives text) into A"),
        ("{'A': {1: 2}}", "mapping_bad_value", "A", "into A"),
        ("{'A': [[[[['deep']]]]]}", "mapping_bad_value", "A", "lists inside lists into A"),
        ("{'A': {'a': {'a': {'a': {'a': {}}}}}}", "mapping_bad_value", "A", "into A"),
        ("{'A': 'x' * 1_100_000}", "mapping_output_too_large", "", "too large"),
        ("{'a%d' % i: 'x' * 100 for i in range(10_100)}", "mapping_output_too_large", "", "too large"),
    ],
)
def test_what_cannot_be_sent_is_a_failed_record_with_a_sentence(returned, code, field, words):
    source = f"import datetime\ndef map_record(record):\n    return {{'ok': 1}} if record['x'] else {returned}"
    batch = map_all(source, records(1, 0, 1))
    assert batch.outputs == [{"ok": 1}, None, {"ok": 1}]
    assert (batch.failed[1].code, batch.failed[1].field) == (code, field)
    assert words in batch.failed[1].message and batch.failed[1].message.endswith(".")


@pytest.mark.parametrize(
    "value",
    [
        "O'Brien",
        "José",
        "石川",
        "🚀",
        '{["]}',
        "a\u2028b",
        "",
        None,
        True,
        0,
        -1.5,
        2**53,
        2**63 - 1,
        -(2**63),
        "9" * 40,
        ["a", "b"],
        {"a": ["b"]},
        "\ufffd",
    ],
)
def test_values_pass_through_unchanged(value):
    assert map_all(ECHO, records(value)).outputs == [{"x": value}]


def test_a_failing_record_costs_the_others_nothing():
    wanted = ["a", "raise", "b", "loop", "c", "eat", "d", "leave", "e"]
    batch = map_all(HOSTILE, [{"does": does} for does in wanted])
    assert is_complete(batch, len(wanted))
    assert [output and output["x"] for output in batch.outputs] == ["a", None, "b", None, "c", None, "d", None, "e"]
    codes = {at: failure.code for at, failure in batch.failed.items()}
    assert codes == {1: "mapping_raised", 3: "mapping_too_slow", 5: "mapping_too_big"}
    assert batch.left_out == {7: "not wanted"}


def test_outputs_that_are_too_large_together_cost_only_the_large_ones():
    """At once, and record by record after one that tripped a limit."""
    code = HOSTILE.replace('return {"x": does}', 'return {"x": "y" * record["size"]}')
    limits = replace(SMALL, batch_output_bytes=20_000, batch_seconds=2.0)
    sizes = [10, 6_000, 6_000, 10, 6_000, 6_000, 10, 300]
    for trip in ([], [{"does": "eat", "size": 0}]):
        batch = map_all(code, [{"does": "", "size": size} for size in sizes] + trip, limits)
        assert is_complete(batch, len(sizes) + len(trip))
        assert [len(output["x"]) for output in batch.outputs if output] == [10, 6_000, 6_000, 10, 6_000, 10, 300]
        assert batch.failed[5].code == "mapping_output_too_large"


def test_a_machine_that_stood_still_is_told_from_code_that_is_slow():
    before = set(psutil.Process().children())
    code = "def map_record(record):\n    n = 0\n    while n < 5000000:\n        n += 1\n    return {}"
    with Sessions(code, 1, SMALL) as sessions, sessions.start(1.0) as session, pytest.raises(LimitTripError) as stalled:
        (process,) = set(psutil.Process().children()) - before
        timers = [threading.Timer(0.05, process.suspend), threading.Timer(1.4, process.resume)]
        for timer in timers:
            timer.start()
        session.map_records("[{}]")
    for timer in timers:
        timer.join()
    assert (stalled.value.code, stalled.value.is_stall) == ("mapping_too_slow", True)
    with Sessions(HOSTILE, 1, SMALL) as sessions, sessions.start(1.0) as session, pytest.raises(LimitTripError) as full:
        session.map_records('[{"does": "eat"}]')
    assert (full.value.code, full.value.is_stall) == ("mapping_too_big", False)


def test_code_that_never_finishes_stops_the_job_within_seconds():
    code = "def map_record(record):\n    while True:\n        pass"
    started = time.monotonic()
    with pytest.raises(MappingBrokenError, match="does not finish"):
        map_all(code, records(*range(1000)))
    assert time.monotonic() - started < 15


def test_code_that_often_does_not_finish_stops_the_job_too():
    limits = Limits(record_seconds=0.02, batch_seconds=0.2, memory_bytes=32_000_000)
    code = "def map_record(record):\n    while record['x'] % 3:\n        pass\n    return {}"
    with pytest.raises(MappingBrokenError):
        map_all(code, records(*range(1000)), limits)


def test_after_trouble_batches_are_mapped_at_once_again():
    code = HOSTILE.replace('return {"x": does}', 'return {"together": _text.count("does")}')
    with MappingRunner(code, processes=1, limits=SMALL) as runner:
        assert runner.map_batch(orjson.dumps([{"does": "loop"}, {"does": "a"}])).failed.keys() == {0}
        together = [runner.map_batch(orjson.dumps([{"does": "b"}] * 30)).outputs[0]["together"] for _ in range(2)]
    assert together == [1, 30]


def test_nothing_goes_from_one_batch_to_the_next():
    code = "SEEN = []\ndef map_record(record):\n    SEEN.append(1)\n    return {'seen': len(SEEN)}"
    with MappingRunner(code, processes=1) as runner:
        for _ in range(3):
            assert runner.map_batch(orjson.dumps(records(1, 2))).outputs == [{"seen": 1}, {"seen": 2}]


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("def map_record(record):\n    return {", 2, "not valid Python in line 2"),
        ("x = 1", 0, "no function map_record"),
        ("map_record = 5", 0, "no function map_record"),
        ("", 0, "no function map_record"),
        ("import os, socket\ndef map_record(record):\n    return {}", 1, "cannot be loaded in line 1"),
        ("def map_record(record):\n    yield 1", 2, "does not have in line 2"),
        ("x = 1\ny = 1 / 0\ndef map_record(record):\n    return {}", 2, "cannot be loaded in line 2"),
        ("while True:\n    pass", 0, "does not finish loading"),
        (
            "x = 3 ** 10**7 * 3 ** 10**7 * 3 ** (2 * 10**7)\ndef map_record(r):\n    return {}",
            0,
            "does not finish loading",
        ),
        ("x = [0] * 10**9", 0, "does not finish loading"),
        ("(" * 5000, 0, "not valid Python"),
    ],
)
def test_code_that_does_not_load_is_told_at_once_with_its_line(code, line, words):
    with pytest.raises(MappingBrokenError, match=words) as caught, MappingRunner(code, limits=SMALL):
        pass
    assert isinstance(caught.value, ConfigurationError)
    assert caught.value.code == "mapping_broken"
    assert caught.value.line == line


@pytest.mark.parametrize("binary", ["/nonexistent", "/bin/true"])
def test_a_sandbox_that_does_not_start_is_an_engine_error(monkeypatch, binary):
    monkeypatch.setenv("MONTY_BIN", binary)
    with pytest.raises(EngineError, match="sandbox does not start"), MappingRunner(ECHO):
        pass


def test_results_come_in_order_from_several_processes():
    batches = [orjson.dumps(records(*range(at, at + 50))) for at in range(0, 1000, 50)]
    with MappingRunner(ECHO) as runner:
        values = [output["x"] for batch in runner.map_many(batches) for output in batch.outputs]
    assert values == list(range(1000))


def test_batches_are_read_in_the_caller_s_thread_and_only_a_little_ahead():
    read: list[int] = []
    threads = set()

    def batches():
        for number in range(10):
            read.append(number)
            threads.add(threading.current_thread())
            yield orjson.dumps(records(number))

    with MappingRunner(ECHO) as runner:
        for taken, _ in enumerate(runner.map_many(batches()), start=1):
            assert len(read) <= taken + 2
    assert threads == {threading.current_thread()}


def test_closing_the_generator_drops_the_rest_and_the_runner_goes_on():
    with MappingRunner(ECHO) as runner:
        results = runner.map_many(orjson.dumps(records(number)) for number in range(1000))
        assert next(results).outputs == [{"x": 0}]
        results.close()
        assert runner.map_batch(orjson.dumps(records("again"))).outputs == [{"x": "again"}]


def test_a_broken_mapping_comes_out_of_the_generator():
    code = "def map_record(record):\n    while True:\n        pass"
    with MappingRunner(code, limits=SMALL) as runner, pytest.raises(MappingBrokenError):
        list(runner.map_many([orjson.dumps(records(*range(100)))] * 4))


def test_a_fault_of_the_caller_s_own_batches_goes_through():
    def batches():
        yield orjson.dumps(records(1))
        raise KeyError("page")

    with MappingRunner(ECHO) as runner, pytest.raises(KeyError):
        list(runner.map_many(batches()))


@pytest.mark.parametrize("text", [b"[{]", b'{"x": 1}', b"null"])
def test_a_batch_that_is_no_list_of_records_is_an_engine_error(text):
    with MappingRunner(ECHO, processes=1) as runner, pytest.raises(EngineError, match="batch of records"):
        runner.map_batch(text)


def test_an_empty_batch_has_no_outcomes():
    assert map_all(ECHO, []).outputs == []


def test_things_that_are_not_records_fail_alone():
    batch = map_all(ECHO, [1, {"x": 2}, None, "text", []])
    assert batch.outputs[1] == {"x": 2}
    assert is_complete(batch, 5) and len(batch.failed) == 4


def test_five_megabyte_records_are_mapped():
    batch = map_all(
        "def map_record(record):\n    return {'x': len(record['x'])}",
        records("a" * 5_000_000, "b", "c" * 5_000_000, *("d" * 5_000_000 for _ in range(6))),
        Limits(memory_bytes=32_000_000),
    )
    assert [output["x"] for output in batch.outputs] == [5_000_000, 1, *[5_000_000] * 7]


def test_a_name_nobody_defined_fails_each_record_and_not_the_job():
    batch = map_all("def map_record(record):\n    return {'x': recrod}", records(*range(1500)))
    assert len(batch.failed) == 1500
    assert batch.failed[0].message == "The mapping stops with an error: NameError in line 2."


def test_printing_shows_nothing(capfd):
    map_all("def map_record(record):\n    print('ann@example.com')\n    return {}", records(1))
    assert capfd.readouterr() == ("", "")


def test_a_sandbox_process_that_is_killed_costs_no_record():
    """Killed twice: while it maps the batch at once, then while it maps record by record."""
    before = set(psutil.Process().children())
    code = "def map_record(record):\n    n = 0\n    while n < 400000:\n        n += 1\n    return {'x': record['x']}"

    def kill():
        for child in set(psutil.Process().children()) - before:
            child.kill()

    killers = [threading.Timer(seconds, kill) for seconds in (0.2, 0.9)]
    with MappingRunner(code, processes=1, limits=Limits(record_seconds=5.0, batch_seconds=30.0)) as runner:
        for killer in killers:
            killer.start()
        batch = runner.map_batch(orjson.dumps(records(*range(40))))
        for killer in killers:
            killer.join()
    assert batch.outputs == records(*range(40))


def test_closing_leaves_no_process():
    before = set(psutil.Process().children())
    with MappingRunner(ECHO) as runner:
        list(runner.map_many([orjson.dumps(records(1))] * 4))
        ours = set(psutil.Process().children()) - before
        assert ours
    psutil.wait_procs(ours, timeout=5)
    assert not [process for process in ours if process.is_running()]
