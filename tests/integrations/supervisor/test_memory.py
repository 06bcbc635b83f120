"""What a process that was told to keep its memory flat gives back, what it never looks through for garbage, and what a worker
does not load at all."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about glibc's own allocator")
ROOT = Path(__file__).resolve().parents[3]
SMALL = 100_000
PROGRAM = """
import ctypes, sys, threading
from integrations.supervisor.memory import keep_memory_flat
told = keep_memory_flat() if sys.argv[1] == "told" else True
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
together = threading.Barrier(4)
def use():
    together.wait()
    kept = libc.malloc(%d)
    together.wait()
    libc.free(kept)
threads = [threading.Thread(target=use) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.free(libc.malloc(20_000_000))
inside = libc.malloc(10_000_000)
if told:
    libc.malloc_stats()
"""
LOADED = """
import gc, os
os.environ["DJANGO_SETTINGS_MODULE"] = "syncpanel.settings"
from syncpanel.wsgi import application
import sys
from syncpanel import gunicorn_conf
from integrations.supervisor import worker
if sys.argv[1] == "web":
    gunicorn_conf.post_worker_init(None)
else:
    group = worker.WorkerGroup(1.0, 1.0)
    group.cluster.start = lambda: sys.exit(print(gc.get_freeze_count(), "integrations.tasks" in sys.modules))
    group.run()
print(gc.get_freeze_count(), "syncpanel.views.overview" in sys.modules)
"""


def arenas(how: str) -> tuple[int, bool]:
    """How many arenas four threads at once got; and whether something large came out of one, after another was freed."""
    program = [sys.executable, "-c", PROGRAM % SMALL, how]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stderr
    in_use = [int(line.split("=")[1]) for line in told.splitlines() if line.startswith("in use")]
    return told.count("Arena "), any(size > 10_000_000 for size in in_use[: told.count("Arena ")])


@glibc
def test_threads_share_one_arena_and_what_is_large_stays_outside() -> None:
    assert arenas("told") == (1, False)


@glibc
def test_without_being_told_it_is_not_so() -> None:
    count, is_inside = arenas("not told")
    assert count > 1
    assert is_inside


@pytest.mark.parametrize("which", ["web", "worker"])
def test_code_is_loaded_before_the_first_work_and_no_garbage_is_sought_in_it(which: str, tmp_path: Path) -> None:
    environ = {**os.environ, "DATA_DIR": str(tmp_path)}
    program = [sys.executable, "-c", LOADED, which]
    told = subprocess.run(program, capture_output=True, text=True, check=True, env=environ, cwd=ROOT).stdout
    frozen, is_loaded = told.split()
    assert int(frozen) > 50_000
    assert is_loaded == "True"


def test_a_worker_whose_queue_is_the_database_does_not_load_the_client_of_redis() -> None:
    program = "import django; django.setup(); import integrations.supervisor.worker, integrations.tasks, sys"
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "syncpanel.settings", "REDIS_URL": ""}
    told = [sys.executable, "-c", f"{program}; print('redis' in sys.modules)"]
    assert subprocess.run(told, env=environ, capture_output=True, text=True, check=True).stdout == "False\n"
