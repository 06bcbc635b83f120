"""Reading what comes back: any of the agreed forms, and nothing but what was agreed."""

import json

import pytest

from integrations.assistant.abilities import Form
from integrations.assistant.answers import MOST_QUESTIONS, Written, contract, read_answer, response_format
from integrations.assistant.errors import ModelAnswerError

CODE = 'def map_record(record):\n    return {"A": record.get("a")}\n'
TOLD = {"code": CODE, "rules": [{"field": "A", "text": "From a."}], "questions": [{"field": "", "text": "Why?"}]}
WRITTEN = Written(CODE, (("A", "From a."),), (("", "Why?"),))
REST = {name: TOLD[name] for name in ("rules", "questions")}

FORMS = [
    pytest.param(json.dumps(TOLD), id="JSON"),
    pytest.param(json.dumps(TOLD, indent=2), id="JSON on many lines"),
    pytest.param(f"```json\n{json.dumps(TOLD)}\n```", id="fenced JSON"),
    pytest.param(f"Sure! Here it is:\n{json.dumps(TOLD)}\nHope it helps.", id="JSON in the middle of talk"),
    pytest.param(f"<think>Hm, {{maybe}}\n</think>\n{json.dumps(TOLD)}", id="after thinking aloud"),
    pytest.param(f"```python\n{CODE}```\n\n```json\n{json.dumps(REST)}\n```", id="two fenced blocks"),
    pytest.param(f"```py\n{CODE}```\nRules:\n```\n{json.dumps(REST, indent=1)}\n```\n", id="blocks named otherwise"),
    pytest.param(json.dumps(TOLD | {"code": f"```python\n{CODE}```"}), id="a fence inside JSON"),
    pytest.param(json.dumps(TOLD | {"code": CODE.replace("\n", "\r\n")}), id="other line ends"),
    pytest.param(json.dumps(TOLD).replace("\\n", "\n"), id="line ends that JSON does not allow"),
]


@pytest.mark.parametrize("text", FORMS)
def test_an_answer_is_read_in_whatever_form_it_comes(text: str) -> None:
    assert read_answer(text) == WRITTEN


@pytest.mark.parametrize(
    "text", [CODE, f"```python\n{CODE}```", f"```\n{CODE}\n```"], ids=["bare", "fenced", "unnamed"]
)
def test_code_alone_is_an_answer_too(text: str) -> None:
    assert read_answer(text) == Written(CODE)


NONE = [
    pytest.param("", id="nothing"),
    pytest.param("I am sorry.", id="talk"),
    pytest.param("{}", id="an empty object"),
    pytest.param("[1, 2]", id="a list"),
    pytest.param('{"code": null}', id="no code"),
    pytest.param('{"code": ["def map_record(record):"]}', id="code that is no text"),
    pytest.param(json.dumps(TOLD)[:60], id="half an answer"),
    pytest.param("[" * 100_000, id="nested without an end"),
    pytest.param('{"rules": "none", "questions": {"a": 1}}', id="lists that are none"),
]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_answer_is_none(text: str) -> None:
    with pytest.raises(ModelAnswerError, match="holds no code"):
        read_answer(text)


def test_only_questions_are_an_answer() -> None:
    assert read_answer('{"code": "", "rules": [], "questions": [{"field": "A", "text": "Which?"}]}') == Written(
        "", (), (("A", "Which?"),)
    )


def test_lines_that_are_none_are_left_out_and_long_ones_cut() -> None:
    rules = [{"field": "A", "text": "x" * 9_000}, {"field": "B"}, "C", {"text": " "}, {"field": 7, "text": "seven"}]
    questions = [{"field": "", "text": str(at)} for at in range(100)]
    written = read_answer(json.dumps({"code": CODE, "rules": rules, "questions": questions}))
    assert written.rules == (("A", "x" * 500), ("", "seven"))
    assert len(written.questions) == MOST_QUESTIONS


@pytest.mark.parametrize("form", Form)
def test_each_form_is_explained_and_asked_for(form: Form) -> None:
    told = contract(form)
    assert all(name in told for name in ("code", "rules", "questions"))
    assert (response_format(form) or {}).get("type") == (None if form == Form.TEXT else form.value)
