"""Asking until there is an answer: how often, how long, and what of it is kept."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from integrations.assistant import abilities
from integrations.assistant.abilities import Abilities, Form
from integrations.assistant.asking import Asker
from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import AbilityMissingError, ModelTroubleError
from integrations.models import MappingTask, ModelExchange
from tests.integrations.assistant.editor import ask_for_code, make_editor
from tests.model_server import ModelServer, garbage, refuse, reset, say

pytestmark = pytest.mark.django_db
ConfigFor = Callable[..., ModelConfig]


class Hold:
    """A hold that nobody takes away."""

    def __init__(self, task: MappingTask) -> None:
        self.task = task
        self.steps: list[str] = []

    def tell(self, step: str, done: int = 0, total: int = 0) -> None:
        self.steps.append(step)

    def check(self) -> None:
        pass


class Slept(list[float]):
    """Every pause, in place of making it."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def asker(config_for: ConfigFor) -> Callable[..., Asker]:
    def make(seconds: float = 60.0, **more: Any) -> Asker:
        return Asker(Hold(ask_for_code(make_editor())), config_for(**more), time.monotonic() + seconds, Slept())

    return make


def say_hello(form: Form) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"Hello in {form.value}"}]


REPEATED = [
    pytest.param(reset(), 3.0, id="reset"),
    pytest.param(garbage(), 3.0, id="garbled"),
    pytest.param(say(""), 3.0, id="empty"),
    pytest.param(refuse(500), 3.0, id="down"),
    pytest.param(refuse(429, retry_after="4"), 12.0, id="come back in 4 seconds"),
]


@pytest.mark.parametrize(("step", "pauses"), REPEATED)
def test_trouble_is_met_with_two_more_calls_and_growing_pauses(
    model: ModelServer, asker: Callable[..., Asker], step: dict[str, Any], pauses: float
) -> None:
    model.script(step)
    one = asker()
    with pytest.raises(ModelTroubleError):
        one.ask("Asking", say_hello)
    assert len(model.requests()) == 3 == ModelExchange.objects.count()
    assert sum(one.sleep) == pytest.approx(pauses)
    assert max(one.sleep) <= 0.25


NOT_REPEATED = [
    pytest.param(refuse(429, retry_after="21"), 60.0, id="longer than anybody waits"),
    pytest.param(refuse(429, retry_after="15"), 10.0, id="longer than there is time"),
]


@pytest.mark.parametrize(("step", "seconds"), NOT_REPEATED)
def test_nobody_waits_for_long(
    model: ModelServer, asker: Callable[..., Asker], step: dict[str, Any], seconds: float
) -> None:
    model.script(step)
    with pytest.raises(ModelTroubleError, match="slow down"):
        asker(seconds).ask("Asking", say_hello)
    assert len(model.requests()) == 1


def test_no_call_is_made_when_the_time_is_up(model: ModelServer, asker: Callable[..., Asker]) -> None:
    with pytest.raises(ModelTroubleError, match="took longer"):
        asker(0.5).ask("Asking", say_hello)
    assert (model.requests(), ModelExchange.objects.count()) == ([], 0)


def test_an_endpoint_that_knows_nothing_is_given_up(model: ModelServer, asker: Callable[..., Asker]) -> None:
    model.script(refuse(400, "Bad request"))
    with pytest.raises(AbilityMissingError, match="does not understand"):
        asker().ask("Asking", say_hello)
    assert len(model.requests()) == 4
    assert abilities._known == {}


def test_what_an_endpoint_can_do_is_known_by_its_name(model: ModelServer, asker: Callable[..., Asker]) -> None:
    model.set(schema=False)
    model.script(say("hello"))
    one = asker()
    assert one.ask("Asking", say_hello).text == "hello"
    assert abilities.known(one.config) == Abilities(form=Form.JSON)
    assert abilities.known(asker(name="another").config) == Abilities()


COMPLAINTS = [
    ("stream_options: extra fields not permitted", Abilities(counts=False)),
    ("'stream' does not support true with this model", Abilities(streams=False)),
    ("response_format is not supported when stream is on", Abilities(form=Form.JSON)),
    ("Bad request", Abilities(form=Form.JSON)),
]


@pytest.mark.parametrize(("complaint", "weaker"), COMPLAINTS)
def test_what_the_endpoint_complains_of_is_dropped_first(complaint: str, weaker: Abilities) -> None:
    assert Abilities().without(complaint) == weaker


def test_dropping_ends() -> None:
    left: Abilities | None = Abilities()
    dropped = 0
    while (left := left.without("stream stream_options response_format")) is not None:
        dropped += 1
    assert dropped <= 4


def test_a_long_answer_shows_how_far_it_is(model: ModelServer, asker: Callable[..., Asker]) -> None:
    model.script(say("x" * 600, piece=100, pause=0.5))
    one = asker()
    one.ask("Asking", say_hello)
    assert one.hold.steps[0] == "Asking"
    assert any("characters so far" in step for step in one.hold.steps)
