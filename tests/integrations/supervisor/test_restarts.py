"""What dies or hangs is killed as a whole and started again. Each test lets several things go at once, to be quick."""

import os
import signal
from collections.abc import Iterable

import psutil
import pytest

from tests.integrations.supervisor.instances import Instance, wait_until

PARTS = ("main", "sentinel", "first", "second", "third")


def test_killed_children_are_back_and_nothing_of_them_is_left(panel: Instance) -> None:
    panel.wait_until_healthy()
    killed = panel.mains()
    trees = [process for main in killed.values() for process in _tree(main)]
    for main in killed.values():
        main.kill()
    wait_until(lambda: not any(map(_is_alive, trees)), 10)
    _wait_until_replaced(panel, killed)


def test_hung_children_are_found_and_replaced(panel: Instance) -> None:
    panel.wait_until_healthy()
    hung = panel.mains()
    trees = [process for main in hung.values() for process in _tree(main)]
    for process in trees:
        process.suspend()
    wait_until(lambda: not any(map(_is_alive, trees)), 60)
    _wait_until_replaced(panel, hung)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "suspended"])
def test_a_worker_group_works_again_whichever_part_of_it_goes(five_groups: Instance, number: signal.Signals) -> None:
    five_groups.wait_until_healthy()
    groups = wait_until(lambda: _whole_groups(five_groups))
    gone = [group[place] for place, group in enumerate(groups)]
    for process in gone:
        os.kill(process.pid, number)
    wait_until(lambda: not any(map(_is_alive, gone)), 60)
    _wait_for_signs(five_groups, [f"worker-{place}" for place in range(1, len(PARTS) + 1)])


def _tree(main: psutil.Process) -> list[psutil.Process]:
    return [main, *main.children(recursive=True)]


def _whole_groups(instance: Instance) -> list[list[psutil.Process]]:
    """Each group's main process, sentinel, worker, monitor and pusher, once all of them run."""
    groups = [_tree(main) for main in instance.workers()]
    return groups if [len(group) for group in groups] == [len(PARTS)] * len(PARTS) else []


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait_until_replaced(instance: Instance, old: dict[str, psutil.Process]) -> None:
    wait_until(lambda: {name for name, main in instance.mains().items() if main != old[name]} == set(old))
    wait_until(instance.health)
    _wait_for_signs(instance, old.keys() - {"web"})


def _wait_for_signs(instance: Instance, names: Iterable[str]) -> None:
    """Two of each: the first may have been on its way already."""
    for _ in range(2):
        before = {name: instance.beat_at(name) for name in names}
        wait_until(lambda before=before: all(instance.beat_at(name) != at for name, at in before.items()), 60)
