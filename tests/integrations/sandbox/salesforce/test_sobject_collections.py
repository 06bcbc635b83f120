"""Upserting two hundred rows: answers in order, each bad row with the reason Salesforce gives."""

import pytest

UNKNOWN = "Foreign key external ID: nobody ltd not found for field Company_Key__c in entity Account"


def errors(answer, position=0):
    return answer.json()[position]["errors"]


def test_rows_are_created_and_then_updated_in_place(upsert_leads, lead):
    first = upsert_leads(lead("a@x.io"), lead("b@x.io")).json()
    second = upsert_leads(lead("B@x.io", City="Cork"), lead("a@x.io")).json()
    assert [row["created"] for row in first + second] == [True, True, False, False]
    assert [row["id"] for row in second] == [first[1]["id"], first[0]["id"]]


def test_bad_rows_do_not_stop_good_ones_and_order_is_kept(upsert_leads, lead):
    answer = upsert_leads(lead("a@x.io"), lead("b@x.io", LastName=None), lead("c@x.io"))
    assert answer.status_code == 200
    assert [row["success"] for row in answer.json()] == [True, False, True]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"LastName": None}, ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"])),
        (
            {"LastName": " ", "Company": ""},
            ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName, Company]", ["LastName", "Company"]),
        ),
        (
            {"FirstName": "x" * 41},
            ("STRING_TOO_LONG", f"First Name: data value too large: {'x' * 41} (max length=40)", ["FirstName"]),
        ),
        ({"Email": "a@@x.io"}, ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: a@@x.io", ["Email"])),
        (
            {"LeadSource": "Moon"},
            (
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                "Lead Source: bad value for restricted picklist field: Moon",
                ["LeadSource"],
            ),
        ),
        ({"Account__r": {"Company_Key__c": "Nobody Ltd"}}, ("INVALID_FIELD", UNKNOWN, [])),
        (
            {"Account__c": "0015e00000000zzAAA"},
            ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["Account__c"]),
        ),
        ({"Account__c": "x"}, ("MALFORMED_ID", "Account: id value of incorrect type: x", ["Account__c"])),
        ({"HubSpot_Email__c": ""}, ("MISSING_ARGUMENT", "HubSpot_Email__c not specified", [])),
    ],
    ids=["required", "both-required", "length", "email", "picklist", "account-key", "account-id", "bad-id", "no-key"],
)
def test_a_bad_row_says_what_is_wrong(upsert_leads, lead, change, error):
    code, message, fields = error
    assert errors(upsert_leads(lead(**change))) == [{"statusCode": code, "message": message, "fields": fields}]


