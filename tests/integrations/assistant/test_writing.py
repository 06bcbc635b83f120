"""Writing code end to end: a task, the real client, a scripted model over HTTP, the sandbox, the draft."""

import json
from typing import Any

import pytest

from integrations.enums import MappingTaskStatus, RuleOrigin
from integrations.models import MappingDraft
from integrations.models.blobs import unpack
from tests.integrations.assistant.conftest import KEY
from tests.integrations.assistant.editor import (
    GOOD,
    PEOPLE,
    RULES,
    ask_for_code,
    asked,
    exchanges,
    make_editor,
    mark_right,
    result,
    work,
    work_watched,
)
from tests.model_server import ModelServer, answer, decline, end_early, refuse, say

pytestmark = pytest.mark.usefixtures("committed_db")
DONE, FAILED = MappingTaskStatus.DONE, MappingTaskStatus.FAILED
BROKEN = "def map_record(record):\n    return {"
RAISING = GOOD.replace('clean_name(record.get("lastname"))', 'record.get("company").upper()')
RECURSION = "\n\ndef f(x):\n    return f([x])\n"
UNKNOWN_FIELD = GOOD.replace('"Email": email', '"Mail": email')


def test_an_answer_becomes_the_draft(configured: ModelServer) -> None:
    configured.script(answer(GOOD, RULES, {"Rating": "What is a subscriber?"}, usage=[2_000, 500]))
    mapping = make_editor()
    told = result(work(ask_for_code(mapping, instructions="Contacts become leads.")))
    draft = MappingDraft.objects.get(mapping=mapping)
    assert (draft.code, draft.origin, draft.revision) == (GOOD, RuleOrigin.MODEL, 2)
    assert draft.instructions == "Contacts become leads."
    assert ("Rating", RULES["Rating"], "model") in [(rule["field"], rule["text"], rule["by"]) for rule in draft.rules]
    assert draft.questions == [{"field": "Rating", "text": "What is a subscriber?", "answer": ""}]
    assert (told["rounds"], told["findings"], told["problem"], told["tokens"]) == (1, [], "", 2_500)


def test_the_exchange_is_kept_word_by_word(configured: ModelServer, settings: Any) -> None:
    settings.MODEL_PROMPT_PRICE, settings.MODEL_ANSWER_PRICE = 2, 10
    configured.script(answer(GOOD, RULES, usage=[1_000_000, 100_000]))
    task = work(ask_for_code(make_editor()))
    (kept,) = exchanges(task)
    assert unpack(kept.prompt) == configured.requests()[0]["body"]["messages"]
    assert json.loads(unpack(kept.answer))["code"] == GOOD
    assert (kept.model, kept.problem, kept.prompt_tokens, kept.answer_tokens) == ("test-model", "", 1_000_000, 100_000)
    assert (float(kept.cost), kept.mapping_id) == (3.0, task.mapping_id)
    assert kept.seconds > 0


def test_steps_are_told_as_they_come(configured: ModelServer) -> None:
    configured.script(answer(BROKEN), answer(GOOD, RULES))
    assert work_watched(ask_for_code(make_editor())) == [
        "Reading the fields",
        "Asking the model",
        "Checking the code",
        "Asking the model to mend it (1 of 2)",
        "Checking the code",
        "Trying it on 2 people",
    ]


