"""Attempts to leave the sandbox, to starve the machine, to change what comes after: each is refused within its limits."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import orjson
import psutil
import pytest

from integrations.mappings.checks import check_code
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.runner import MappingRunner
from tests.integrations.mappings.attempts import DULL, LEAVE, LINGER, NEVER_LOADED, STARVE
from tests.integrations.mappings.running import SMALL, is_complete, map_all

FINE = {"does": ""}


def write_alone(body: str) -> str:
    return "def map_record(record):\n" + textwrap.indent(body, "    ")


def write_together(attempts: dict[str, str]) -> str:
    """One mapping that makes the attempt its record names, and is harmless otherwise."""
    lines = ["def map_record(record):", "    if not record['does']:", "        return {'ok': 1}"]
    for name, body in attempts.items():
        lines += [f"    if record['does'] == {name!r}:", textwrap.indent(body, "        ")]
    return "\n".join(lines)


def attempt_all(attempts: dict[str, str]) -> dict[str, object]:
    """Each attempt with a harmless record before and after it, in one batch; the failures by the attempt's name."""
    records = [FINE, *(record for name in attempts for record in ({"does": name}, FINE))]
    limits = replace(SMALL, trips_in_a_row=100)
    with MappingRunner(write_together(attempts), processes=1, limits=limits) as runner:
        batch = runner.map_batch(orjson.dumps(records))
    assert is_complete(batch, len(records))
    assert all(batch.outputs[at] == {"ok": 1} for at in range(0, len(records), 2)), "a neighbour was harmed"
    return {name: batch.failed.get(2 * at + 1) or batch.outputs[2 * at + 1] for at, name in enumerate(attempts)}


@pytest.fixture(scope="module")
def leaving():
    started = time.monotonic()
    outcomes = attempt_all(LEAVE)
    assert time.monotonic() - started < 20
    return outcomes


@pytest.fixture(scope="module")
def starving():
    return attempt_all(STARVE)


def test_there_are_enough_attempts():
    assert len(LEAVE) + len(STARVE) + len(NEVER_LOADED) + len(LINGER) > 150


@pytest.mark.parametrize("name", LEAVE)
def test_nothing_leaves_the_sandbox(leaving, name):
    failure = leaving[name]
    assert not isinstance(failure, dict), failure
    assert len(failure.message) < 300 and len(failure.technical) < 1000
    assert "root:" not in failure.technical


@pytest.mark.parametrize("name", sorted(LEAVE.keys() - {"class by format", "frame of a generator"}))
def test_the_checks_refuse_it_before_it_runs(name):
    assert check_code(write_alone(LEAVE[name]))


@pytest.mark.parametrize("name", STARVE)
def test_nothing_starves_the_machine(starving, name):
    failure = starving[name]
    assert not isinstance(failure, dict), str(failure)[:200]
    assert len(failure.message) < 300 and len(failure.technical) < 1000


@pytest.mark.parametrize("name", NEVER_LOADED)
def test_it_is_not_even_loaded(name):
    started = time.monotonic()
    with pytest.raises(MappingBrokenError), MappingRunner(NEVER_LOADED[name], processes=1, limits=SMALL):
        pass
    assert check_code(NEVER_LOADED[name])
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("name", LINGER)
def test_nothing_lingers_into_the_next_batch_and_the_checks_refuse_to_try(name):
    above, attempt, probe = LINGER[name]
    body = f"if record['does']:\n{textwrap.indent(attempt, '    ')}\nreturn {{'x': {probe}}}"
    code = f"{above}\n{write_alone(body)}"
    assert check_code(code)
    with MappingRunner(code, processes=1, limits=SMALL) as runner:
        untouched = runner.map_batch(orjson.dumps([FINE]))
        runner.map_batch(orjson.dumps([{"does": "it"}, {"does": "it"}, FINE]))
        assert runner.map_batch(orjson.dumps([FINE])) == untouched
        assert not untouched.failed


def test_what_can_be_seen_of_the_machine_is_dull():
    body = f"return {{'x': [{', '.join(DULL)}]}}"
    batch = map_all(f"import os, time\n{write_alone(body)}", [FINE])
    assert batch.outputs[0]["x"] == list(DULL.values())


def test_a_reason_without_end_is_cut_short():
    batch = map_all(write_alone("skip('x' * 10**7)"), [FINE])
    assert batch.left_out == {0: "x" * 200}


def test_sleeping_takes_no_time():
    started = time.monotonic()
    batch = map_all(write_alone("import time\ntime.sleep(3600)\nreturn {'x': 'slept'}"), [FINE])
    assert is_complete(batch, 1)
    assert time.monotonic() - started < 5


def test_nothing_was_written(leaving, starving):
    assert not os.path.exists("/tmp/escaped")  # noqa: PTH110


RUN_FOR_EVER = """
import orjson
from integrations.mappings.runner import Limits, MappingRunner
code = '''
def map_record(record):
    {attack}
'''
with MappingRunner(code, processes=1, limits=Limits(record_seconds=0.5, batch_seconds=0.5)) as runner:
    print("started", flush=True)
    list(runner.map_many([orjson.dumps([{{}}])] * 4))
"""


@pytest.mark.parametrize("attack", ["while True: pass", "return 3 ** 10**8"])
def test_when_we_are_killed_the_sandbox_processes_end_by_themselves(attack):
    script = RUN_FOR_EVER.format(attack=attack)
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout and parent.stdout.readline() == b"started\n"
    while not (children := [c for c in psutil.Process(parent.pid).children() if c.cpu_times().user > 0.2]):
        time.sleep(0.02)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
