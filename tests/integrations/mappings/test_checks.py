"""Mapping code is read before it runs: what is refused, on which line, in which words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_monty import Monty

from integrations.mappings import prelude
from integrations.mappings.checks import check_code, source_fields
from integrations.mappings.language import ALLOWED_IMPORTS, BUILTINS, MISSING_METHODS


def write(body: str, above: str = "") -> str:
    lines = "\n    ".join(body.split("\n"))
    return f"{above}\ndef map_record(record):\n    {lines}\n"


FINE = {
    "the smallest": "def map_record(record):\n    return None",
    "a docstring and imports": '"""Maps."""\nimport re\nfrom datetime import date\n'
    + write("return {'a': re.sub('a', '', 'b')}"),
    "a table that is looked at": write(
        "for k in T:\n    pass\nreturn {'a': T['a'], 'b': T.get('c'), 'c': 'a' in T, 'd': pick('a', T), 'e': {**T}}",
        "T = {'a': ('b', 'c')}",
    ),
    "a compiled expression": write(
        "return {'a': P.sub('', 'x'), 'b': q(P)}", "import re\nP = re.compile('x')\ndef q(p):\n    return 1"
    ),
    "helper functions": write("return h(record)", "def h(r, d=None, *, e='x', f=(1, 2)):\n    return {'a': r['a']}"),
    "local names of any kind": write(
        "a, *b = [1, 2]\nwith_walrus = (w := 1)\nf = lambda x: x + w\nfor i, j in enumerate(b):\n    a = i\n"
        "try:\n    pass\nexcept (KeyError, ValueError) as e:\n    raise\nreturn {k: v for k, v in zip('ab', b)}"
    ),
    "a recursive helper": write("return {'a': h(3)}", "def h(n):\n    return h(n - 1) if n else 0"),
    "a function in a function": write("def inner(y):\n    return y + x\nx = 1\nreturn {'a': inner(2)}"),
    "a local that has the name of a helper": write("country_code = record['c']\nreturn {'a': country_code}"),
    "tables in every harmless way": write(
        "if T:\n    pass\nelif not L:\n    pass\nx = [*L, 'b'] + L\ny = sorted(T), max(L), list(zip(L, x)), f'{L}'\n"
        "z = choose('a', T), choose('a', allowed=L), join_multi(L), [i for i in L], look_up('a', T)\nreturn {'a': str(T)}",
        "T = {'a': 1}\nL = ['a']\ndef look_up(key, table):\n    return table.get(key) or look_up(key, table)",
    ),
    "a loop that ends": write("while True:\n    if record:\n        break\nwhile 1:\n    skip('x')\nreturn {}"),
    "large but usable": write("return {'a': 'x' * 80, 'b': 2 ** 64, 'c': 60 * 60 * 24 * 1000, 'd': 10.0 ** 300}"),
    "letters in text and comments": write("return {'a': 'Zürich 👩\u200d👧'}  # für alle"),
    "skipping": write("if not record.get('email'):\n    skip('no e-mail')\nreturn {}"),
    "print": write("print(record)\nreturn {}"),
}
REFUSED = {
    "no code": ("", 0, "must be a function map_record"),
    "another function": ("def map_records(record):\n    return {}", 0, "must be a function map_record"),
    "two of them": ("def map_record(r):\n    return 1\ndef map_record(r):\n    return 2", 3, "only one function"),
    "two records": ("def map_record(a, b):\n    return {}", 1, "takes one thing"),
    "any number of records": ("def map_record(*a):\n    return {}", 1, "takes one thing"),
    "a syntax error": ("def map_record(record):\n    return {", 2, "not valid Python"),
    "a null byte": ("def map_record(record):\n    return '\0'", 0, "not valid Python"),
    "endless brackets": ("(" * 10_000, 1, "not valid Python"),
    "endless sums": (write("return " + "+".join(["1"] * 20_000)), 0, "not valid Python|nested too deeply"),
    "very long code": ("#" * 100_001, 0, "too long"),
    "a statement outside": (write("return {}", "for i in range(9):\n    pass"), 1, "Only functions and fixed values"),
    "a call outside": (write("return {}", "print(1)"), 1, "Only functions and fixed values"),
    "a computed value outside": (write("return {}", "X = sorted([1])"), 1, "must be fixed"),
    "an unknown import": (write("return {}", "import os"), 1, "cannot import os; it may import datetime, json"),
    "an import inside": (write("import socket\nreturn {}"), 3, "cannot import socket"),
    "an import from": (write("return {}", "from os.path import join"), 1, "cannot import os.path"),
    "a relative import": (write("return {}", "from . import json"), 1, "cannot import"),
    "a class": (write("return {}", "class A:\n    pass"), 1, "cannot use classes"),
    "async": (write("return {}", "async def a():\n    pass"), 1, "cannot use async"),
    "yield": (write("yield {}"), 3, "cannot use yield"),
    "global": (write("global X\nX = 1\nreturn {}", "X = 0"), 3, "cannot use global"),
    "nonlocal": (write("x = 1\ndef f():\n    nonlocal x\n    x = 2\nreturn {}"), 5, "cannot use nonlocal"),
    "del": (write("x = 1\ndel x\nreturn {}"), 4, "cannot use del"),
    "with": (write("with open('x') as f:\n    return {}"), 3, "cannot use with"),
    "a decorator": (write("return {}", "def d(f):\n    return f\n@d\ndef e():\n    pass"), 4, "decorators"),
    "a dunder attribute": (write("return {'a': ''.__class__}"), 3, "two underscores are not allowed: __class__"),
    "a dunder name": (write("return {'a': __builtins__}"), 3, "two underscores"),
    "eval": (write("return eval('1')"), 3, "cannot use eval"),
    "getattr": (write("return getattr(record, 'x')"), 3, "cannot use getattr"),
    "the inside of the prelude": (write("_CODE_OF['x'] = 'y'\nreturn {}"), 3, "cannot use _CODE_OF"),
    "a bare except": (write("try:\n    pass\nexcept:\n    pass\nreturn {}"), 5, "Catch Exception here"),
    "except BaseException": (
        write("try:\n    pass\nexcept (ValueError, BaseException):\n    pass\nreturn {}"),
        5,
        "Catch",
    ),
    "setting an attribute": (write("map_record.seen = 1\nreturn {}"), 3, "cannot set attributes"),
    "a look-alike letter": (write("rеcord = 1\nreturn {}"), 3, "only looks like a plain one"),
    "a letter that reads as a plain one": (write("return ｅval('1')"), 3, "only looks like a plain one"),
    "a look-alike attribute": (write("return {'a': record.gеt('x')}"), 3, "only looks like a plain one"),
    "text that is shown in another order": (write("return {'a': 'x\u202e'}  # \u2066"), 3, "invisible sign"),
    "a loop that never ends": (write("while True:\n    x = 1\nreturn {}"), 3, "never ends"),
    "a loop that only an inner loop leaves": (write("while 1:\n    for x in 'a':\n        break"), 3, "never ends"),
    "a map_record that calls itself": (write("return map_record(record)"), 2, "calls itself"),
    "a list of a billion": (write("return {'a': [0] * 10**9}"), 3, "more than 10,000,000 parts"),
    "text of a billion": (write("return {'a': 1_000_000_000 * 'x'}"), 3, "more than 10,000,000 parts"),
    "a round of a billion": (write("for i in range(0, 10**9):\n    pass\nreturn {}"), 3, "more than 10,000,000 times"),
    "an endless number": (write("return {'a': 10 ** 10**8}"), 3, "too long to work with"),
    "a module under a module": (write("return {'a': json.decoder.scanner}", "import json"), 3, "no json.decoder"),
    "a module under a renamed module": (write("return {'a': r.enum}", "import re as r"), 3, "no re.enum"),
    "an error with two texts": (write("raise ValueError('a', 'b')"), 3, "Give ValueError one text"),
    "an error with a number": (write("raise ValueError(5)"), 3, "Give ValueError one text"),
    "what a module lacks": (write("return {}", "from re import subn"), 1, "no re.subn"),
    "a method the sandbox lacks": (write("return {'a': 'x'.translate({})}"), 3, "does not have .translate"),
    "a function as a replacement": (
        write("return {'a': re.sub('x', lambda m: 'y', 'x')}", "import re"),
        3,
        "needs text as the replacement",
    ),
    "everything of a module": (write("return {}", "from json import *"), 1, "no json.\\*"),
    "a module under a taken name": (write("return {}", "import json as choose"), 1, "The name choose is already taken"),
    "an unknown name": (write("x = 1\nreturn {'a': recrod['x']}"), 4, "There is nothing called recrod"),
    "an unknown name in a helper": (
        write("return h()", "def h():\n    return [nobody for x in 'ab']"),
        2,
        "nothing called nobody",
    ),
    "a helper of ours redefined": (
        write("return {}", "def pick(a, b):\n    return a"),
        1,
        "The name pick is already taken",
    ),
    "a built-in redefined": (write("return {}", "len = 5"), 1, "The name len is already taken"),
    "a table that grows": (write("T['a'] = 1\nreturn {}", "T = {}"), 3, "T may only be looked at"),
    "a list that grows": (write("L.append(1)\nreturn {}", "L = []"), 3, "L may only be looked at"),
    "a list by another name": (write("x = L\nx.append(1)\nreturn {}", "L = []"), 3, "L may only be looked at"),
    "a list given to a helper": (write("h(L)\nreturn {}", "L = []\ndef h(x):\n    x.append(1)"), 3, "x may only"),
    "a list given on and on": (
        write("h(L)\nreturn {}", "L = []\ndef h(x):\n    return g(1, x)\ndef g(a, y):\n    z = y"),
        5,
        "y may only",
    ),
    "a list given by name": (write("h(x=L)\nreturn {}", "L = []\ndef h(x):\n    pass"), 5, "L may only"),
    "a list handed back by a function of ours": (write("first_of(L).append(1)\nreturn {}", "L = [1]"), 3, "L may only"),
    "a list as a default choice": (write("x = choose('a', [], L)\nreturn {}", "L = [1]"), 3, "L may only"),
    "the larger of two lists": (write("max(L, []).append(1)\nreturn {}", "L = [1]"), 3, "L may only"),
    "a list as the start of a sum": (write("x = sum([], L)\nreturn {}", "L = [1]"), 3, "L may only"),
    "a list in a new dict": (write("d = dict(x=L)\nreturn {}", "L = [1]"), 3, "L may only"),
    "a list in a slice": (write("s = slice(L)\nreturn {}", "L = [1]"), 3, "L may only"),
    "a list or another": (write("x = L or []\nreturn {}", "L = [1]"), 3, "L may only"),
    "a list given back": (write("return {'a': L}", "L = [1]"), 3, "L may only"),
    "a list that is made longer": (write("L += [1]\nreturn {}", "L = [1]"), 3, "L may only"),
    "a method of a list kept outside": (write("add(1)\nreturn {}", "L = []\nadd = L.append"), 2, "must be fixed"),
    "a method of a list as a default": (write("return {}", "L = []\ndef h(x=L.append):\n    pass"), 2, "kept from"),
    "a list in a table": (write("T['a'].append(1)\nreturn {}", "T = {'a': []}"), 1, "must be fixed"),
    "a table for another": (write("M['a'] = 1\nreturn {}", "T = {}\nM = T"), 2, "must be fixed"),
    "a table hidden behind a local": (write("T['a'] = 1\ndef f():\n    T = 1\nreturn {}", "T = {}"), 3, "T may only"),
    "a table as a parameter": (
        write("return {}", "T = {}\ndef f(T):\n    T['x'] = 1"),
        2,
        "already the name of a table",
    ),
    "a value given twice": (write("return {}", "X = 1\nX = 2"), 2, "given a value twice"),
    "two names at once": (write("return {}", "A, B = 1, 2"), 1, "one name"),
    "a default that remembers": (
        write("return h()", "def h(seen=[]):\n    seen.append(1)"),
        1,
        "kept from record to record",
    ),
    "a lambda that remembers": (write("f = lambda x, s={}: s\nreturn {}"), 3, "kept from record to record"),
}


@pytest.mark.parametrize("name", FINE)
def test_fine(name):
    assert check_code(FINE[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    code, line, words = REFUSED[name]
    found = check_code(code)
    assert found and all(finding.message.endswith(".") for finding in found)
    lines = [finding.line for finding in found]
    matching = [finding for finding in found if re.search(words, finding.message)]
    assert matching, found
    assert line in {finding.line for finding in matching}, found
    assert lines == sorted(lines)
    assert len(set(found)) == len(found)


def test_a_finding_tells_its_column():
    found = check_code(write("x = 1; y = eval('1')"))
    assert [(finding.line, finding.column, finding.severity) for finding in found] == [(3, 16, "error")]


def test_what_is_found_a_thousand_times_is_not_told_a_thousand_times():
    assert len(check_code(write("\n".join(f"eval('{n}')" for n in range(1000))))) == 100


def test_the_demo_mapping_passes(demo_code):
    assert check_code(demo_code) == []


def test_what_passes_may_also_be_loaded_by_the_sandbox():
    with Monty(min_processes=1, max_processes=1) as pool:
        for code in FINE.values():
            with pool.checkout() as session:
                session.feed_run(prelude.source())
                session.feed_run(code)


def test_the_sandbox_knows_every_built_in_and_import_we_allow():
    with Monty(min_processes=1, max_processes=1) as pool, pool.checkout() as session:
        session.feed_run("\n".join([*(f"import {name}" for name in ALLOWED_IMPORTS), *sorted(BUILTINS)]))
        for module, names in ALLOWED_IMPORTS.items():
            session.feed_run("\n".join(f"{module}.{name}" for name in names))


def test_the_sandbox_lacks_every_method_we_say_it_lacks():
    values = "('x', 5, re, datetime.datetime, datetime.datetime(2024, 1, 1), datetime.date(2024, 1, 1), str)"
    code = f"import re, datetime\n[hasattr(value, name) for value in {values} for name in {sorted(MISSING_METHODS)!r}]"
    with Monty(min_processes=1, max_processes=1) as pool, pool.checkout() as session:
        assert not any(session.feed_run(code))


WORDS = ("def", "map_record", "(", "r", ")", ":", "\n", " return", "{", "}", "[", "'x'", "]", "=", "lambda", "*", "T")


@given(st.text(max_size=200) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_whatever_is_written_is_judged_and_never_raises(code):
    assert all(finding.message for finding in check_code(code))
    source_fields(code)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return {'a': record['x'], 'b': record.get('y'), 'c': record.get('z', '')}", {"x", "y", "z"}),
        ("if 'x' in record and 'y' not in record:\n    return None", {"x", "y"}),
        ("return {'a': [record['x'] for _ in 'ab'], 'b': (lambda: record['y'])()}", {"x", "y"}),
        ("record['new'] = 1\nreturn record.pop('x')", {"new", "x"}),
        ("for a, b in PAIRS:\n    x = record[a]\nreturn {}", {"p", "q"}),
        ("return {b: record.get(a) for a, b in PAIRS}", {"p", "q"}),
        ("return {b: record.get(a) for a, b in TABLE.items()}", {"t"}),
        ("return [record[a] for a in sorted(TABLE)] + [record[c] for c in ('u', 'v')]", {"t", "u", "v"}),
        ("for a in TABLE:\n    a = a + 'x'\n    y = record[a]", None),
        ("for a in TABLE:\n    y = record[a]\nfor a in record['x']:\n    pass", None),
        ("return {b: record.get(a) for a, b in zip('x', 'y')}", None),
        ("for a in [1, 2]:\n    y = record[a]", None),
        ("return {}", set()),
        ("return {'a': h(record)}", {"in_h", "in_g"}),
        ("return {'a': h(5)}", set()),
        ("return record", None),
        ("return {**record}", None),
        ("for k in record:\n    pass\nreturn {}", None),
        ("return {'a': record[name]}", None),
        ("return {'a': record.get('x' + 'y')}", None),
        ("return {'a': record.items()}", None),
        ("r = record\nreturn {'a': r['x']}", None),
        ("record = {}\nreturn {'a': record['x']}", None),
        ("return {'a': str(record)}", None),
        ("return {'a': h(r=record)}", None),
        ("f = lambda record: record['x']\nreturn {'a': f({'x': 1}), 'b': record['y']}", None),
        ("return {'a': len(record)}", None),
    ],
)
def test_the_source_fields_are_told_when_the_code_alone_tells_them(body, expected):
    helpers = "PAIRS = [('p', 'P'), ('q', 'Q')]\nTABLE = {'t': 'T'}\n"
    helpers += "def h(r):\n    return g(1, r) or r['in_h'] or h(r)\ndef g(n, q):\n    return q.get('in_g')"
    assert source_fields(write(body, helpers)) == expected


def test_source_fields_of_code_that_is_not_valid_are_not_known():
    assert source_fields("def map_record(") is None
    assert source_fields("x = 1") is None
