"""What a refused row means: our reason, the field, whether it is sent again, or that the sync stops."""

import pytest

from integrations.adapters.salesforce.bulk import read_row_error
from integrations.adapters.salesforce.errors import Problem
from integrations.adapters.salesforce.row_errors import judge_row
from integrations.exceptions import ConfigurationError, SchemaChangedError
from integrations.reasons import TITLES

RECORD = {"Email": "ann@example.org", "Account__r.Company_Key__c": "Acme"}
LOOKUP = "Foreign key external ID: acme not found for field Company_Key__c in entity Account"
TRIGGER = "LeadTrigger: execution of BeforeUpdate caused by: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access"


TAKEN = "duplicate value found: Key__c duplicates value on record with id: 1"
MISSING = "Required fields are missing: [LastName]"


@pytest.mark.parametrize(
    ("code", "message", "fields", "reason", "field", "is_transient"),
    [
        ("REQUIRED_FIELD_MISSING", "m", ("LastName",), "required_missing", "LastName", False),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "m", (), "custom_rule", "", False),
        ("STRING_TOO_LONG", "m", ("Phone",), "too_long", "Phone", False),
        ("INVALID_EMAIL_ADDRESS", "m", ("Email",), "invalid_email", "Email", False),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "m", ("Status",), "not_in_list", "Status", False),
        ("NUMBER_OUTSIDE_VALID_RANGE", "m", ("N",), "out_of_range", "N", False),
        ("DUPLICATE_VALUE", TAKEN, (), "duplicate_value", "Key__c", False),
        ("DUPLICATES_DETECTED", "Use one of these records?", (), "possible_duplicate", "", False),
        ("DUPLICATE_EXTERNAL_ID", "m", (), "ambiguous_key", "", False),
        ("MALFORMED_ID", "m", ("Id",), "malformed_id", "Id", False),
        ("ENTITY_IS_DELETED", "m", (), "deleted", "", False),
        ("INVALID_CROSS_REFERENCE_KEY", "m", ("AccountId",), "lookup_not_found", "AccountId", False),
        ("INVALID_FIELD", LOOKUP, (), "lookup_not_found", "Account__r.Company_Key__c", False),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger: no", (), "custom_rule", "", False),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", TRIGGER, (), "locked", "", True),
        ("UNABLE_TO_LOCK_ROW", "m", (), "locked", "", True),
        ("BRAND_NEW", "m", (), "refused", "", False),
    ],
)  # fmt: skip
def test_a_refused_row_has_its_reason(code, message, fields, reason, field, is_transient):
    found = judge_row([Problem(code, message, fields)], RECORD)
    assert (found.ok, found.code, found.field, found.is_transient) == (False, reason, field, is_transient)
    assert found.code in TITLES and code in found.technical and "acme" not in found.message


def test_a_row_without_a_reason_is_refused():
    assert judge_row([], RECORD).code == "refused"


@pytest.mark.parametrize(
    ("code", "message", "fields", "family", "word"),
    [
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "m", ("X__c",), SchemaChangedError, "X__c"),
        ("INVALID_FIELD", "No such column 'Gone__c' on entity 'Lead'", (), SchemaChangedError, "Gone__c"),
        ("STORAGE_LIMIT_EXCEEDED", "m", (), ConfigurationError, "full"),
    ],
)
def test_what_concerns_all_rows_stops_the_sync(code, message, fields, family, word):
    with pytest.raises(family, match=word):
        judge_row([Problem(code, message, fields)], RECORD)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"REQUIRED_FIELD_MISSING:{MISSING}:LastName --", Problem("REQUIRED_FIELD_MISSING", MISSING, ("LastName",))),
        (f"DUPLICATE_VALUE:{TAKEN}:--", Problem("DUPLICATE_VALUE", TAKEN, ())),
        ("UNABLE_TO_LOCK_ROW", Problem("UNABLE_TO_LOCK_ROW", "", ())),
        ("UNABLE_TO_LOCK_ROW:busy", Problem("UNABLE_TO_LOCK_ROW", "busy", ())),
        ("", Problem("", "", ())),
    ],
)  # fmt: skip
def test_the_error_of_a_bulk_row_is_taken_apart(text, expected):
    assert read_row_error(text) == expected
