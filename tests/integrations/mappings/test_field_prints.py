"""Which fields a new draft treats differently, by its code alone."""

import pytest

from integrations.mappings.field_prints import LEFT_OUT, changed_fields, field_prints, short_prints

OLD = '''
SOURCES = {"PAID": "Ads", "OFFLINE": "Event"}


def map_record(record):
    """One to one."""
    email = clean_email(record.get("email"))
    if not email:
        skip("no address")
    out = {"Email": email, "Key": email, "Source": source(record.get("source"))}
    out["Phone"] = clean_phone(record.get("phone"), record.get("country"))
    if record.get("country"):
        out["Country"] = country_code(record.get("country"))
    return out


def source(value):
    return choose(value, SOURCES, "Other")
'''

RENAMED = '''
ORIGINS = {"PAID": "Ads", "OFFLINE": "Event"}


def map_record(person):
    """Says the same in other words."""
    address = clean_email(person.get("email"))
    if not address:
        skip("no address")
    result = {"Source": lead_source(person.get("source")), "Key": address, "Email": address}
    if person.get("country"):
        result["Country"] = country_code(person.get("country"))
    result["Phone"] = clean_phone(person.get("phone"), person.get("country"))
    return result


def lead_source(text):
    """Where they come from."""
    return choose(text, ORIGINS, "Other")
'''

CHANGES = [
    pytest.param('"OFFLINE": "Event"', '"OFFLINE": "Fair"', {"Source"}, id="a line of a table"),
    pytest.param('"Other")', '"Unknown")', {"Source"}, id="a function of its own"),
    pytest.param(
        'clean_email(record.get("email"))', 'record.get("email")', {"Email", "Key", LEFT_OUT}, id="a variable"
    ),
    pytest.param('skip("no address")', "return None", {LEFT_OUT}, id="how somebody is left out"),
    pytest.param("if not email:", 'if not record.get("opt_in"):', {LEFT_OUT}, id="who is left out"),
    pytest.param('if record.get("country"):', "if True:", {"Country"}, id="a condition"),
    pytest.param('out["Phone"] = ', 'out["Mobile"] = ', {"Phone", "Mobile"}, id="another field"),
    pytest.param("    return out", '    out["New"] = 1\n    return out', {"New"}, id="a new field"),
    pytest.param("    return out", '    out.update({"Phone": None})\n    return out', {"Phone"}, id="set again"),
    pytest.param("    return out", '    return {**out, "Key": record["id"]}', {"Key"}, id="spread out"),
    pytest.param(
        'record.get("phone"), record.get("country")',
        'record.get("country"), record.get("phone")',
        {"Phone"},
        id="swapped",
    ),
]


def test_other_names_and_another_order_are_no_change() -> None:
    assert changed_fields(OLD, RENAMED) == set()


@pytest.mark.parametrize(("before", "after", "fields"), CHANGES)
def test_a_change_concerns_the_fields_it_reaches(before: str, after: str, fields: set[str]) -> None:
    assert before in OLD
    assert changed_fields(OLD, OLD.replace(before, after)) == fields


FORMS = [
    pytest.param('    return {"A": record["a"]}', id="returned"),
    pytest.param('    out = {}\n    out["A"] = record["a"]\n    return out', id="put in"),
    pytest.param('    out = {"A": record["a"]}\n    return {k: v for k, v in out.items() if v}', id="filtered"),
    pytest.param('    return make(record)\n\ndef make(r):\n    return {"A": r["a"]}', id="made by another function"),
    pytest.param('    base = {}\n    return base | {"A": record["a"]}', id="put together"),
    pytest.param('    return {"A": record["a"]} if record else {}', id="one way or the other"),
    pytest.param('    out = {}\n    for k in "ab":\n        out["A"] = k\n    return out', id="in a loop"),
    pytest.param(
        '    out = {}\n    try:\n        out["A"] = 1\n    except Exception:\n        pass\n    return out', id="tried"
    ),
]


@pytest.mark.parametrize("body", FORMS)
def test_a_field_is_seen_however_it_is_set(body: str) -> None:
    assert "A" in field_prints(f"def map_record(record):\n{body}\n")


SPOILED = [
    pytest.param("def map_record(:", id="no Python"),
    pytest.param("", id="nothing"),
    pytest.param("def map_record(record):\n    x = x + x\n    return {'A': x}\n", id="a variable made of itself"),
    pytest.param("def map_record(record):\n    return map_record(record)\n", id="for ever"),
    pytest.param("X = Y\nY = X\ndef map_record(record):\n    return {'A': X}\n", id="values made of each other"),
    pytest.param(f"def map_record(record):\n    return {{'A': {'(' * 150}1{')' * 150}}}\n", id="deep"),
]


@pytest.mark.parametrize("code", SPOILED)
def test_whatever_the_code_there_is_an_answer(code: str) -> None:
    assert changed_fields(code, code) == set()


def test_short_prints_tell_the_same_and_say_when_the_code_is_not_valid() -> None:
    before, after = short_prints(OLD), short_prints(RENAMED)
    assert before == after
    assert before
    assert set(before) == set(field_prints(OLD))
    assert short_prints("def map_record(record:") is None
    assert short_prints("a = 1") == {}
