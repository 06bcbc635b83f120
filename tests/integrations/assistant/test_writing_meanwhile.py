"""What happens while the model writes: somebody edits or cancels, the worker ends, the day is spent."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.enums import MappingTaskStatus
from integrations.models import Mapping, MappingDraft, ModelExchange
from integrations.orchestrator import drain
from integrations.orchestrator.mapping_tasks import cancel_task
from tests.integrations.assistant.editor import (
    GOOD,
    PEOPLE,
    PERSONAL,
    RULES,
    SECRETS,
    ask_for_code,
    exchanges,
    make_editor,
    mark_right,
    result,
    work,
    work_watched,
)
from tests.model_server import ModelServer, answer, say

pytestmark = pytest.mark.usefixtures("committed_db")
DONE, FAILED = MappingTaskStatus.DONE, MappingTaskStatus.FAILED
RAISING = GOOD.replace('clean_name(record.get("lastname"))', 'record.get("company").upper()')
UNKNOWN_FIELD = GOOD.replace('"Email": email', '"Mail": email')


def test_a_draft_somebody_changed_meanwhile_is_not_overwritten(configured: ModelServer) -> None:
    configured.script(answer(GOOD, RULES))
    mapping = make_editor(code="mine")
    task = ask_for_code(mapping)
    MappingDraft.objects.filter(mapping=mapping).update(revision=7)
    assert result(work(task))["code"] == GOOD
    assert MappingDraft.objects.get(mapping=mapping).code == "mine"


def once(act: Callable[[], object], model: ModelServer) -> Callable[[], None]:
    """Does something, once, as soon as the model has been asked."""
    done: list[bool] = []

    def look() -> None:
        if not done and model.requests():
            done.append(True)
            act()

    return look


def test_a_cancel_is_noticed_while_the_model_thinks(configured: ModelServer) -> None:
    configured.script(say("x" * 100, hold_after=50, piece=50))
    task = ask_for_code(make_editor(code=GOOD))
    work_watched(task, once(lambda: cancel_task(task.pk), configured))
    assert task.status == MappingTaskStatus.CANCELLED
    (kept,) = exchanges(task)
    assert kept.problem == "The task was cancelled."
    assert kept.prompt_tokens > 1_000
    assert MappingDraft.objects.get(mapping=task.mapping).code == GOOD


@pytest.fixture
def drained() -> Iterator[None]:
    yield
    drain._requested.value = 0


def test_a_worker_that_must_end_gives_the_task_to_another(configured: ModelServer, drained: None) -> None:
    configured.script(say("x" * 100, hold_after=50, piece=50), answer(GOOD, RULES))
    task = ask_for_code(make_editor())
    work_watched(task, once(drain.request, configured))
    assert task.status == MappingTaskStatus.QUEUED
    drain._requested.value = 0
    assert result(work(task))["code"] == GOOD
    assert len(exchanges(task)) == 2


def test_a_slow_model_gets_a_slice_for_each_repair(configured: ModelServer) -> None:
    configured.script(answer(UNKNOWN_FIELD), say("What?"), answer(GOOD, RULES))
    task = ask_for_code(make_editor())
    statuses = []
    for _ in range(3):
        work_watched(task, put_back_after=-1.0)
        statuses.append(task.status)
    assert statuses == [MappingTaskStatus.QUEUED, MappingTaskStatus.QUEUED, DONE]
    told = result(task)
    assert (told["code"], told["rounds"], len(configured.requests())) == (GOOD, 3, 3)


def test_a_day_that_is_spent_asks_nobody(configured: ModelServer, settings: Any) -> None:
    settings.MODEL_TOKENS_PER_DAY = 10_000
    configured.script(answer(GOOD, RULES, usage=[9_000, 900]))
    mapping: Mapping = make_editor()
    result(work(ask_for_code(mapping)))
    task = work(ask_for_code(mapping))
    assert (task.status, task.reason_code) == (FAILED, "model_budget")
    assert "9,900 are used" in task.reason
    assert len(configured.requests()) == 1
    ModelExchange.objects.update(at=timezone.now() - timedelta(days=1))
    assert work(ask_for_code(mapping)).status == DONE


def test_nobodys_values_leave_whatever_goes_wrong(configured: ModelServer) -> None:
    mapping = make_editor(code=GOOD)
    mark_right(mapping, PEOPLE[0], {"LastName": "Castellanos"})
    configured.script(answer(RAISING), answer(UNKNOWN_FIELD), answer(GOOD, RULES))
    failures = [
        {"sample": PEOPLE[1], "code": "required_missing", "field": "Company", "correction": {"Company": "Mbeki Ltd"}}
    ]
    task = work(ask_for_code(mapping, change="Take the last name.", failures=failures))
    sent = json.dumps([one["body"] for one in configured.requests()]).lower()
    assert [word for word in PERSONAL if word in sent] == []
    assert [secret for secret in SECRETS if secret.lower() in sent] == []
    findings = result(task)["findings"]
    assert [word for word in PERSONAL if word in json.dumps(findings).lower()] == []
