"""Who holds a lease, and whether that process still lives."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from integrations.orchestrator.owners import Owner, me, name_of, place, started


def test_this_process_lives() -> None:
    owner = Owner.parse(me())
    assert (owner.pid, owner.place, owner.is_here, owner.is_alive()) == (os.getpid(), place(), True, True)


def test_a_process_that_ended_is_dead_and_so_is_a_zombie() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner.parse(name_of(child.pid))
    assert owner.is_alive() is True
    assert child.stdin is not None
    child.stdin.close()
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert owner.is_alive() is False
    child.wait()
    assert owner.is_alive() is False


def test_another_process_with_the_same_number_is_not_the_owner() -> None:
    owner = Owner.parse(me())
    assert Owner(owner.host, owner.place, owner.pid, owner.started - 1).is_alive() is False


@pytest.mark.parametrize(
    "holder",
    [
        "another-host|{place}|{pid}|{started}",
        "{host}|{boot}.1|{pid}|{started}",
        "{host}|00000000.{namespace}|{pid}|{started}",
        "{host}|{boot}|{pid}|{started}",
    ],
    ids=["host", "container", "start of the machine", "name of before"],
)
def test_of_another_place_nothing_is_known(holder: str) -> None:
    host, here, pid, start = me().split("|")
    boot, _, namespace = here.partition(".")
    told = holder.format(host=host, place=here, boot=boot, namespace=namespace, pid=pid, started=start)
    assert Owner.parse(told).is_alive() is None


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_the_place_names_the_namespace_of_processes() -> None:
    told = str(Path("/proc/self/ns/pid").readlink())
    assert place().partition(".")[2] == told.removeprefix("pid:[").removesuffix("]")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere psutil tells")
def test_a_process_keeps_its_start_when_the_machines_time_is_corrected() -> None:
    """Told in ticks since the machine started, not in a time that somebody can set."""
    ticks = os.sysconf("SC_CLK_TCK")
    up = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert 0 < started(os.getpid()) / ticks <= up


def test_a_process_there_is_not_has_not_started() -> None:
    with pytest.raises(psutil.NoSuchProcess):
        started(4_194_304 + 1)
