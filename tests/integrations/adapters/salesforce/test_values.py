"""Records in Salesforce's wire shape, in JSON and in CSV, and queries that hold any text."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.salesforce.csv_rows import read_csv, write_csv
from integrations.adapters.salesforce.soql import quote_text, select_changed, select_where_in
from integrations.adapters.salesforce.values import to_wire
from integrations.exceptions import ConfigurationError
from integrations.types import Window


@pytest.mark.parametrize(
    ("record", "wire"),
    [
        ({"LastName": "O'Brien", "N": 1.5, "B": True}, {"LastName": "O'Brien", "N": 1.5, "B": True}),
        ({"LeadSource": None}, {"LeadSource": None}),
        ({"Account__r.Company_Key__c": "Acme"}, {"Account__r": {"Company_Key__c": "Acme"}}),
        ({"Account__r.Company_Key__c": None}, {"Account__c": None}),
        ({"Account.Key__c": ""}, {"AccountId": None}),
        ({"Interests__c": ["a", "b"]}, {"Interests__c": "a;b"}),
        ({"D": date(2026, 1, 2)}, {"D": "2026-01-02"}),
        ({"T": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}, {"T": "2026-01-02T03:04:05Z"}),
    ],
)
def test_a_record_has_salesforces_shape(record, wire):
    assert to_wire(record) == wire


def test_a_csv_tells_empty_from_absent():
    body = write_csv([{"Key": "1", "A": None, "B": True}, {"Key": "2", "C": 'x,"y"\nz', "A": ""}])
    assert body.decode() == 'Key,A,B,C\n1,#N/A,true,\n2,#N/A,,"x,""y""\nz"\n'


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), min_size=1)


@given(st.lists(st.dictionaries(st.sampled_from(["Key", "Name", "A__r.B__c"]), _TEXT, min_size=1), min_size=1))
def test_any_text_survives_the_csv(records):
    rows = list(read_csv(write_csv(records)))
    assert [{name: row[name] for name in record} for row, record in zip(rows, records, strict=True)] == records


def test_an_empty_result_file_has_no_rows():
    assert list(read_csv(b"")) == [] == list(read_csv(b'"sf__Id","sf__Error","Key"\n'))


@given(st.text())
def test_no_text_ends_its_literal(text):
    literal = quote_text(text)
    inside = literal[1:-1].replace("\\\\", "").replace("\\'", "")
    assert "'" not in inside and not inside.endswith("\\")


def test_many_values_are_asked_for_in_queries_that_fit_an_address():
    values = [f"person.number.{i}@a-rather-long-domain.example.org" for i in range(500)]
    queries = list(select_where_in("Lead", ("Email",), "Email", values))
    assert len(queries) > 1 and all(len(query) < 9_000 for query in queries)
    assert sum(query.count("person.number") for query in queries) == 500


@pytest.mark.parametrize("name", ["Email FROM User", "Email;", "", "a.b.", "x'", "Émail", "1x"])
def test_a_name_that_is_none_never_reaches_a_query(name):
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    with pytest.raises(ConfigurationError):
        select_changed("Lead", [name], {}, window)
    with pytest.raises(ConfigurationError):
        select_changed(name, ["Email"], {}, window)


def test_a_reading_goes_on_after_the_last_time_and_id():
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    cursor = {"id": "00Q1", "stamp": "2026-01-05T00:00:00.000Z"}
    assert select_changed("Lead", ["Email"], cursor, window) == (
        "SELECT Id,SystemModstamp,Email FROM Lead WHERE SystemModstamp >= 2026-01-01T00:00:00.000Z"
        " AND SystemModstamp <= 2026-02-01T00:00:00.000Z AND (SystemModstamp > 2026-01-05T00:00:00.000Z"
        " OR (SystemModstamp = 2026-01-05T00:00:00.000Z AND Id > '00Q1'))"
        " ORDER BY SystemModstamp ASC, Id ASC LIMIT 2000"
    )
