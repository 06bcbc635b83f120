"""Both sides changed the same: what is asked, what a person decides, and that both sides follow within seconds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from integrations.enums import FailureStatus, Status, Trigger, Winner
from integrations.exceptions import RefusedTransitionError
from integrations.models import Agreement, FailedRecord, SyncJob, TwoWay
from integrations.orchestrator.conflicts import decide_conflict, decide_conflicts, question_of
from integrations.orchestrator.repairs import fix_and_retry
from integrations.orchestrator.stages.agreeing import Agreements
from integrations.orchestrator.state_machine import differences
from integrations.webhooks.starting import start_small_jobs
from tests.factories import make_failure
from tests.integrations.orchestrator.stages.conftest import WAYS, Both


@pytest.fixture
def soon(run: Callable[..., SyncJob]) -> Callable[[], None]:
    """What the beat and the workers do within seconds: small jobs, until none is due."""

    def work() -> None:
        for _ in range(10):
            start_small_jobs(timezone.now())
            jobs = list(SyncJob.objects.active().order_by("pk"))
            if not jobs:
                return
            for job in jobs:
                run(job)
        raise AssertionError("small jobs start each other for ever")

    return work


@pytest.fixture
def asked(both) -> tuple[Both, FailedRecord]:
    """Both changed the city, and a person is to say which one is right."""
    TwoWay.objects.update(wins=Winner.ASK)
    both.change_left(city="Ghent")
    both.change_right(City="Oslo")
    job = both.right()
    both.left()
    return both, FailedRecord.objects.get(job=job, code="conflict")


def test_a_conflict_waits_with_both_values_and_nothing_is_overwritten(asked) -> None:
    both, row = asked
    from integrations.models.blobs import unpack

    assert both.cities == ("Ghent", "Oslo")
    assert (unpack(row.received)["city"], unpack(row.there)["City"]) == ("Ghent", "Oslo")
    assert FailedRecord.objects.filter(code="conflict").count() == 1, "only one direction asks"


@pytest.mark.parametrize(("keep", "city"), [("here", "Ghent"), ("there", "Oslo")])
def test_what_a_person_decides_is_carried_out_on_both_sides(asked, soon, keep, city) -> None:
    both, row = asked
    decide_conflict(row.pk, keep, "dana")
    row.refresh_from_db()
    assert (row.status, row.resolved_by) == (FailureStatus.FIXED, "dana")
    soon()
    assert both.cities == (city, city)
    assert not FailedRecord.objects.unresolved().exists()
    assert all(differences(job) == {} for job in SyncJob.objects.all())
    both.settle()
    assert both.cities == (city, city)
    assert Agreement.objects.exclude(decisions={}).count() == 0


def test_a_decision_starts_small_jobs_of_both_directions_although_nobody_calls_us(asked) -> None:
    both, row = asked
    decide_conflict(row.pk, "there", "dana")
    start_small_jobs(timezone.now())
    jobs = SyncJob.objects.active()
    assert sorted(job.sync_id for job in jobs) == sorted([both.row.rightward_id, both.row.leftward_id])
    assert {(job.trigger, job.expected) for job in jobs} == {(Trigger.WEBHOOK, 1)}


@pytest.mark.parametrize("keep", ["here", "there"])
@pytest.mark.parametrize("first", [0, 1])
def test_the_order_of_the_two_directions_does_not_matter(asked, run, keep, first) -> None:
    both, row = asked
    decide_conflict(row.pk, keep, "dana")
    start_small_jobs(timezone.now())
    jobs = list(SyncJob.objects.active().order_by("pk" if first else "-pk"))
    assert [run(job).status for job in jobs] == [Status.SUCCEEDED] * 2
    city = "Ghent" if keep == "here" else "Oslo"
    assert both.cities == (city, city)


def test_what_was_changed_after_the_conflict_was_found_counts_and_not_what_was_shown(asked, soon) -> None:
    both, row = asked
    both.change_left(city="Lyon")
    decide_conflict(row.pk, "here", "dana")
    soon()
    assert both.cities == ("Lyon", "Lyon")


def test_the_next_field_in_conflict_is_asked_about_after_the_first(both, soon) -> None:
    TwoWay.objects.update(wins=Winner.ASK)
    both.change_left(city="Ghent", company="Globex")
    both.change_right(City="Oslo", Company="Initech")
    both.right()
    first = FailedRecord.objects.open().get()
    decide_conflict(first.pk, "here", "dana")
    soon()
    second = FailedRecord.objects.open().get()
    assert {first.field, second.field} == {"City", "Company"}
    decide_conflict(second.pk, "there", "dana")
    soon()
    assert not FailedRecord.objects.unresolved().exists()
    sides = {"City": ("Ghent", "Oslo"), "Company": ("Globex", "Initech")}
    lead, contact = both.lead, both.contact
    for at, one in enumerate([first, second]):
        assert lead[one.field] == contact[one.field.lower()] == sides[one.field][at]


def test_many_are_decided_at_once_and_what_is_no_conflict_of_theirs_stays(both, portal, soon) -> None:
    bob = portal.add(email="bob@x.org", firstname="Bob", lastname="Lee", company="Acme", city="Bonn")
    both.settle()
    TwoWay.objects.update(wins=Winner.ASK)
    for contact, email in ((both.ann, "ann@x.org"), (bob, "bob@x.org")):
        portal.change(contact, city="Ghent")
        portal.change_lead(portal.lead(email)["Id"], City="Oslo")
    job = both.right()
    other = make_failure(job, source_id="999")
    ids = [*FailedRecord.objects.filter(code="conflict").values_list("pk", flat=True), other.pk]
    assert decide_conflicts(ids, both.row.pk, "right", "dana") == 2
    with pytest.raises(RefusedTransitionError):
        decide_conflicts(ids, both.row.pk, "right", "dana")
    soon()
    assert [portal.lead(email)["City"] for email in ("ann@x.org", "bob@x.org")] == ["Oslo", "Oslo"]
    assert both.cities == ("Oslo", "Oslo")
    other.refresh_from_db()
    assert other.status == FailureStatus.OPEN


def test_a_decision_is_refused_with_a_sentence(asked) -> None:
    both, row = asked
    with pytest.raises(RefusedTransitionError, match="Say which"):
        decide_conflict(row.pk, "", "dana")
    with pytest.raises(RefusedTransitionError, match="nothing to decide"):
        decide_conflicts([row.pk], both.row.pk + 1, "left", "dana")
    TwoWay.objects.update(pairs=[pair for pair in WAYS if pair["left"] != "city"])
    with pytest.raises(RefusedTransitionError, match="not part of the sync"):
        decide_conflict(row.pk, "here", "dana")
    TwoWay.objects.update(pairs=WAYS)
    Agreement.objects.all().delete()
    with pytest.raises(RefusedTransitionError, match="do not know any more"):
        decide_conflict(row.pk, "here", "dana")
    row.refresh_from_db()
    assert row.status == FailureStatus.OPEN
    FailedRecord.objects.update(status=FailureStatus.FIXED)
    with pytest.raises(RefusedTransitionError, match="nothing to decide"):
        decide_conflict(row.pk, "here", "dana")


def test_a_question_says_what_both_sides_have_and_last_agreed_on(asked) -> None:
    _, row = asked
    question = question_of(row)
    assert question
    assert (question.field_here, question.field_there) == ("city", "City")
    assert (question.here, question.there) == ("Ghent", "Oslo")
    assert (question.is_agreed, question.agreed_here, question.agreed_there) == (True, "Bonn", "Bonn")
    row.code = "required_missing"
    assert question_of(row) is None


def test_a_decision_made_while_a_batch_is_under_way_is_not_forgotten(asked, monkeypatch) -> None:
    both, _ = asked
    merge = Agreements.merge

    def decide_meanwhile(self: Any, plans: Any) -> None:
        merge(self, plans)
        Agreement.objects.update(decisions={"city City": "right"})

    monkeypatch.setattr(Agreements, "merge", decide_meanwhile)
    both.right()
    monkeypatch.undo()
    assert Agreement.objects.get(left_id=both.ann).decisions == {"city City": "right"}


def test_who_is_sent_again_takes_back_nothing_that_came_from_the_other_side_meanwhile(both, portal, run, soon) -> None:
    both.change_left(city="Ghent", lastname="x" * 200)
    job = both.right()
    held = FailedRecord.objects.get(job=job, status=FailureStatus.OPEN)
    both.change_right(City="Oslo")
    portal.change(both.ann, city="Bonn")
    both.left()
    assert both.cities == ("Oslo", "Oslo"), "the other direction brought a newer value here"
    fix_and_retry(held.pk, {"sent": {"LastName": "Short"}}, "dana")
    run(job)
    held.refresh_from_db()
    assert held.status == FailureStatus.FIXED
    assert both.cities == ("Oslo", "Oslo") and both.lead["LastName"] == "Short"
