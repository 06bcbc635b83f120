"""What code writes, told from the code."""

from datetime import UTC, datetime
from importlib import resources

from integrations.mappings.field_uses import FieldUse, Written, find_written

CODE = """
RATINGS = {"1": "Hot", "2": "Cold"}

def map_record(record):
    out = {"LastName": record.get("lastname"), "Rating": choose(record.get("rating"), RATINGS, "Warm")}
    out["Company"] = record.get("company") or "Unknown"
    return out
"""


def test_fields_and_the_texts_it_writes_by_name():
    written = find_written(CODE)
    assert written.fields == {"LastName", "Rating", "Company"}
    assert written.values == {"Rating": {"Hot", "Cold", "Warm"}, "Company": {"Unknown"}}
    assert written.is_complete


def test_code_that_writes_whatever_comes_is_not_complete():
    assert not find_written("def map_record(record):\n    return {name: 1 for name in record}\n").is_complete


def test_code_that_is_none_writes_nothing_known():
    assert find_written("def map_record(record:") == Written(frozenset(), {}, is_complete=False)
    assert not find_written("def map_record(record):\n    return " + "(" * 5_000 + ")" * 5_000).is_complete


def test_the_demos_mapping_is_understood_whole():
    code = resources.files("integrations.mappings").joinpath("examples", "hubspot_contacts_to_salesforce_leads.txt")
    written = find_written(code.read_text())
    assert {"LastName", "Company", "LeadSource", "HubSpot_Email__c"} <= written.fields
    assert written.is_complete


def test_a_use_as_a_source_writes_nothing():
    assert FieldUse(1, datetime(2026, 1, 1, tzinfo=UTC), reads=frozenset({"a"})).writes == frozenset()