NEVER_SET = GOOD.replace('"LastName": clean_name(record.get("lastname")),', "")
MENDED = [
    pytest.param(say("I would love to help!"), "holds no code", id="no answer at all"),
    pytest.param(say(json.dumps({"code": GOOD})[:200]), "holds no code", id="half an answer"),
    pytest.param(end_early(100, json.dumps({"code": GOOD})), "holds no code", id="a stream that ends early"),
    pytest.param(answer(BROKEN), "not valid Python", id="no Python"),
    pytest.param(answer("import os\n" + GOOD), "cannot import os", id="an import"),
    pytest.param(
        answer("def map(record):\n    return {}"), "There must be a function map_record", id="another function"
    ),
    pytest.param(answer(RAISING), "AttributeError in line 7", id="it raises"),
    pytest.param(answer(GOOD.replace('"Cold"', '"Frozen"')), "does not offer", id="no such choice"),
    pytest.param(answer(UNKNOWN_FIELD), "has no field called Mail", id="no such field"),
    pytest.param(answer("def map_record(record):\n    return [record]"), "This returns a list", id="a list"),
    pytest.param(answer("def map_record(record):\n    while True:\n        pass"), "loop", id="it never ends"),
    pytest.param(
        answer(GOOD.replace("    return {", "    f(record)\n    return {") + RECURSION), "itself", id="too deep"
    ),
    pytest.param(answer(NEVER_SET), "Last Name is required", id="not set"),
]


@pytest.mark.parametrize(("first", "words"), MENDED)
def test_what_is_wrong_goes_back_to_be_mended(configured: ModelServer, first: dict[str, Any], words: str) -> None:
    configured.script(first, answer(GOOD, RULES))
    task = work(ask_for_code(make_editor()))
    told = result(task)
    assert (told["code"], told["rounds"], told["findings"]) == (GOOD, 2, [])
    assert words in asked(configured)
    assert words in exchanges(task)[0].problem
    assert exchanges(task)[1].problem == ""


