"""How processes of the panel end: at once, without a search for garbage in what goes with them anyway."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WATCHED = "import atexit, gc, runpy, sys; atexit.register(lambda: print(gc.get_freeze_count() > 1_000)); "
COMMAND = "sys.argv = ['manage.py', 'version']; runpy.run_path('manage.py', run_name='__main__')"
SERVER = "import syncpanel.gunicorn_conf as conf; conf.{}"


@pytest.mark.parametrize(
    "program",
    [COMMAND, SERVER.format("worker_exit(None, None)"), SERVER.format("on_exit(None)")],
    ids=["a command", "a server process", "its master"],
)
def test_nothing_is_searched_for_garbage_at_the_end(program: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED + program], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )
    assert ended.stdout.endswith("True\n"), ended.stderr
