"""SOQL: what it selects, how it pages, and how it refuses."""

import httpx
import pytest


@pytest.fixture
def ask(salesforce):
    def query(text, path="/query", **more):
        return salesforce.get(path, params={"q": text}, **more)

    return query


@pytest.fixture
def leads(upsert_leads, lead, salesforce):
    account = salesforce.get("/query", params={"q": "SELECT Id, Company_Key__c FROM Account LIMIT 1"}).json()[
        "records"
    ][0]
    upsert_leads(
        lead("a@x.io", City="Cork", NumberOfEmployees=5, HasOptedOutOfEmail=True),
        lead(
            "b@x.io",
            City="cork",
            NumberOfEmployees=50,
            Title="50 a off",
            Account__r={"Company_Key__c": account["Company_Key__c"]},
        ),
        lead("c@x.io", LastName=" Smith ", Birthdate__c="1990-02-01", Title="50%_off", Website=" "),
    )
    return account


@pytest.mark.parametrize(
    ("where", "emails"),
    [
        ("City = 'CORK'", "ab"),
        ("City != 'Cork'", "c"),
        ("City = null", "c"),
        ("City LIKE 'co%' AND NumberOfEmployees > 5", "b"),
        ("NumberOfEmployees >= 5 OR LastName = 'Smith'", "abc"),
        ("NOT (City = 'Cork')", "c"),
        ("HubSpot_Email__c IN ('A@x.io', 'c@x.io')", "ac"),
        ("HubSpot_Email__c NOT IN ('a@x.io')", "bc"),
        ("HasOptedOutOfEmail = true", "a"),
        ("LastName = 'O\\'Brien' AND (City = 'Cork' AND NumberOfEmployees < 10)", "a"),
        ("Birthdate__c = 1990-02-01", "c"),
        ("SystemModstamp > 2020-01-01T00:00:00Z AND CreatedDate < 2099-01-01T00:00:00+01:00", "abc"),
        ("Account__r.Name != null", "b"),
        ("Title LIKE '50_a%'", "b"),
        ("Title LIKE '50\\%\\_off'", "c"),
        ("Website = null", "abc"),
    ],
)
def test_conditions_select_what_they_say(ask, leads, where, emails):
    found = ask(f"SELECT HubSpot_Email__c FROM Lead WHERE {where} ORDER BY HubSpot_Email__c").json()
    assert "".join(one["HubSpot_Email__c"][0] for one in found["records"]) == emails


def test_values_come_through_relationships(ask, leads):
    record = ask("SELECT Id, Account__r.Company_Key__c FROM Lead WHERE HubSpot_Email__c = 'b@x.io'").json()["records"][
        0
    ]
    assert record["Account__r"]["Company_Key__c"] == leads["Company_Key__c"]
    assert record["attributes"]["url"].startswith("/services/data/v62.0/sobjects/Lead/00Q")


def test_results_are_ordered_and_limited(ask, leads):
    text = "SELECT NumberOfEmployees FROM Lead ORDER BY NumberOfEmployees DESC NULLS LAST LIMIT 2"
    assert [one["NumberOfEmployees"] for one in ask(text).json()["records"]] == [50, 5]
    first = ask("SELECT NumberOfEmployees FROM Lead ORDER BY NumberOfEmployees").json()["records"][0]
    assert first["NumberOfEmployees"] is None


def test_rows_can_be_counted(ask, leads):
    assert ask("SELECT COUNT() FROM Lead WHERE City = 'Cork'").json()["totalSize"] == 2


def test_a_page_has_two_thousand_rows_and_tells_where_to_go_on(sandbox, salesforce, ask):
    salesforce.post("/sobjects/Account", json={"Name": "One more"})
    first = ask("SELECT Id FROM Account").json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (2_001, False, 2_000)
    rest = httpx.get(f"{sandbox.url}{first['nextRecordsUrl']}", headers=salesforce.headers).json()
    assert (rest["done"], len(rest["records"])) == (True, 1)
    assert "nextRecordsUrl" not in rest


def test_a_smaller_page_can_be_asked_for(ask):
    answer = ask("SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=250"})
    assert len(answer.json()["records"]) == 250


def test_a_page_of_an_unknown_query_is_refused(salesforce):
    assert salesforce.get("/query/01g000000000000AAA-2000").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_keyset_by_stamp_and_id_reaches_rows_that_share_a_second(ask):
    seen, where = [], ""
    while True:
        text = f"SELECT Id, SystemModstamp FROM Account{where} ORDER BY SystemModstamp ASC, Id ASC LIMIT 700"
        rows = ask(text).json()["records"]
        if not rows:
            break
        seen += [row["Id"] for row in rows]
        stamp = rows[-1]["SystemModstamp"]
        where = f" WHERE SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{seen[-1]}')"
    assert (len(seen), len(set(seen))) == (2_000, 2_000)


def test_deleted_rows_are_only_in_query_all(ask, leads, salesforce):
    record_id = ask("SELECT Id FROM Lead LIMIT 1").json()["records"][0]["Id"]
    salesforce.delete(f"/sobjects/Lead/{record_id}")
    assert ask("SELECT Id FROM Lead").json()["totalSize"] == 2
    everything = ask("SELECT Id, IsDeleted FROM Lead WHERE IsDeleted = true", path="/queryAll").json()
    assert [one["Id"] for one in everything["records"]] == [record_id]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT Nope FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Nope = 1", "INVALID_FIELD"),
        ("SELECT Nope__r.Name FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE City = 2020-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Spaceship", "INVALID_TYPE"),
        ("SELECT FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead GROUP BY City", "MALFORMED_QUERY"),
        ("DELETE FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE City = 'x", "MALFORMED_QUERY"),
    ],
)
def test_a_query_that_cannot_be_is_refused(ask, text, code):
    answer = ask(text)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