def test_a_read_only_field_is_an_error_of_its_row(upsert_leads, lead):
    answer = upsert_leads(lead("a@x.io", CreatedDate="2020-01-01T00:00:00Z"))
    assert errors(answer)[0]["statusCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_an_account_is_found_by_its_key(upsert_leads, lead, salesforce):
    account = salesforce.get("/query", params={"q": "SELECT Id, Company_Key__c FROM Account LIMIT 1"}).json()[
        "records"
    ][0]
    key = {"Company_Key__c": account["Company_Key__c"].upper()}
    made = upsert_leads(lead(Account__r=key), lead("b@x.io", Account__r=None)).json()
    stored = [salesforce.get(f"/sobjects/Lead/{row['id']}").json()["Account__c"] for row in made]
    assert stored == [account["Id"], None]


def test_the_same_key_twice_fails_both_rows(upsert_leads, lead):
    answer = upsert_leads(lead("a@x.io"), lead("A@x.io"), lead("b@x.io"))
    assert [row["success"] for row in answer.json()] == [False, False, True]
    assert errors(answer)[0]["message"] == "Duplicate external id specified: a@x.io"
    assert errors(answer)[0]["statusCode"] == "DUPLICATE_VALUE"


def test_a_unique_value_of_another_record_is_refused(upsert_leads, lead):
    made = upsert_leads(lead("a@x.io", HubSpot_ID__c="1")).json()[0]["id"]
    answer = upsert_leads(lead("b@x.io", HubSpot_ID__c="1"))
    assert (
        errors(answer)[0]["message"]
        == f"duplicate value found: HubSpot_ID__c duplicates value on record with id: {made}"
    )


def test_a_unique_value_twice_in_one_call_is_refused_once(upsert_leads, lead):
    answer = upsert_leads(lead("a@x.io", HubSpot_ID__c="1"), lead("b@x.io", HubSpot_ID__c="1"))
    assert [row["success"] for row in answer.json()] == [True, False]


def test_a_unique_value_can_move_once_it_is_free(upsert_leads, lead):
    upsert_leads(lead("a@x.io", HubSpot_ID__c="1"))
    upsert_leads(lead("a@x.io", HubSpot_ID__c="2"))
    assert upsert_leads(lead("b@x.io", HubSpot_ID__c="1")).json()[0]["success"]


def test_a_key_that_several_records_have_is_ambiguous(upsert_leads, lead, salesforce):
    for email in ("a@x.io", "b@x.io"):
        upsert_leads(lead(email, Legacy_ID__c="L1"))
    answer = upsert_leads({"Legacy_ID__c": "L1", "LastName": "X", "Company": "Y"}, key="Legacy_ID__c")
    assert errors(answer)[0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_all_or_none_rolls_everything_back(upsert_leads, lead, control):
    answer = upsert_leads(lead("a@x.io"), lead("b@x.io", LastName=None), all_or_none=True)
    assert errors(answer, 0)[0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert errors(answer, 1)[0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert control.get("/salesforce/Lead/summary").json()["stored"] == 0


def test_null_clears_a_field_and_absence_leaves_it(upsert_leads, lead, salesforce):
    record_id = upsert_leads(lead(City="Cork", Phone="1")).json()[0]["id"]
    upsert_leads(lead(City=None))
    stored = salesforce.get(f"/sobjects/Lead/{record_id}").json()
    assert (stored["City"], stored["Phone"], stored["LastName"]) == (None, "1", "O'Brien")


def test_an_update_must_not_clear_a_required_field(upsert_leads, lead):
    upsert_leads(lead())
    assert upsert_leads({"HubSpot_Email__c": "ann@x.io", "City": "Cork"}).json()[0]["success"]
    assert (
        errors(upsert_leads({"HubSpot_Email__c": "ann@x.io", "Company": None}))[0]["statusCode"]
        == "REQUIRED_FIELD_MISSING"
    )


def test_surrounding_blanks_are_no_part_of_an_address(upsert_leads, lead, salesforce):
    record_id = upsert_leads(lead("  ann@x.io ")).json()[0]["id"]
    assert upsert_leads(lead("ann@x.io")).json()[0]["id"] == record_id


def test_an_unknown_field_refuses_the_whole_call(upsert_leads, lead, control):
    answer = upsert_leads(lead("a@x.io"), lead("b@x.io", Nope__c="x"))
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"
    assert answer.json()[0]["message"].startswith("No such column 'Nope__c'")
    assert control.get("/salesforce/Lead/summary").json()["stored"] == 0


@pytest.mark.parametrize(
    "change",
    [{"City": 12}, {"HasOptedOutOfEmail": "maybe"}, {"NumberOfEmployees": "many"}, {"Birthdate__c": "soon"}],
    ids=str,
)
def test_a_value_of_the_wrong_type_refuses_the_whole_call(upsert_leads, lead, change):
    answer = upsert_leads(lead(**change))
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_typed_values_are_kept(upsert_leads, lead, salesforce):
    typed = {"NumberOfEmployees": 12, "HasOptedOutOfEmail": True, "Birthdate__c": "1990-02-01", "AnnualRevenue": 1.5}
    record_id = upsert_leads(lead(**typed, Interests__c="Pricing;Events")).json()[0]["id"]
    stored = salesforce.get(f"/sobjects/Lead/{record_id}").json()
    assert {name: stored[name] for name in typed} == typed
    assert stored["Status"] == "Open - Not Contacted"


def test_two_hundred_rows_are_the_most(upsert_leads, lead):
    assert upsert_leads(*[lead(f"p{i}@x.io") for i in range(200)]).status_code == 200
    assert upsert_leads(*[lead(f"p{i}@x.io") for i in range(201)]).status_code == 400


def test_field_and_object_names_may_be_written_in_any_case(salesforce, lead):
    body = {"records": [{"attributes": {"type": "Lead"}, **lead(), "cITY": "Cork"}]}
    made = salesforce.patch("/composite/sobjects/lead/hubspot_email__c", json=body).json()[0]
    assert salesforce.get(f"/sobjects/Lead/{made['id']}").json()["City"] == "Cork"


def test_a_key_that_is_no_external_id_is_refused(upsert_leads, lead):
    assert upsert_leads(lead(), key="City").status_code == 400


def test_records_are_inserted_updated_and_deleted_across_types(salesforce):
    def records(*rows):
        return {"records": [{"attributes": {"type": kind}, **row} for kind, row in rows]}

    rows = [("Contact", {"LastName": "A"}), ("Account", {"Name": "B"}), ("Contact", {"LastName": "C"})]
    made = [row["id"] for row in salesforce.post("/composite/sobjects", json=records(*rows)).json()]
    assert [record_id[:3] for record_id in made] == ["003", "001", "003"]
    changes = records(("Contact", {"Id": made[0], "LastName": "Z"}), ("Contact", {"Id": "x", "LastName": "Z"}))
    assert [row["success"] for row in salesforce.patch("/composite/sobjects", json=changes).json()] == [True, False]
    gone = salesforce.delete("/composite/sobjects", params={"ids": ",".join([made[0], made[0]]), "allOrNone": "false"})
    assert [row["success"] for row in gone.json()] == [True, False]


def test_the_ledger_counts_what_arrived_and_how_often(upsert_leads, lead, control):
    upsert_leads(lead("a@x.io"), lead("b@x.io"), lead("c@x.io", LastName=None))
    upsert_leads(lead("A@x.io"))
    assert control.get("/salesforce/Lead/summary").json() == {
        "stored": 2,
        "writes": 3,
        "keys_written_once": 1,
        "keys_written_more": 1,
        "rejected": 1,
    }
