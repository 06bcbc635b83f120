"""The same promise on the fields as our adapters describe them: every two objects of the five platforms, both ways."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from integrations.adapters.registry import adapter_class
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.mappings.matching import Level, match_fields
from integrations.sandbox.server import SandboxServer
from integrations.types import ObjectSchema
from tests.integrations.adapters.cases import CASES

# A line is one thing and what each object calls it, "-" where it has none; after "/" another field as good.
PEOPLE = """
hubspot:contacts salesforce:Lead    salesforce:Contact mailchimp:members       segment:users          google_analytics:events
email            Email              Email              email_address           email                  user_data.email
firstname        FirstName          FirstName          FNAME                   firstName              user_data.first_name
lastname         LastName           LastName           LNAME                   lastName               user_data.last_name
-                Salutation         Salutation         SALUTATION              -                      -
-                Name               Name               full_name               name                   -
jobtitle         Title              Title              JOBTITLE                title                  -
phone            Phone              Phone              PHONE                   phone                  user_data.phone
mobilephone      MobilePhone        MobilePhone        -                       -                      -
company          Company            -                  COMPANY                 company.name           -
address          Street             MailingStreet      ADDRESS:addr1           address.street         user_data.street
city             City               MailingCity        ADDRESS:city            address.city           user_data.city
state            State              MailingState       ADDRESS:state           address.state          user_data.region
zip              PostalCode         MailingPostalCode  ADDRESS:zip/USZIP       address.postalCode     user_data.postal_code
country          Country            MailingCountry     COUNTRY/ADDRESS:country address.country        user_data.country
-                -                  -                  country_code            -                      user_location.country_id
website          Website            -                  WEBSITE                 website                -
industry         Industry           -                  -                       company.industry       -
annualrevenue    AnnualRevenue      -                  -                       -                      -
-                NumberOfEmployees  -                  -                       company.employee_count -
date_of_birth    Birthdate__c       Birthdate          BIRTHDAY                birthday               -
hs_email_optout  HasOptedOutOfEmail HasOptedOutOfEmail -                       -                      -
lifecyclestage   -                  -                  STAGE                   -                      -
-                LeadSource         LeadSource         -                       -                      lead_source
-                Description        Description        -                       description            -
-                -                  -                  PHOTO                   avatar                 -
"""
COMPANIES = """
hubspot:companies  salesforce:Account  segment:groups
name               Name                name
website            Website             website
phone              Phone               phone
industry           Industry            industry
numberofemployees  NumberOfEmployees   employees
annualrevenue      AnnualRevenue       -
description        Description         description
city               BillingCity         address.city
country            BillingCountry      address.country
"""
EVENTS = """
segment:events         google_analytics:events
eventId                event_id
event                  name
currency               currency
value                  value
email                  user_data.email
context.page.url       page_location
context.page.title     page_title
context.page.referrer  page_referrer
"""


def read_table(table: str) -> dict[str, list[list[str]]]:
    """For each object the fields of every line, the usual one first; [] where it has none."""
    objects, *lines = (line.split() for line in table.strip().splitlines())
    columns = zip(*lines, strict=True)
    return {
        name: [cell.split("/") if cell != "-" else [] for cell in column]
        for name, column in zip(objects, columns, strict=True)
    }


TABLES = [read_table(table) for table in (PEOPLE, COMPANIES, EVENTS)]
PAIRS = [(table, a, b) for table in TABLES for a in table for b in table if a.partition(":")[0] != b.partition(":")[0]]


@pytest.fixture(scope="module")
def described() -> dict[str, ObjectSchema]:
    """Every object of the tables, as its adapter describes it."""
    found: dict[str, ObjectSchema] = {}
    wanted = {name for table in TABLES for name in table}
    with SandboxServer(contacts=20, limits=False) as server:
        for case in CASES:
            signed_in = case.sign_in(server.credentials()[case.platform])
            adapter = adapter_class(case.platform)(signed_in, MemoryTokens(), Unlimited(), timeout=30.0)
            seen = adapter.list_objects() if hasattr(adapter, "list_objects") else adapter.capabilities.objects
            for one in seen:
                name = f"{case.platform}:{one.name.partition(':')[0]}"
                if name in wanted and name not in found:
                    found[name] = adapter.describe(one.name)
            adapter.close()
    assert found.keys() == wanted
    return found


@dataclass(frozen=True)
class Counted:
    """`right` of the `sure` pairs; `expected`: what a careful person would map without asking."""

    title: str
    expected: int
    right: list[tuple[str, str]]
    wrong: list[tuple[str, str]]
    missing: list[str]


@pytest.fixture(scope="module")
def counted(described: dict[str, ObjectSchema]) -> list[Counted]:
    """Every pair of objects that has something in common."""
    return [count(table, a, b, described) for table, a, b in PAIRS]


def count(table: dict[str, list[list[str]]], a: str, b: str, described: dict[str, ObjectSchema]) -> Counted:
    sure = [m for m in match_fields(described[a], described[b]) if m.level is Level.HIGH]
    pairs = [(match.source_field, match.destination_field) for match in sure]
    lines = [
        (left, right)
        for left, right in zip(table[a], table[b], strict=True)
        if any(is_readable(described[a], name) for name in left)
        and any(is_writable(described[b], name) for name in right)
    ]
    alike = {(one, other) for left, right in lines for one in left for other in right}
    found = [right[0] for left, right in lines if any((x, y) in pairs for x in left for y in right)]
    return Counted(
        f"{a} → {b}",
        len(lines),
        [pair for pair in pairs if pair in alike],
        [pair for pair in pairs if pair not in alike],
        [right[0] for _, right in lines if right[0] not in found],
    )


def is_readable(schema: ObjectSchema, name: str) -> bool:
    field = schema.field(name)
    assert field, f"{schema.name} has no {name}"
    return field.readable


def is_writable(schema: ObjectSchema, name: str) -> bool:
    field = schema.field(name)
    assert field, f"{schema.name} has no {name}"
    return field.writable


def precision(counted: Iterable[Counted]) -> float:
    """Of what is proposed with high confidence, how much is right."""
    right, wrong = zip(*((len(one.right), len(one.wrong)) for one in counted), strict=True)
    return sum(right) / (sum(right) + sum(wrong))


def recall(counted: Iterable[Counted]) -> float:
    """Of what is right, how much is proposed with high confidence."""
    missing, expected = zip(*((len(one.missing), one.expected) for one in counted), strict=True)
    return 1 - sum(missing) / sum(expected)


def show(counted: Iterable[Counted]) -> str:
    return "\n".join(f"{one.title}: {one.expected}, wrong {one.wrong}, missing {one.missing}" for one in counted)


def test_at_least_95_percent_of_the_sure_pairs_are_right(counted: list[Counted]) -> None:
    assert len(counted) >= 30
    assert precision(counted) >= 0.95, show(counted)


def test_at_least_80_percent_of_the_standard_fields_are_sure_pairs(counted: list[Counted]) -> None:
    assert recall(counted) >= 0.80, show(counted)


@pytest.mark.parametrize("platform", ["hubspot", "salesforce", "mailchimp", "segment", "google_analytics"])
def test_both_hold_for_each_platform_alone(counted: list[Counted], platform: str) -> None:
    own = [one for one in counted if f"{platform}:" in one.title]
    assert precision(own) >= 0.95, show(own)
    assert recall(own) >= 0.80, show(own)


def test_no_two_objects_fall_behind(counted: list[Counted]) -> None:
    behind = [one for one in counted if precision([one]) < 0.9 or recall([one]) < 0.8]
    assert behind == [], show(behind)
