"""A mapping is reviewed as a whole before it runs: both sides' fields, types, and what the sandbox does not have."""

import ast
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.enums import FieldType
from integrations.mappings.fields_read import Reads
from integrations.mappings.findings import Severity
from integrations.mappings.review import review_code
from integrations.mappings.type_checks import check_types
from integrations.types import FieldSchema, ObjectSchema

CONTACT = ObjectSchema(
    "contacts",
    "Contact",
    (
        FieldSchema("email", "Email", FieldType.EMAIL),
        FieldSchema("firstname", "First name", FieldType.STRING),
        FieldSchema("lastname", "Last name", FieldType.STRING),
        FieldSchema("company", "Company", FieldType.STRING),
        FieldSchema("phone", "Phone", FieldType.PHONE),
        FieldSchema("country", "Country", FieldType.STRING),
        FieldSchema("jobtitle", "Job title", FieldType.STRING),
        FieldSchema("city", "City", FieldType.STRING),
        FieldSchema("hs_analytics_source", "Original source", FieldType.CHOICE),
        FieldSchema("Account__r.Name", "Account name", FieldType.STRING),
        FieldSchema("numberofemployees", "Employees", FieldType.INTEGER),
        FieldSchema("secret", "Secret", FieldType.STRING, readable=False),
    ),
)
NEEDED = "'LastName': record['lastname'], 'Company': record['company'], 'HubSpot_Email__c': record['email']"
KEY = "HubSpot_Email__c"


def write(body: str, above: str = "") -> str:
    lines = "\n    ".join(body.split("\n"))
    return f"{above}\ndef map_record(record):\n    {lines}\n"


@pytest.fixture(scope="module")
def review(lead):
    def review_one(code, **more):
        return review_code(code, CONTACT, lead, **{"key": KEY, **more})

    return review_one


