"""What the code is to blame for, and what not."""

from typing import Any

import pytest

from integrations.assistant.judging import Finding, judge_code
from integrations.assistant.material import gather
from integrations.models import Mapping, MappingTask
from tests.integrations.assistant.editor import GOOD, PEOPLE, ask_for_code, make_editor, mark_right

pytestmark = pytest.mark.django_db


def judge(mapping: Mapping, code: str, free: frozenset[str] = frozenset()) -> list[Finding]:
    MappingTask.objects.filter(mapping=mapping).delete()
    material = gather(ask_for_code(mapping))
    return judge_code(mapping, material, code, free=free, before_trial=lambda: None)[0]


def people(count: int, **values: Any) -> list[dict[str, Any]]:
    return [{**PEOPLE[0], "id": str(at), **values} for at in range(count)]


def test_code_that_does_all_right_has_no_findings() -> None:
    assert judge(make_editor(), GOOD) == []


BLAME = [
    pytest.param(people(2, company=""), [], id="nobody has a company"),
    pytest.param([*people(3), *people(1, id="9", email="none")], [], id="one address is no address"),
    pytest.param(people(3, email="none"), ["Email", "HubSpot_Email__c"], id="all addresses are none"),
    pytest.param(people(3, lastname="x" * 90), ["LastName"], id="all names are too long"),
    pytest.param([*people(3), *people(1, id="9", lastname="x" * 90)], [], id="one name is too long"),
]


@pytest.mark.parametrize(("samples", "fields"), BLAME)
def test_a_value_is_blamed_on_the_code_when_it_goes_wrong_for_most(
    samples: list[dict[str, Any]], fields: list[str]
) -> None:
    assert sorted(finding.field for finding in judge(make_editor(people=samples), GOOD)) == fields


def test_code_must_stand_somebody_of_whom_nothing_is_known() -> None:
    code = GOOD.replace('clean_name(record.get("lastname"))', 'str(record["lastname"][0])')
    findings = judge(make_editor(people=people(2)), code)
    assert [
        finding
        for finding in findings
        if finding.people == 1
        and finding.received
        == {"id": "0"}
        | dict.fromkeys(("email", "firstname", "lastname", "company", "phone", "country", "lifecyclestage", "notes"))
    ]


def test_without_people_to_try_it_on_the_code_is_still_read_and_run_on_nobody() -> None:
    assert judge(make_editor(people=[]), GOOD) == []
    assert judge(make_editor(people=[]), GOOD.replace("return {", "return 1 / 0 or {"))


def test_a_finding_quotes_nobody() -> None:
    code = GOOD.replace('clean_name(record.get("lastname"))', 'int(record.get("lastname") or 0)')
    (raised, *_) = [found for found in judge(make_editor(), code) if found.people]
    assert "ValueError in line" in raised.message
    assert raised.received == PEOPLE[0]
    assert not any(value in str(raised.dump()) for value in ("Castellanos", "Noor", "70011"))


def test_code_that_must_not_run_is_not_run() -> None:
    mapping = make_editor()
    told: list[str] = []
    material = gather(ask_for_code(mapping))
    findings, runs = judge_code(
        mapping, material, "import os\n" + GOOD, free=frozenset(), before_trial=lambda: told.append("run")
    )
    assert (runs, told) == (False, [])
    assert "cannot import os" in findings[0].message


def test_an_example_left_out_must_stay_left_out() -> None:
    mapping = make_editor()
    mark_right(mapping, PEOPLE[1], None)
    (finding,) = judge(mapping, GOOD)
    assert "marked as right" in finding.message
    assert (
        judge(mapping, GOOD.replace("    email =", '    if not record.get("company"):\n        skip("x")\n    email ='))
        == []
    )


def test_examples_are_free_where_a_change_was_asked_for() -> None:
    mapping = make_editor()
    right = {"LastName": "Mbeki", "Company": None, "Email": PEOPLE[1]["email"], "Phone": "", "Rating": "Hot"}
    mark_right(mapping, PEOPLE[1], right | {"HubSpot_Email__c": PEOPLE[1]["email"]})
    assert judge(mapping, GOOD) == []
    other = GOOD.replace('clean_name(record.get("lastname"))', '"Unknown"')
    (finding,) = judge(mapping, other)
    assert (finding.field, finding.people) == ("LastName", 1)
    assert judge(mapping, other, frozenset({"LastName"})) == []
