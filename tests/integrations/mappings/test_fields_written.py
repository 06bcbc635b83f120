"""Which destination fields does the code write, told without running it?"""

import ast

import pytest

from integrations.mappings.fields_written import find_writes

ABOVE = """
NAMES = {"first": "FirstName", "last": "LastName"}
PAIRS = [("a", "A"), ("b", "B")]
FIXED = {"Status": "New"}
def address(record):
    return {"City": record["city"], "Zip": record["zip"]}
def add_phone(out, record):
    out["Phone"] = record["phone"]
    if record["mobile"]:
        out["Mobile"] = record["mobile"]
def maybe(record):
    if record["x"]:
        return None
    return address(record)
"""


def write(body: str) -> str:
    return ABOVE + "def map_record(record):\n    " + "\n    ".join(body.split("\n"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return {'A': 1, 'B': record['b']}", {"A", "B"}),
        ("out = {'A': 1}\nout['B'] = 2\nreturn out", {"A", "B"}),
        ("out: dict = {}\nout.update({'A': 1}, B=2)\nout.setdefault('C', 3)\nout |= {'D': 4}\nreturn out", set("ABCD")),
        ("if record['x']:\n    return {'A': 1}\nreturn {'B': 2}", {"A", "B"}),
        ("return {'A': 1} if record['x'] else {'B': 2}", {"A", "B"}),
        ("return record['x'] and None or {'A': 1}", None),
        ("return None or {'A': 1}", {"A"}),
        ("return {**address(record), **FIXED, 'A': 1}", {"City", "Zip", "Status", "A"}),
        ("return address(record) | dict(A=1, **FIXED)", {"City", "Zip", "Status", "A"}),
        ("return maybe(record)", {"City", "Zip"}),
        ("out = {}\nadd_phone(out, record)\nreturn out", {"Phone", "Mobile"}),
        ("out = address(record)\nreturn out.copy()", {"City", "Zip"}),
        ("out = {}\nfor source, name in NAMES.items():\n    out[name] = record[source]\nreturn out", {"FirstName", "LastName"}),
        ("return {name: record[source] for source, name in PAIRS}", {"A", "B"}),
        ("return {name: 1 for name in ('A', 'B')}", {"A", "B"}),
        ("out = {'A': 1}\nreturn {name: value for name, value in out.items() if value}", {"A"}),
        ("skip('no')", set()),
        ("return skip('no')", set()),
        ("return None", set()),
        ("return (out := {'A': 1})", {"A"}),
        ("out = {'A': 1}\nout['B'] = inner = 2\ninner = out['A']\nreturn out", {"A", "B"}),
        ("def inner():\n    return {'Z': 1}\nreturn {'A': inner()}", {"A"}),
        ("return record", None),
        ("return {**record}", None),
        ("return {record['x']: 1, 'A': 1}", None),
        ("out = {'A': 1}\nother = out\nother['B'] = 2\nreturn out", None),
        ("out = {}\nadd_phone(out=out, record=record)\nreturn out", None),
        ("out, b = {'A': 1}, 2\nreturn out", None),
        ("for name in record:\n    out[name] = 1\nreturn {name: 1}", None),
        ("out = {}\nfor name in NAMES:\n    name = record['x']\n    out[name] = 1\nreturn out", None),
        ("out = {}\nfor name in NAMES:\n    out[name] = 1\nfor name in record:\n    out[name] = 1\nreturn out", None),
        ("return json.loads(record['x'])", None),
        ("return map_record(record)", set()),
    ],
)  # fmt: skip
def test_the_fields_are_told_when_the_code_alone_tells_them(body, expected):
    writes = find_writes(ast.parse(write(body)))
    assert (writes.fields if writes.is_complete else None) == expected


def test_what_can_be_told_is_told_even_when_there_may_be_more():
    writes = find_writes(ast.parse(write("return {**record, 'A': 1}")))
    assert writes.fields == {"A"} and not writes.is_complete


def test_code_without_map_record_writes_nothing_that_is_known():
    assert not find_writes(ast.parse("x = 1")).is_complete


def test_each_place_is_told_with_its_line_and_what_a_loop_stands_for():
    body = "out = {}\nfor source, name in NAMES.items():\n    out[name] = record[source]\nout['LastName'] = 'x'\nreturn out"
    places = [place for place in find_writes(ast.parse(write(body))).places if place.field == "LastName"]
    lines = body.split("\n")
    start = write(body).split("\n").index("    out = {}") + 1
    assert [place.where.lineno - start for place in places] == [
        lines.index("    out[name] = record[source]"),
        lines.index("out['LastName'] = 'x'"),
    ]
    assert places[0].bindings["source"].value == "last"
    assert not places[1].bindings
