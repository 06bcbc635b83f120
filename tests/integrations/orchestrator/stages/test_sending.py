"""An upload that breaks off in the middle: what was not begun is not sent, and is said not to have been."""

from types import SimpleNamespace
from typing import Any

import pytest

from integrations.enums import BatchVerb, SyncMode
from integrations.exceptions import TransientError
from integrations.orchestrator.stages.deciding import Plan, send
from integrations.types import Result, UploadOutcome


class Destination:
    """Answers uploads one after another, and keeps the keys they came by."""

    def __init__(self, *outcomes: UploadOutcome) -> None:
        self.outcomes = list(outcomes)
        self.keys: list[str] = []

    def upload_batch(self, name: str, records: Any, mode: Any, key: str, *, trace: str) -> UploadOutcome:
        self.keys.append(key)
        return self.outcomes.pop(0)


def make_work(destination: Destination) -> Any:
    can = SimpleNamespace(object=lambda name: SimpleNamespace(id_field="id"))
    sync = SimpleNamespace(destination_object="contacts", destination_key="email", write_mode=SyncMode.UPSERT)
    return SimpleNamespace(job=SimpleNamespace(pk=7), destination=destination, destination_can=can, sync=sync)


def make_plans() -> list[Plan]:
    """One that is addressed by its id, one by its key."""
    entries = [["1", "", "", {"email": "a"}], ["2", "", "", {"email": "b"}]]
    return [Plan(entries[0], entries[0][3], there="77"), Plan(entries[1], entries[1][3])]


@pytest.fixture
def batch() -> Any:
    return SimpleNamespace(number=1, verb=BatchVerb.WRITE)


def test_after_a_call_that_broke_off_the_next_is_not_begun(batch):
    problem = TransientError("It is away.")
    destination = Destination(UploadOutcome([Result(True, "77")], problem=problem))
    outcome = send(make_work(destination), batch, make_plans())
    assert destination.keys == ["id"] and outcome.problem is problem
    assert [result.ok for result in outcome.results] == [True, False]
    assert outcome.results[1].is_transient and outcome.results[1].message == "It is away."


def test_otherwise_both_are_made_and_the_problem_of_the_second_is_told(batch):
    problem = TransientError("It is away.")
    destination = Destination(UploadOutcome([Result(True, "77")]), UploadOutcome([Result(True, "78")], problem=problem))
    outcome = send(make_work(destination), batch, make_plans())
    assert destination.keys == ["id", "email"] and outcome.problem is problem
    assert all(result.ok for result in outcome.results)
