"""What dies or hangs is killed as a whole and started again."""

import os
import signal

import psutil
import pytest

from tests.integrations.supervisor.instances import Instance, wait_until


@pytest.mark.parametrize("name", ["web", "worker-1", "beat"])
def test_a_killed_child_is_back_and_nothing_of_it_is_left(instance: Instance, name: str) -> None:
    instance.start().wait_until_healthy()
    killed = instance.mains()[name]
    tree = [killed, *killed.children(recursive=True)]
    killed.kill()
    wait_until(lambda: not any(map(_is_alive, tree)), 10)
    wait_until(lambda: instance.mains().get(name) not in {None, killed}, 20)
    _wait_for_a_sign(instance, name)


@pytest.mark.parametrize("name", ["web", "worker-1", "beat"])
def test_a_hung_child_is_found_and_replaced(instance: Instance, name: str) -> None:
    instance.start().wait_until_healthy()
    hung = instance.mains()[name]
    tree = [hung, *hung.children(recursive=True)]
    for process in tree:
        process.suspend()
    wait_until(lambda: not any(map(_is_alive, tree)), 60)
    wait_until(lambda: instance.mains().get(name) not in {None, hung}, 20)
    _wait_for_a_sign(instance, name)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "suspended"])
@pytest.mark.parametrize("part", range(5), ids=["main", "sentinel", "first", "second", "third"])
def test_a_worker_group_works_again_whichever_part_of_it_goes(
    instance: Instance, part: int, number: signal.Signals
) -> None:
    instance.start().wait_until_healthy()
    main = instance.mains()["worker-1"]
    sentinel = main.children()[0]
    parts = [main, sentinel, *wait_until(lambda: _three(sentinel))]
    gone = parts[part]
    os.kill(gone.pid, number)
    wait_until(lambda: not _is_alive(gone), 60)
    _wait_for_a_sign(instance, "worker-1")
    _wait_for_a_sign(instance, "worker-1")


def _three(sentinel: psutil.Process) -> list[psutil.Process]:
    """Worker, monitor and pusher."""
    children = sentinel.children()
    return children if len(children) == 3 else []


def _is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _wait_for_a_sign(instance: Instance, name: str) -> None:
    if name == "web":
        wait_until(instance.health)
        return
    before = instance.beat_at(name)
    wait_until(lambda: instance.beat_at(name) != before, 60)
