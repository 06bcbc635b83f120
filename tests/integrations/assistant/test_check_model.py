"""`manage.py check_model`: what works, in words, and an error when nothing does."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.integrations.assistant.conftest import KEY
from tests.model_server import ModelServer, answer, refuse, say

UPPER = 'def map_record(record):\n    return {"Name": %s, "Town": (record.get("town") or "").upper() or None}\n'
RIGHT = UPPER % 'record["name"].upper()'


def check() -> str:
    out = StringIO()
    call_command("check_model", stdout=out)
    return out.getvalue()


def test_a_model_that_can_do_all_of_it(configured: ModelServer) -> None:
    configured.script(answer(RIGHT, {"Name": "In capitals."}))
    told = check()
    assert "Asking test-model at 127.0.0.1" in told
    for line in ("It answers, in", "It knows structured output.", "piece by piece", "counts its tokens", "that works"):
        assert line in told
    assert KEY not in told


def test_a_simple_endpoint_is_told_apart(configured: ModelServer) -> None:
    configured.set(schema=False, json=False, usage=False, refuses_stream=True)
    configured.script(say(f"```python\n{RIGHT}```", usage=None))
    told = check()
    assert "neither structured output nor JSON" in told
    assert "in one piece" in told
    assert "does not count" in told
    assert "that works" in told


FAILURES = [
    pytest.param(refuse(401, f"Wrong key {KEY}"), "does not accept the key", id="wrong key"),
    pytest.param(
        refuse(404, "no route"), "There is nothing there|nothing that answers like a model", id="wrong address"
    ),
    pytest.param(refuse(400, "No."), "does not understand what we ask", id="another protocol"),
    pytest.param(say("Hello!"), "holds no code", id="no code"),
    pytest.param(answer("import os\n" + RIGHT), "cannot be used: A mapping cannot import os", id="unfit code"),
    pytest.param(answer(UPPER % 'record["name"]'), "does not do what was asked", id="wrong code"),
    pytest.param(
        answer("def map_record(record):\n    return record['x']\n"), "does not do what", id="code that raises"
    ),
]


@pytest.mark.parametrize(("step", "words"), FAILURES)
def test_what_does_not_work_is_said_and_is_an_error(configured: ModelServer, step: dict[str, Any], words: str) -> None:
    configured.script(step)
    with pytest.raises(CommandError, match=words) as caught:
        check()
    assert KEY not in str(caught.value)


def test_without_a_model_it_says_what_to_set(settings: Any, configured: ModelServer) -> None:
    settings.MODEL_NAME = settings.MODEL_BASE_URL = settings.MODEL_API_KEY = ""
    with pytest.raises(CommandError, match="MODEL_NAME and MODEL_API_KEY"):
        check()
