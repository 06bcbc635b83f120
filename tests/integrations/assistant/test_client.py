"""One call to the model through the real client library, against a server that does what real endpoints do."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from integrations.assistant.abilities import Abilities, Form
from integrations.assistant.client import LONGEST_ANSWER, Heard, Messages, ModelClient
from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import (
    AbilityMissingError,
    ModelAnswerError,
    ModelSettingsError,
    ModelTroubleError,
)
from integrations.exceptions import LostLeaseError, SyncpanelError
from tests.integrations.assistant.conftest import KEY
from tests.integrations.supervisor.instances import free_port, wait_until
from tests.model_server import (
    ModelServer,
    decline,
    end_early,
    garbage,
    hang,
    refuse,
    reset,
    say,
    trouble_inside,
)

ConfigFor = Callable[..., ModelConfig]
MESSAGES: Messages = [{"role": "system", "content": "You write."}, {"role": "user", "content": "Write."}]


def ask(config: ModelConfig, abilities: Abilities | None = None, seconds: float = 10.0, **more: Any) -> Heard:
    heard = Heard()
    ModelClient(config).ask(MESSAGES, abilities or Abilities(), heard, seconds=seconds, **more)
    return heard


def test_an_answer_is_put_together_from_its_pieces(model: ModelServer, config_for: ConfigFor) -> None:
    text = json.dumps({"code": "äöü – 山田 " * 200})
    model.script(say(text, piece=7, usage=[123, 45]))
    heard = ask(config_for())
    assert (heard.text, heard.ended, heard.prompt_tokens, heard.answer_tokens) == (text, "stop", 123, 45)
    assert heard.seconds > 0


@pytest.mark.parametrize("streams", [True, False], ids=["although a stream was asked for", "as asked"])
def test_an_answer_in_one_piece_is_as_good(model: ModelServer, config_for: ConfigFor, streams: bool) -> None:
    model.set(stream=False)
    model.script(say("hello", usage=[7, 3]))
    heard = ask(config_for(), Abilities(streams=streams))
    assert (heard.text, heard.prompt_tokens, heard.answer_tokens) == ("hello", 7, 3)
    assert ("stream" in model.requests()[0]["body"]) is streams


def test_tokens_that_are_not_told_stay_unknown(model: ModelServer, config_for: ConfigFor) -> None:
    model.script(say("hello", usage=None))
    heard = ask(config_for())
    assert (heard.prompt_tokens, heard.answer_tokens) == (None, None)


FORMS = [
    pytest.param(Form.SCHEMA, "json_schema", id="schema"),
    pytest.param(Form.JSON, "json_object", id="json"),
    pytest.param(Form.TEXT, None, id="text"),
]


@pytest.mark.parametrize(("form", "kind"), FORMS)
def test_what_is_asked_is_what_the_endpoint_can_do(
    model: ModelServer, config_for: ConfigFor, form: Form, kind: str | None
) -> None:
    model.script(say("{}"))
    ask(config_for(), Abilities(form=form, counts=kind is not None))
    body = model.requests()[0]["body"]
    assert body.get("response_format", {}).get("type") == kind
    assert ("stream_options" in body) is (kind is not None)
    assert body["messages"] == MESSAGES
    assert body["model"] == "test-model"
    assert not body.keys() & {"temperature", "max_tokens", "max_completion_tokens", "user", "store", "metadata"}


def test_the_key_goes_where_it_is_looked_for_and_nowhere_else(model: ModelServer, config_for: ConfigFor) -> None:
    model.script(say("hello"))
    ask(config_for())
    asked = model.requests()[0]
    assert asked["headers"]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(asked["body"]) + asked["path"]


def test_azure_is_addressed_by_deployment_and_version(model: ModelServer, config_for: ConfigFor) -> None:
    model.set(key=KEY)
    model.script(say("hello"))
    heard = ask(config_for(base_url=model.address, api_version="2024-10-21"))
    asked = model.requests()[0]
    assert heard.text == "hello"
    assert asked["path"] == "/openai/deployments/test-model/chat/completions?api-version=2024-10-21"
    assert asked["headers"]["api-key"] == KEY


def test_an_endpoint_of_ones_own_is_asked_without_a_key(model: ModelServer, config_for: ConfigFor) -> None:
    model.script(say("hello"))
    assert ask(config_for(key="")).text == "hello"


ERRORS = [
    (
        refuse(401, f"Incorrect API key provided: {KEY}", "invalid_api_key"),
        ModelSettingsError,
        "model_key",
        "MODEL_API_KEY",
    ),
    (refuse(403, "Your project has no access"), ModelSettingsError, "model_access", "may not use"),
    (refuse(404, "The model `x` does not exist", "model_not_found"), ModelSettingsError, "model_unknown", "MODEL_NAME"),
    (refuse(400, "x is not a valid model: unknown model"), ModelSettingsError, "model_unknown", "MODEL_NAME"),
    (garbage("<html>404 page not found</html>", "text/html", 404), ModelSettingsError, "model_address", "/v1"),
    (refuse(307, "Elsewhere", location="http://127.0.0.1:1/v1"), ModelSettingsError, "model_address", "/v1"),
    (refuse(402, "Insufficient credits"), ModelSettingsError, "model_quota", "billing"),
    (refuse(429, "You exceeded your quota", "insufficient_quota"), ModelSettingsError, "model_quota", "billing"),
    (refuse(429, "Slow down", "rate_limit_exceeded"), ModelTroubleError, "model_rate_limited", "slow down"),
    (refuse(400, "maximum context length is 8192 tokens"), ModelSettingsError, "model_too_long", "at once"),
    (refuse(413, "Too large"), ModelSettingsError, "model_too_long", "at once"),
    (refuse(400, "Filtered", "content_filter"), ModelAnswerError, "model_filtered", "other words"),
    (refuse(400, "'response_format' is not known"), AbilityMissingError, "model_request", "does not understand"),
    (refuse(422, "extra fields not permitted"), AbilityMissingError, "model_request", "does not understand"),
    (refuse(500), ModelTroubleError, "model_trouble", "few minutes"),
    (refuse(529, "Overloaded"), ModelTroubleError, "model_trouble", "few minutes"),
    (trouble_inside("The server had an error"), ModelTroubleError, "model_trouble", "few minutes"),
    (trouble_inside("Filtered", "content_filter"), ModelAnswerError, "model_filtered", "other words"),
    (reset(), ModelTroubleError, "model_broke_off", "Try again"),
    (garbage(), ModelTroubleError, "model_garbled", "not a model's answer"),
    (garbage("<html>hello</html>", "text/html"), ModelTroubleError, "model_empty", "nothing"),
    (garbage('["no", "object"]', "application/json"), ModelTroubleError, "model_garbled", "not a model's answer"),
    (say(""), ModelTroubleError, "model_empty", "nothing"),
    (decline("I would rather not."), ModelAnswerError, "model_refused", "refuses"),
    (say("def map", finish="length"), ModelAnswerError, "model_cut_off", "before the end"),
    (say("def map", finish="content_filter"), ModelAnswerError, "model_filtered", "other words"),
    (say("x" * (LONGEST_ANSWER + 1), piece=50_000), ModelAnswerError, "model_too_much", "too long"),
]


@pytest.mark.parametrize(
    ("step", "kind", "code", "words"), ERRORS, ids=lambda value: value if type(value) is str else ""
)
def test_each_failure_has_a_sentence_and_a_code(
    model: ModelServer, config_for: ConfigFor, step: dict[str, Any], kind: type[SyncpanelError], code: str, words: str
) -> None:
    model.script(step)
    with pytest.raises(SyncpanelError) as caught:
        ask(config_for())
    assert type(caught.value) is kind, caught.value
    assert caught.value.code == code
    assert words in caught.value.message
    assert caught.value.message.endswith(".")
    assert KEY not in f"{caught.value} {caught.value.technical}"
    assert len(model.requests()) == 1


def test_an_answer_in_one_piece_that_is_far_too_long_is_not_read_to_the_end(
    model: ModelServer, config_for: ConfigFor
) -> None:
    model.set(stream=False)
    model.script(say("x" * (5 * LONGEST_ANSWER)))
    with pytest.raises(ModelAnswerError, match="too long"):
        ask(config_for())


WAITS = [
    pytest.param({"retry_after": "7"}, 7.0, id="seconds"),
    pytest.param({"retry_after_ms": "1500"}, 1.5, id="milliseconds"),
    pytest.param({}, 1.0, id="not told"),
    pytest.param({"retry_after": "soon"}, 1.0, id="in words"),
    pytest.param({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0, id="a date that is past"),
]


@pytest.mark.parametrize(("headers", "wait"), WAITS)
def test_the_endpoint_says_when_to_come_back(
    model: ModelServer, config_for: ConfigFor, headers: dict[str, str], wait: float
) -> None:
    model.script(refuse(429, **headers))
    with pytest.raises(ModelTroubleError) as caught:
        ask(config_for())
    assert caught.value.wait == wait


def test_a_long_pause_is_told_in_minutes(model: ModelServer, config_for: ConfigFor) -> None:
    model.script(refuse(429, retry_after="600"))
    with pytest.raises(ModelTroubleError, match="in 10 minutes"):
        ask(config_for())


def test_what_came_before_a_reset_is_not_forgotten(model: ModelServer, config_for: ConfigFor) -> None:
    model.script(reset(after=40))
    heard = Heard()
    with pytest.raises(ModelTroubleError):
        ModelClient(config_for()).ask(MESSAGES, Abilities(), heard, seconds=10)
    assert set(heard.text) <= {"x"}


def test_a_stream_that_just_ends_gives_no_reason(model: ModelServer, config_for: ConfigFor) -> None:
    model.script(end_early())
    heard = ask(config_for())
    assert (heard.text, heard.ended) == ("x" * 20, "")


def test_nobody_listens_there(config_for: ConfigFor) -> None:
    with pytest.raises(ModelTroubleError, match="does not answer") as caught:
        ask(config_for(base_url=f"http://127.0.0.1:{free_port()}/v1"))
    assert caught.value.code == "model_unreachable"


def test_no_such_host(config_for: ConfigFor) -> None:
    with pytest.raises(ModelTroubleError, match="does not answer"):
        ask(config_for(base_url="http://no-such-host.invalid/v1"))


def test_a_certificate_nobody_vouches_for_is_a_setting_to_mend(config_for: ConfigFor, https_url: str) -> None:
    with pytest.raises(ModelSettingsError, match="certificate"):
        ask(config_for(base_url=https_url))


SLOW = [
    pytest.param(hang(), id="says nothing"),
    pytest.param(say("x" * 1_000, piece=1, pause=0.05), id="says a letter now and then"),
]


@pytest.mark.parametrize("step", SLOW)
def test_a_call_ends_when_its_time_is_up(model: ModelServer, config_for: ConfigFor, step: dict[str, Any]) -> None:
    model.script(step)
    started = time.monotonic()
    with pytest.raises(ModelTroubleError, match="took longer than") as caught:
        ask(config_for(), seconds=0.6)
    assert (caught.value.code, caught.value.wait) == ("model_timeout", None)
    assert time.monotonic() - started < 4
    wait_until(lambda: model.hung_up() == 1, 10)


@pytest.mark.parametrize("step", [hang(), say("x" * 100, hold_after=10, piece=10)], ids=["silent", "in the middle"])
def test_a_cancel_ends_the_call_at_once(model: ModelServer, config_for: ConfigFor, step: dict[str, Any]) -> None:
    model.script(step)
    looks = iter([None, None, LostLeaseError("The task was cancelled.")])

    def check() -> None:
        if problem := next(looks):
            raise problem

    started = time.monotonic()
    with pytest.raises(LostLeaseError):
        ask(config_for(), seconds=60, check=check)
    assert time.monotonic() - started < 10
    wait_until(lambda: model.hung_up() == 1, 10)
    assert not [thread for thread in threading.enumerate() if thread.name == "model-call"]


def test_looking_whether_to_go_on_happens_in_the_thread_that_asks(model: ModelServer, config_for: ConfigFor) -> None:
    model.script(say("x" * 30, piece=10, pause=0.3))
    seen = set()
    ask(config_for(), check=lambda: seen.add(threading.current_thread()))
    assert seen == {threading.current_thread()}
