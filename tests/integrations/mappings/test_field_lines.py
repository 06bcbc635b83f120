"""Which lines make a field, and from which source fields?"""

import pytest

from integrations.mappings.field_lines import find_field_code

CODE = """\
SOURCES = {
    "PAID": "Ads",
}
PAIRS = [("a", "A"), ("b", "B")]
def map_record(record):
    email = clean_email(record.get("email"))
    phone = record.get("phone")
    out = {"Email": email, "Source": source(record.get("source"))}
    for name, field in PAIRS:
        out[field] = record.get(name)
    if record.get("country"):
        out["Phone"] = clean_phone(
            phone, record.get("country")
        )
    out["Status"] = "New"
    return out
def source(value):
    return choose(value, SOURCES, "Other")
"""
EXPECTED = {
    "Email": ((6, 8), ("email",)),
    "Source": ((1, 2, 3, 8, 17, 18), ("source",)),
    "A": ((4, 9, 10), ("a",)),
    "B": ((4, 9, 10), ("b",)),
    "Phone": ((7, 11, 12, 13, 14), ("phone", "country")),
    "Status": ((15,), ()),
}


@pytest.mark.parametrize("field", EXPECTED)
def test_a_field_knows_its_lines_and_what_it_is_made_from(field: str) -> None:
    found = find_field_code(CODE)[field]
    assert (found.lines, tuple(sorted(found.reads))) == (EXPECTED[field][0], tuple(sorted(EXPECTED[field][1])))


@pytest.mark.parametrize("code", ["", "def map_record(", "a = 1", "def map_record(record):\n    return record"])
def test_code_that_tells_nothing_has_no_fields(code: str) -> None:
    assert find_field_code(code) == {}


def test_a_variable_that_leads_to_itself_ends() -> None:
    body = "a = record['a']\n    a = a + a\n    return {'A': a, 'B': f(a)}"
    found = find_field_code(f"def map_record(record):\n    {body}\ndef f(x):\n    return f(x)")
    assert (found["A"].lines, found["A"].reads) == ((2, 3, 4), ("a",))
    assert found["B"].lines == (2, 3, 4, 5, 6)
