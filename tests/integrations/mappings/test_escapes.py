"""Attempts to leave the sandbox or to starve the machine: each is refused within its limits, at no cost to its neighbours."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from integrations.mappings.checks import check_code
from tests.integrations.mappings.running import is_complete, map_all

LEAVE = {
    "read a file": "return {'x': open('/etc/passwd').read()}",
    "write a file": "open('/tmp/escaped', 'w').write('x')\nreturn {'x': 'wrote'}",
    "read through pathlib": "import pathlib\nreturn {'x': pathlib.Path('/etc/passwd').read_text()}",
    "list a folder": "import os\nreturn {'x': os.listdir('/')}",
    "read the environment": "import os\nreturn {'x': os.environ['PATH']}",
    "read one variable": "import os\nreturn {'x': os.getenv('PATH')['x']}",
    "run a command": "import os\nreturn {'x': os.system('id')}",
    "import subprocess": "import subprocess\nreturn {'x': subprocess.run('id')}",
    "import socket": "import socket\nreturn {'x': socket.gethostname()}",
    "import ctypes": "import ctypes\nreturn {'x': 1}",
    "import urllib": "import urllib.request\nreturn {'x': 1}",
    "import importlib": "import importlib\nreturn {'x': 1}",
    "loaded modules": "import sys\nreturn {'x': list(sys.modules)}",
    "call __import__": "return {'x': __import__('os').getcwd()}",
    "eval __import__": "return {'x': eval(\"__import__('os')\")}",
    "exec an import": "exec('import socket')\nreturn {'x': 1}",
    "builtins": "return {'x': __builtins__}",
    "globals": "return {'x': globals()}",
    "class of a tuple": "return {'x': ().__class__.__bases__[0].__subclasses__()}",
    "globals of a function": "return {'x': map_record.__globals__}",
    "code of a function": "return {'x': map_record.__code__.co_consts}",
    "class by getattr": "return {'x': getattr(getattr('', '__class__'), '__mro__')}",
    "class by format": "return {'x': '{0.__class__.__mro__}'.format('')}",
    "frame of an exception": "try:\n    1 / 0\nexcept Exception as e:\n    return {'x': e.__traceback__.tb_frame}",
    "type made at run time": "return {'x': type('X', (object,), {'__reduce__': 1})}",
    "change a module": "import json\njson.loads = None\nreturn {'x': 1}",
    "write to stdout": "import sys\nsys.stdout.write('x')\nreturn {'x': 1}",
    "ask a question": "return {'x': input('?')}",
    "stop the process": "import sys\nsys.abort()\nreturn {'x': 1}",
    "interrupt": "raise KeyboardInterrupt()",
    "meddle with the loop": "global _tell_error\n_tell_error = None\nreturn {'x': {1}}",
    "lie about what is wrong": "global _is_too_nested\n_is_too_nested = lambda *a: 1 / 0\nreturn {'x': {1}}",
    "lie in a failure": "global _tell_error\n_tell_error = lambda *a: {'kind': 5}\nreturn {'x': {1}}",
    "a name without end": "raise type('A' * 10**6, (Exception,), {})()",
}
STARVE = {
    "loop": "while True:\n    pass",
    "loop that catches everything": "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass",
    "loop of failing look-ups": "while True:\n    try:\n        nobody\n    except NameError:\n        pass",
    "loop of imports": "while True:\n    try:\n        import nobody\n    except ImportError:\n        pass",
    "recursion": "return map_record(record)",
    "deep sorting": "return {'x': sorted([1, 2], key=lambda x: map_record(record))}",
    "a list of a billion": "return {'x': [0] * 10**9}",
    "a list that grows": "x = []\nwhile True:\n    x.append('x' * 1000)",
    "text that doubles": "x = 'x'\nwhile True:\n    x += x",
    "text of ten billion": "return {'x': 'x' * 10**10}",
    "bytes of ten billion": "return {'x': bytes(10**10)}",
    "a wide format": "return {'x': f'{1:>2000000000}'}",
    "a wide percent format": "return {'x': '%2000000000d' % 1}",
    "padding": "return {'x': 'x'.ljust(10**10)}",
    "a dict of a billion": "return {i: i for i in range(10**9)}",
    "a power": "return {'x': 10 ** 10 ** 9}",
    "powers that multiply": "x = 3 ** 10**7\nreturn {'x': x * x * x % 7}",
    "a factorial": "import math\nreturn {'x': math.factorial(10**7) % 7}",
    "a sum of a trillion": "return {'x': sum(range(10**12))}",
    "a search in a range": "return {'x': max(range(10**12))}",
    "a product": "import itertools\nreturn {'x': list(itertools.product(range(10**5), range(10**5)))}",
    "a regular expression": "import re\nreturn {'x': re.match('(a|aa)+$', 'a' * 60 + 'b').group(0)}",
    "a counted expression": "import re\nreturn {'x': re.match('(((a{1,99}){1,99}){1,99}){1,99}b', 'a' * 5000).group(0)}",
    "nested JSON": "import json\nreturn {'x': json.loads('[' * 200000)}",
    "a nested output": "x = []\nfor i in range(100000):\n    x = [x]\nreturn {'x': x}",
    "an output in itself": "x = {}\nx['x'] = x\nreturn x",
    "an output of ten megabytes": "return {'x': 'x' * 10**7}",
    "an exception of ten megabytes": "raise ValueError('x' * 10**7)",
    "nested code": "return {'x': eval('(' * 10000 + ')' * 10000)}",
    "printing for ever": "while True:\n    print('x' * 1000)",
    "real printing for ever": "import builtins\nwhile True:\n    builtins.print('x')",
    "threads": "import asyncio\nreturn {'x': asyncio.run(1)}",
}
UNHARMED = {"sleeping": "import time\ntime.sleep(3600)\nreturn {'x': 'slept'}"}


def write_code(attempt: str) -> str:
    harmless = "def map_record(record):\n    if not record['attack']:\n        return {'ok': 1}\n"
    return harmless + textwrap.indent(attempt, "    ")


@pytest.mark.parametrize("name", [*LEAVE, *STARVE])
def test_the_attempt_fails_and_its_neighbours_do_not(name):
    started = time.monotonic()
    batch = map_all(write_code({**LEAVE, **STARVE}[name]), [{"attack": attack} for attack in (0, 1, 0)])
    assert batch.outputs == [{"ok": 1}, None, {"ok": 1}]
    assert is_complete(batch, 3) and batch.failed.keys() == {1}
    assert time.monotonic() - started < 12
    assert len(batch.failed[1].message) < 300 and len(batch.failed[1].technical) < 1000


@pytest.mark.parametrize("name", sorted(LEAVE.keys() - {"class by format"}))
def test_the_checks_refuse_it_before_it_runs(name):
    assert check_code(write_code(LEAVE[name]))


def test_sleeping_takes_no_time():
    started = time.monotonic()
    batch = map_all(write_code(UNHARMED["sleeping"]), [{"attack": 1}])
    assert is_complete(batch, 1)
    assert time.monotonic() - started < 5


def test_nothing_was_written():
    assert not os.path.exists("/tmp/escaped")  # noqa: PTH110


RUN_FOR_EVER = """
import orjson
from integrations.mappings.runner import Limits, MappingRunner
code = '''
def map_record(record):
    {attack}
'''
with MappingRunner(code, processes=1, limits=Limits(record_seconds=1.0, batch_seconds=1.0)) as runner:
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