def test_a_repair_shows_who_it_goes_wrong_for_and_hides_him(configured: ModelServer) -> None:
    bad_phone = GOOD.replace('record.get("phone"),\n', '[1, [record.get("phone")]],\n')
    configured.script(answer(bad_phone), answer(GOOD, RULES))
    work(ask_for_code(make_editor()))
    messages = configured.requests()[1]["body"]["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert '"email": "c*****.*****@e******.org"' in messages[-1]["content"]
    assert '"people"' in messages[-1]["content"]


def test_that_somebody_has_no_company_is_not_the_codes_fault(configured: ModelServer) -> None:
    configured.script(answer(GOOD, RULES))
    assert result(work(ask_for_code(make_editor())))["rounds"] == 1


def test_after_two_repairs_the_best_is_handed_over_with_what_is_wrong(configured: ModelServer) -> None:
    configured.script(answer(BROKEN), answer(UNKNOWN_FIELD), say("I give up."))
    mapping = make_editor()
    told = result(work(ask_for_code(mapping)))
    assert (told["code"], told["rounds"], len(configured.requests())) == (UNKNOWN_FIELD, 3, 3)
    (finding,) = told["findings"]
    assert finding["field"] == "Mail"
    assert "has no field called Mail" in finding["message"]
    assert MappingDraft.objects.get(mapping=mapping).code == UNKNOWN_FIELD


def test_answers_that_cannot_be_read_leave_the_draft_as_it_is(configured: ModelServer) -> None:
    configured.script(say("Sorry."))
    mapping = make_editor(code=GOOD)
    task = work(ask_for_code(mapping))
    assert (task.status, task.reason_code, len(configured.requests())) == (FAILED, "model_malformed", 3)
    assert MappingDraft.objects.get(mapping=mapping).code == GOOD


def test_a_failure_while_mending_hands_over_what_there_is(configured: ModelServer) -> None:
    configured.script(answer(UNKNOWN_FIELD), refuse(429, code="insufficient_quota"))
    told = result(work(ask_for_code(make_editor())))
    assert (told["code"], told["rounds"]) == (UNKNOWN_FIELD, 1)
    assert "billing" in told["problem"]
    assert told["findings"]


FAILURES = [
    pytest.param(refuse(401, KEY), "model_key", 1, id="wrong key"),
    pytest.param(refuse(404, code="model_not_found"), "model_unknown", 1, id="unknown model"),
    pytest.param(refuse(429, code="insufficient_quota"), "model_quota", 1, id="quota"),
    pytest.param(refuse(429, retry_after="60"), "model_rate_limited", 1, id="come back in a minute"),
    pytest.param(refuse(429, retry_after="0"), "model_rate_limited", 3, id="come back at once"),
    pytest.param(refuse(503, retry_after="0"), "model_trouble", 3, id="down for the moment"),
    pytest.param(refuse(503, retry_after="900"), "model_trouble", 1, id="down for long"),
    pytest.param(decline(), "model_refused", 1, id="declined"),
    pytest.param(say("{", finish="length"), "model_cut_off", 1, id="cut off"),
]


@pytest.mark.parametrize(("step", "code", "calls"), FAILURES)
def test_a_failure_is_told_and_costs_no_draft(
    configured: ModelServer, step: dict[str, Any], code: str, calls: int
) -> None:
    configured.script(step)
    mapping = make_editor(code=GOOD)
    task = work(ask_for_code(mapping))
    assert (task.status, task.reason_code) == (FAILED, code)
    assert task.reason.endswith(".")
    assert KEY not in task.reason
    assert MappingDraft.objects.get(mapping=mapping).code == GOOD
    kept = exchanges(task)
    assert len(kept) == len(configured.requests()) == calls
    assert all(one.problem == task.reason for one in kept)
    assert all(KEY not in f"{one.problem}{unpack(one.answer)}{unpack(one.prompt)}" for one in kept)


def test_trouble_that_passes_is_not_noticed(configured: ModelServer) -> None:
    configured.script(refuse(529, retry_after="0"), refuse(429, retry_after="0"), answer(GOOD, RULES))
    task = work(ask_for_code(make_editor()))
    assert result(task)["rounds"] == 1
    assert [bool(one.problem) for one in exchanges(task)] == [True, True, False]


def test_without_a_model_nothing_is_asked(settings: Any, configured: ModelServer) -> None:
    settings.MODEL_NAME = ""
    task = work(ask_for_code(make_editor()))
    assert (task.status, task.reason_code) == (FAILED, "model_not_configured")
    assert configured.requests() == []


ENDPOINTS = [
    pytest.param({"schema": False}, [None, "json_object"], id="no schemas"),
    pytest.param({"schema": False, "json": False}, [None, None, "text"], id="no forms at all"),
    pytest.param({"usage": False}, [None, "json_schema"], id="does not count"),
    pytest.param({"refuses_stream": True}, [None, "json_schema"], id="refuses to stream"),
    pytest.param({"stream": False}, ["json_schema"], id="answers in one piece"),
]


@pytest.mark.parametrize(("abilities", "calls"), ENDPOINTS)
def test_a_simpler_endpoint_is_asked_in_a_simpler_way_and_remembered(
    configured: ModelServer, abilities: dict[str, bool], calls: list[Any]
) -> None:
    configured.set(**abilities)
    fenced = f"Here you are.\n```python\n{GOOD}```\n```json\n{json.dumps({'rules': [], 'questions': []})}\n```"
    configured.script(say(fenced, usage=None) if calls[-1] == "text" else answer(GOOD, RULES, usage=None))
    task = work(ask_for_code(make_editor()))
    assert result(task)["code"] == GOOD
    assert len(configured.requests()) == len(calls)
    form = configured.requests()[-1]["body"].get("response_format", {}).get("type", "text")
    assert form == calls[-1]
    assert ("two fenced blocks" in asked(configured)) is (form == "text")
    assert exchanges(task)[-1].answer_tokens > 100  # estimated
    work(ask_for_code(make_editor()))
    assert len(configured.requests()) == len(calls) + 1


def test_a_change_leaves_the_other_rules_and_names_what_else_it_touched(configured: ModelServer) -> None:
    rules = [{"field": name, "text": text, "by": "hand"} for name, text in RULES.items()]
    changed = GOOD.replace('"customer": "Hot"', '"customer": "Warm"').replace("clean_text(", "clean_name(")
    configured.script(answer(changed, RULES | {"Rating": "Customers are warm.", "Email": "Said otherwise."}))
    mapping = make_editor(code=GOOD, rules=rules, instructions="Contacts become leads.")
    told = result(work(ask_for_code(mapping, change="Customers should get the rating Warm.")))
    assert told["changed_fields"] == ["Company", "Rating"]
    assert told["unexpected_changes"] == ["Company"]
    by = {rule["field"]: (rule["text"], rule["by"]) for rule in told["rules"]}
    assert by["Rating"] == ("Customers are warm.", "model")
    assert by["Email"] == (RULES["Email"], "hand")
    assert f"<draft>\n{GOOD}" in asked(configured)
    assert "<change>\nCustomers should get the rating Warm." in asked(configured)
    assert "Change <draft> as <change> and <answers> ask and nothing else" in asked(configured)


def test_an_answered_question_is_about_its_field_too(configured: ModelServer) -> None:
    configured.script(answer(GOOD.replace('"Hot"', '"Warm"').replace("clean_text(", "clean_name("), RULES))
    answers = [{"question": "Which rating do customers get?", "answer": "Warm"}]
    told = result(work(ask_for_code(make_editor(code=GOOD), answers=answers)))
    assert told["unexpected_changes"] == ["Company"]


def test_who_is_left_out_is_told_apart_from_fields(configured: ModelServer) -> None:
    skipping = GOOD.replace("    email =", '    if not record.get("email"):\n        skip("no address")\n    email =')
    configured.script(answer(skipping, RULES))
    told = result(work(ask_for_code(make_editor(code=GOOD), change="Leave out who has no address.")))
    assert (told["changed_fields"], told["leaves_out_others"]) == ([], True)


def test_a_field_the_model_says_nothing_about_is_not_hidden(configured: ModelServer) -> None:
    configured.script(answer(GOOD, {"Email": "The address.", "Nonsense": "Not there."}))
    told = result(work(ask_for_code(make_editor())))
    texts = {rule["field"]: rule["text"] for rule in told["rules"]}
    assert texts.keys() == RULES.keys()
    assert texts["Phone"] == "The code sets this; the model did not say how."


def test_only_questions_leave_the_code_as_it_is(configured: ModelServer) -> None:
    configured.script(answer("", {}, {"": "The instructions say both A and B. Which?"}))
    mapping = make_editor(code=GOOD, rules=[{"field": "Email", "text": "Mine.", "by": "hand"}])
    told = result(work(ask_for_code(mapping, instructions="Do A. Do not do A.")))
    assert told["code"] == GOOD
    assert told["questions"][0]["text"].startswith("The instructions say both")
    assert {"field": "Email", "text": "Mine.", "by": "hand"} in told["rules"]


def test_examples_must_come_out_as_marked_unless_the_change_says_otherwise(configured: ModelServer) -> None:
    mapping = make_editor()
    right = {"LastName": "Castellanos", "Company": "Brightwater Ltd", "Email": "noor.castellanos@example.com"}
    right |= {"Phone": "+442038560991", "Rating": "Cold", "HubSpot_Email__c": "noor.castellanos@example.com"}
    mark_right(mapping, PEOPLE[0], right)
    configured.script(answer(GOOD.replace('"lead": "Cold"', '"lead": "Warm"')), answer(GOOD, RULES))
    told = result(work(ask_for_code(mapping)))
    assert (told["rounds"], told["code"]) == (2, GOOD)
    assert "An example marked as right comes out otherwise in: Rating." in asked(configured)

    warm = GOOD.replace('"lead": "Cold"', '"lead": "Warm"')
    configured.script(answer(warm, RULES))
    told = result(work(ask_for_code(mapping, change="New leads get the rating Warm")))
    assert (told["rounds"], told["code"]) == (1, warm)
