"""Mapping code in the real sandbox, and a destination to validate against."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

import integrations.mappings
from integrations.enums import FieldType
from integrations.mappings import prelude
from integrations.mappings.runner import MappingRunner
from integrations.types import FieldSchema, ObjectSchema

Ask = Callable[[str], Any]


@pytest.fixture(scope="session")
def evaluator() -> Iterator[MappingRunner]:
    """Maps {"ask": an expression} to its value."""
    names = " ".join(sorted(prelude.names()))
    code = f"# {names}\ndef map_record(record):\n    return {{'value': eval(record['ask'])}}"
    with MappingRunner(code, processes=1) as runner:
        yield runner


@pytest.fixture(scope="session")
def ask(evaluator: MappingRunner) -> Ask:
    """Ask the sandbox for the value of an expression, prelude included."""

    def ask_sandbox(expression: str) -> Any:
        batch = evaluator.map_batch(orjson.dumps([{"ask": expression}]))
        assert batch.outputs[0] is not None, batch
        return batch.outputs[0]["value"]

    return ask_sandbox


@pytest.fixture(scope="session")
def ask_failure(evaluator: MappingRunner) -> Ask:
    """Ask the sandbox for an expression that must fail; the words of its error."""

    def ask_sandbox(expression: str) -> str:
        batch = evaluator.map_batch(orjson.dumps([{"ask": expression}]))
        return batch.failed[0].technical.partition(": ")[2].rpartition(" in line ")[0]

    return ask_sandbox


@pytest.fixture(scope="session")
def demo_code() -> str:
    """The example mapping, as the demo publishes it."""
    folder = Path(integrations.mappings.__file__).parent / "examples"
    return (folder / "hubspot_contacts_to_salesforce_leads.txt").read_text()


@pytest.fixture(scope="session")
def lead() -> ObjectSchema:
    """A lead with one field of every kind."""
    sources = ("Web", "Marketing Site", "Organic Search", "Referral", "Other", "Social Media", "Email Marketing")
    fields = (
        FieldSchema("Id", "Record ID", FieldType.STRING, writable=False, max_length=18),
        FieldSchema("LastName", "Last Name", FieldType.STRING, required=True, max_length=80),
        FieldSchema("FirstName", "First Name", FieldType.STRING, max_length=40),
        FieldSchema("Company", "Company", FieldType.STRING, required=True, max_length=255),
        FieldSchema("Title", "Title", FieldType.STRING, max_length=128),
        FieldSchema("City", "City", FieldType.STRING, max_length=40),
        FieldSchema("Country", "Country", FieldType.STRING, max_length=80),
        FieldSchema("Email", "Email", FieldType.EMAIL, max_length=80),
        FieldSchema("Phone", "Phone", FieldType.PHONE, max_length=40),
        FieldSchema("LeadSource", "Lead source", FieldType.CHOICE, choices=(*sources, "Paid Search")),
        FieldSchema("Industry", "Industry", FieldType.CHOICE, choices=("Retail",), restricted=False, max_length=20),
        FieldSchema("Interests", "Interests", FieldType.MULTI_CHOICE, choices=("Product", "Pricing")),
        FieldSchema("Employees", "Employees", FieldType.INTEGER),
        FieldSchema("Score", "Score", FieldType.NUMBER),
        FieldSchema("OptOut", "Opt out", FieldType.BOOLEAN),
        FieldSchema("Birthdate", "Birthdate", FieldType.DATE),
        FieldSchema("LastSeen", "Last seen", FieldType.DATETIME),
        FieldSchema("Notes", "Notes", FieldType.TEXT),
        FieldSchema("Anything", "Anything", FieldType.OTHER),
        FieldSchema("Name", "Full Name", FieldType.STRING, writable=False),
        FieldSchema("HubSpot_Email__c", "HubSpot Email", FieldType.EMAIL, max_length=80, is_key=True),
        FieldSchema("HubSpot_ID__c", "HubSpot ID", FieldType.STRING, max_length=40, is_key=True),
        FieldSchema("Account__r.Company_Key__c", "Account: Company Key", FieldType.STRING, max_length=255),
    )
    return ObjectSchema("Lead", "Lead", fields)
