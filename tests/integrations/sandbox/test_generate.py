"""The people are always the same, look like people, and are odd exactly as often as promised."""

import time
from collections import Counter

import pytest

from integrations.sandbox.companies import COMPANIES, make_companies
from integrations.sandbox.generate import COLUMNS, SHARED_STAMP, People, tell_oddities
from integrations.sandbox.names import spell
from integrations.sandbox.oddities import count_oddities
from integrations.sandbox.patterns import is_email

EMAIL, FIRST, LAST, COMPANY, PHONE = 0, 1, 2, 3, 4
SOURCE = COLUMNS.index("hs_analytics_source")


@pytest.fixture(scope="module")
def people():
    return People(seed=7, count=47_000)


@pytest.fixture(scope="module")
def rows(people):
    return [people.row(i) for i in range(people.count)]


def test_the_same_seed_makes_the_same_people(people, rows):
    again = People(seed=7, count=47_000)
    assert [again.row(i) for i in range(2_000)] == rows[:2_000]
    assert [again.modified(i) for i in range(2_000)] == [people.modified(i) for i in range(2_000)]


def test_another_seed_makes_other_people(rows):
    assert People(seed=8, count=47_000).row(0) != rows[0]


def test_the_full_portal_has_the_promised_oddities():
    assert tell_oddities(7, 47_000) == {
        "without_company": 14,
        "without_last_name": 10,
        "without_email": 9,
        "malformed_email": 8,
        "over_long_phone": 6,
        "same_email_as_another": 12,
        "company_unknown_to_salesforce": 6,
        "sharing_one_lastmodifieddate": 10_000,
    }


def test_a_small_portal_can_be_as_odd_as_a_large_one():
    assert count_oddities(1_500, 4) == count_oddities(6_000)
    assert all(tell_oddities(7, 1_500, 4).values())
    people = People(seed=7, count=1_500, oddness=4)
    assert sum(people.row(i)[COMPANY] is None for i in range(people.count)) == 2


def test_the_oddities_that_are_told_are_those_that_are_there(people, rows):
    told = tell_oddities(7, 47_000)
    emails = [row[EMAIL] for row in rows if row[EMAIL]]
    known = {company.name for company in make_companies(7)[:COMPANIES]}
    good = [email.strip().lower() for email in emails if is_email(email.strip())]
    assert sum(row[COMPANY] is None for row in rows) == told["without_company"]
    assert sum(row[LAST] is None for row in rows) == told["without_last_name"]
    assert sum(row[EMAIL] is None for row in rows) == told["without_email"]
    assert sum(not is_email(email.strip()) for email in emails) == told["malformed_email"]
    assert sum(len(row[PHONE] or "") > 40 for row in rows) == told["over_long_phone"]
    assert len(good) - len(set(good)) == told["same_email_as_another"]
    assert sum(row[COMPANY] not in known for row in rows if row[COMPANY]) == told["company_unknown_to_salesforce"]
    assert Counter(people.modified(i) for i in range(people.count))[SHARED_STAMP] == 10_000


def test_a_repeated_address_is_never_written_the_same_way(rows):
    exact = Counter(row[EMAIL] for row in rows if row[EMAIL])
    assert max(exact.values()) == 1


def test_names_are_international(rows):
    names = {row[FIRST] for row in rows} | {row[LAST] for row in rows}
    assert "O'Brien" in names
    assert any("é" in name for name in names if name)
    assert any("🚀" in name for name in names if name)
    assert any(name.startswith("佐") for name in names if name)


@pytest.mark.parametrize(
    ("name", "spelt"), [("O'Brien", "obrien"), ("Łukasz", "lukasz"), ("Groß", "gross"), ("Bæk", "baek")]
)
def test_an_address_is_spelt_in_plain_letters(name, spelt):
    assert spell(name) == spelt


def test_about_a_third_has_no_original_source(rows):
    share = sum(row[SOURCE] is None for row in rows) / len(rows)
    assert 0.27 < share < 0.33


def test_a_hundred_thousand_people_take_less_than_three_seconds():
    started = time.process_time()
    people = People(seed=1, count=100_000)
    for i in range(people.count):
        people.row(i)
    assert time.process_time() - started < 3
