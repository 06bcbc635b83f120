"""What both sides agree on is written by both directions and by people who decide, all at once, and nothing of it is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.enums import FailureStatus, Status, Winner
from integrations.exceptions import RefusedTransitionError
from integrations.models import Agreement, FailedRecord, SyncJob, TwoWay
from integrations.orchestrator import work
from integrations.orchestrator.conflicts import decide_conflict, decide_conflicts
from integrations.orchestrator.stages.agreeing import Agreements
from tests.integrations.orchestrator.stages.conftest import Both
from tests.meanwhile import Meanwhile

Decide = Callable[[FailedRecord, Both], Any]
DECIDE: dict[str, Decide] = {
    "one": lambda row, both: decide_conflict(row.pk, "here", "dana"),
    "many": lambda row, both: decide_conflicts([row.pk], both.row.pk, "left", "dana"),
}


@pytest.fixture
def committed_db(each_db: str) -> str:
    """All of it on both databases."""
    return each_db


@pytest.fixture
def asked(both: Both) -> FailedRecord:
    """Both changed the city, and a person is to say which one is right."""
    TwoWay.objects.update(wins=Winner.ASK)
    both.change_left(city="Ghent")
    both.change_right(City="Oslo")
    return FailedRecord.objects.get(job=both.right(), code="conflict")


@pytest.mark.parametrize("how", DECIDE)
def test_a_decision_made_while_the_other_direction_writes_is_kept(
    both: Both, asked: FailedRecord, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    meanwhile = Meanwhile(lambda: DECIDE[how](asked, both), moment=1)
    read = Agreements._decisions

    def read_slowly(self: Agreements, plans: Any) -> Any:
        found = read(self, plans)
        meanwhile.start()
        return found

    monkeypatch.setattr(Agreements, "_decisions", read_slowly)
    job = both.left()
    meanwhile.end()
    assert (job.status, meanwhile.problem) == (Status.SUCCEEDED, None)
    asked.refresh_from_db()
    assert asked.status == FailureStatus.FIXED
    assert Agreement.objects.get(left_id=both.ann).decisions == {"city City": "left"}


def test_both_directions_write_down_the_same_person_at_once(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    Agreement.objects.all().delete()
    both.change_left(city="Ghent")
    both.change_right(Company="Globex")
    meanwhile = Meanwhile(both.left, moment=2)
    create = Agreement.objects.bulk_create

    def create_slowly(*args: Any, **values: Any) -> Any:
        meanwhile.start()
        return create(*args, **values)

    monkeypatch.setattr(Agreement.objects, "bulk_create", create_slowly)
    job = both.right()
    meanwhile.end()
    other = SyncJob.objects.filter(sync=both.row.leftward_id).first()
    assert other is not None
    assert (job.status, other.status, other.reason, meanwhile.problem) == (Status.SUCCEEDED, Status.SUCCEEDED, "", None)
    assert Agreement.objects.filter(left_id=both.ann).count() == 1


@pytest.mark.parametrize("how", DECIDE)
def test_a_decision_and_a_job_that_is_done_with_the_same_record_do_not_wait_for_each_other(
    both: Both, asked: FailedRecord, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The job finds the same conflict again, and settles the older job's record, which is the one that is decided."""
    meanwhile = Meanwhile(lambda: DECIDE[how](asked, both), moment=1)
    supersede = work.supersede

    def supersede_slowly(*args: Any) -> None:
        meanwhile.start()
        supersede(*args)

    monkeypatch.setattr(work, "supersede", supersede_slowly)
    job = both.right()
    meanwhile.end()
    assert (job.status, job.reason_code) == (Status.PARTIAL, "")
    assert isinstance(meanwhile.problem, RefusedTransitionError), "the question is asked anew, by the newer job"
    assert FailedRecord.objects.open().get().job_id == job.pk