FINE = {
    "a plain mapping": f"return {{{NEEDED}}}",
    "a value that is tested first": f"email = record.get('email')\nif email is None:\n    skip('none')\n"
    f"return {{{NEEDED}, 'Email': email.lower(), 'Phone': record['phone'].strip() if record['phone'] else None}}",
    "a value tested in another way of reading": f"x = record.get('phone') and record['phone'].strip()\nreturn {{{NEEDED}}}",
    "an empty value made text": f"return {{{NEEDED}, 'Title': (record.get('jobtitle') or '').title()}}",
    "an odd field name": f"return {{{NEEDED}, 'City': record['Account__r.Name']}}",
    "the id": f"return {{{NEEDED}, 'HubSpot_ID__c': record['id'].strip()}}",
    "a number that may be anything": f"return {{{NEEDED}, 'Employees': record['numberofemployees'] + 1}}",
    "a dict that grows": f"out = {{{NEEDED}}}\nout['Employees'] = 5\nout['Title'] = None\nreturn out",
    "leaving out": "if not record['email']:\n    return None\n"
    f"if record['id'] == '1':\n    return skip('x')\nreturn {{{NEEDED}}}",
    "a fixed choice": f"return {{{NEEDED}, 'LeadSource': 'Web', 'Industry': 'Farming', 'Birthdate': '2024-01-01'}}",
    "a fixed empty value": f"return {{{NEEDED}, 'Birthdate': None, 'LeadSource': ''}}",
    "fields nobody can tell": "return {**record}",
}
FOUND = {
    "a source field that is not there": (f"return {{{NEEDED}, 'Title': record['jobtitel']}}", 3, "error",
        r"Contact has no field called jobtitel\. Did you mean jobtitle\?", "jobtitel"),
    "a source field that cannot be read": (f"return {{{NEEDED}, 'Title': record['secret']}}", 3, "error",
        "Secret cannot be read from Contact", "secret"),
    "a destination field that is not there": (f"return {{{NEEDED}, 'titel': 'x'}}", 3, "error",
        r"Lead has no field called titel\. Did you mean Title\?", "titel"),
    "a destination field with a look-alike letter": (f"return {{{NEEDED}, 'Тitle': 'x'}}", 3, "error",
        "only looks like a plain one. Did you mean Title", "Тitle"),
    "a destination field that cannot be written": (f"return {{{NEEDED}, 'Name': 'x'}}", 3, "error",
        "Full Name in Lead cannot be written", "Name"),
    "a required field that is not filled": ("return {'Company': 'x', 'HubSpot_Email__c': record['email']}", 0, "error",
        "Last Name is required in Lead, but the mapping never fills it", "LastName"),
    "a required field that is always empty": ("return {'Company': '', 'LastName': 'x', 'HubSpot_Email__c': 'a@b.co'}", 3,
        "error", "Company must be filled, but is always empty here", "Company"),
    "a key that is not filled": ("return {'Company': 'x', 'LastName': 'y'}", 0, "error",
        "HubSpot Email tells who a record is, but the mapping never fills it", KEY),
    "a fixed choice that is not offered": (f"return {{{NEEDED}, 'LeadSource': 'Webb'}}", 3, "error",
        "Lead source does not offer the choice “Webb”. Did you mean Web?", "LeadSource"),
    "a choice among others that is not offered": (
        f"return {{{NEEDED}, 'LeadSource': choose(record['city'], {{'a': 'Web', 'b': 'Ads'}}, 'Other')}}", 3, "warning",
        "does not offer the choice “Ads”", "LeadSource"),
    "a way out that is not offered": (f"return {{{NEEDED}, 'LeadSource': record['city'] or 'None'}}", 3, "warning",
        "does not offer the choice “None”", "LeadSource"),
    "a fixed date that is none": (f"return {{{NEEDED}, 'Birthdate': 'soon'}}", 3, "error",
        "It expects a date such as 2026-03-01 in Birthdate. This is “soon”", "Birthdate"),
    "a field that may be empty": (f"return {{{NEEDED}, 'Title': record['jobtitle'].title()}}", 3, "warning",
        r"record\['jobtitle'\]\.title stops with an error when the value is empty", ""),
    "a default that does not help": (f"return {{{NEEDED}, 'Title': record.get('jobtitle', '').title()}}", 3, "warning",
        "when the value is empty", ""),
    "a function of ours that may give nothing": (f"return {{{NEEDED}, 'Title': clean_text(record['city']) + '!'}}", 3,
        "warning", "when the value is empty", ""),
    "a sum with nothing": (f"return {{{NEEDED}, 'Employees': to_int('5') + 1}}", 3, "warning", "value is empty", ""),
    "text where fields belong": ("return 'x'", 3, "error", "This returns text, but a mapping returns fields", ""),
    "a list where fields belong": ("return [record]", 3, "error", "This returns a list, but", ""),
    "a number where fields belong": ("return 5", 3, "error", "This returns a number, but", ""),
    "yes where fields belong": ("return True", 3, "error", "This returns yes or no, but", ""),
    "fields without a name": (f"return {{{NEEDED}, 5: 'x'}}", 3, "error", "must have text as their names", ""),
    "too many values for a function": (f"return {{{NEEDED}, 'Phone': clean_phone('x', 'US', 20)}}", 3, "error",
        r"clean_phone is not called with what it takes: it is clean_phone\(value, default_country=''\)", ""),
    "a value a function does not know": (f"return {{{NEEDED}, 'Phone': clean_phone('x', country='US')}}", 3, "error",
        "clean_phone is not called with what it takes", ""),
    "nothing for a function": (f"return {{{NEEDED}, 'Phone': clean_phone()}}", 3, "error", "clean_phone is not called", ""),
    "a method that does not exist": (f"return {{{NEEDED}, 'Phone': 'x'.uper()}}", 3, "error", "no uper on text", ""),
    "a value called like a function": (f"x = 'a'\nreturn {{{NEEDED}, 'Phone': x()}}", 4, "error", "not a function", ""),
    "things that do not go together": (f"return {{{NEEDED}, 'Phone': 'a' + 5}}", 3, "warning",
        "This may stop with an error: 'a' \\+ 5", ""),
    "a part of Python the sandbox lacks": (f"try:\n    pass\nexcept* ValueError:\n    pass\nreturn {{{NEEDED}}}", 0, "error",
        "part of Python that the sandbox does not have", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_nothing_is_said_about(review, name):
    assert review(write(FINE[name])).findings == ()


@pytest.mark.parametrize("name", FOUND)
def test_a_sentence_is_said_about(review, name):
    body, line, severity, words, field = FOUND[name]
    findings = review(write(body)).findings
    matching = [finding for finding in findings if re.search(words, finding.message)]
    assert matching, findings
    assert all(finding.message.endswith((".", "?")) for finding in findings)
    assert [(matching[0].severity, matching[0].field)] == [(severity, field)]
    assert line in (0, matching[0].line)
    assert matching[0].column or not line


def test_the_demo_mapping_passes(review, demo_code):
    reviewed = review(demo_code)
    assert reviewed.findings == ()
    assert reviewed.reads_all_told and reviewed.writes_all_told
    assert reviewed.fields_read > {"id", "email", "country"} and len(reviewed.fields_written) == 12


def test_an_update_need_not_fill_what_a_new_record_must(review):
    assert review(write("return {'HubSpot_Email__c': record['email']}"), mode="update").findings == ()


def test_without_a_key_nothing_is_said_about_it(review):
    body = "return {'LastName': record['lastname'], 'Company': record['company']}"
    assert review(write(body), key="").findings == ()


def test_a_field_of_a_loop_over_a_table_is_checked_on_both_sides(review):
    above = "FIELDS = {'lastname': 'LastName', 'company': 'Company', 'emial': 'HubSpot_Emial__c'}"
    found = review(write("return {name: record[field] for field, name in FIELDS.items()}", above))
    assert {(finding.field, finding.severity) for finding in found.findings} == {
        ("emial", Severity.ERROR),
        ("HubSpot_Emial__c", Severity.ERROR),
        (KEY, Severity.ERROR),
    }
    assert found.fields_written == {"LastName", "Company", "HubSpot_Emial__c"}


def test_code_the_checks_refuse_is_not_run_but_its_fields_are_still_checked(review):
    found = review(write("import os\nreturn {'titel': os.getcwd()}"))
    assert any("Last Name is required" in finding.message for finding in found.errors)
    assert any("cannot import os" in finding.message for finding in found.errors)
    assert any(finding.field == "titel" for finding in found.errors)


@pytest.mark.parametrize("code", ["", "def map_record(record):\n    return {", "x = 1", "\0", "(" * 5000])
def test_what_is_no_mapping_at_all_is_said_in_one_sentence(review, code):
    found = review(code)
    assert len(found.findings) == 1 and found.errors


def test_columns_are_those_of_the_code_as_written(review):
    for signature in ("def map_record(record):", "def  map_record( record : dict )  -> dict :"):
        code = f"{signature} return {{{NEEDED}, 'Title': record['jobtitle'].title()}}\n"
        (finding,) = review(code).findings
        assert code[finding.column - 1 :].startswith("record['jobtitle'].title()")


def test_code_too_involved_for_the_type_checker_is_said_to_be():
    branches = "\n".join(f"if record['id'] == {number}:\n    x = {number}" for number in range(1500))
    code = write(f"x = 0\n{branches}\nreturn {{'Title': x}}")
    (finding,) = check_types(code, ast.parse(code), CONTACT, Reads((), True), memory_bytes=64_000_000)
    assert finding.severity == Severity.WARNING and "too involved" in finding.message


WORDS = (
    "def",
    "map_record",
    "(",
    "record",
    ")",
    ":",
    "\n",
    " return",
    "{",
    "}",
    "['email']",
    "'Email'",
    "=",
    ".lower()",
)


@settings(max_examples=40)
@given(st.text(max_size=100) | st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join).map(write))
def test_whatever_is_written_is_reviewed_and_never_raises(review, code):
    found = review(code).findings
    assert [finding.line for finding in found] == sorted(finding.line for finding in found)


class TestObjectsThatTakeOtherFieldsToo:
    def findings(self, lead, body):
        source, destination = replace(CONTACT, extra_fields=True), replace(lead, extra_fields=True)
        found = review_code(write(body), source, destination, key=KEY).findings
        return [(one.severity, one.field, one.message) for one in found]

    def test_a_field_of_another_name_is_fine_on_both_sides(self, lead):
        assert self.findings(lead, f"return {{{NEEDED}, 'plan': record['subscription']}}") == []

    def test_what_looks_like_a_slip_is_a_warning_with_what_was_meant(self, lead):
        found = self.findings(lead, f"return {{{NEEDED}, 'Titel': record['jobtitel']}}")
        assert {severity for severity, _, _ in found} == {Severity.WARNING}
        told = {field: message for _, field, message in found}
        assert "Did you mean jobtitle?" in told["jobtitel"] and "Did you mean Title?" in told["Titel"]
