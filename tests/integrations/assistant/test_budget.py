"""What a day with the model may cost, and what is counted."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integrations.assistant.budget import ANSWER_TOKENS, estimate_tokens, refuse_overspending, spent_today
from integrations.assistant.client import Heard
from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import AbilityMissingError, ModelAnswerError, ModelSettingsError, ModelTroubleError
from integrations.assistant.exchanges import begin_exchange, end_exchange, spent_on
from integrations.exceptions import LostLeaseError
from integrations.models import ModelExchange
from integrations.models.blobs import unpack
from tests.integrations.assistant.editor import ask_for_code, make_editor

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 6, 15, 12, tzinfo=UTC)
MESSAGES = [{"role": "user", "content": "Hello"}]


def config(**values: Any) -> ModelConfig:
    prices = {"prompt_price": Decimal(2), "answer_price": Decimal(10)}
    return ModelConfig(**{"name": "m", "base_url": "http://x/v1", "key": ""} | prices | values)


def spend(tokens: int, at: datetime, cost: Decimal = Decimal(0)) -> ModelExchange:
    exchange = begin_exchange(ask_for_code(make_editor()), config(), MESSAGES, 0)
    ModelExchange.objects.filter(pk=exchange.pk).update(
        prompt_tokens=tokens - 1, answer_tokens=1, cost=cost, at=at, problem=""
    )
    return exchange


def test_a_day_begins_at_midnight_where_the_panel_is(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    spend(100, NOON)
    spend(20, NOON - timedelta(hours=11, minutes=59))
    spend(3, NOON - timedelta(hours=21, minutes=1))
    spent = spent_today(NOON)
    assert spent.tokens == 120
    assert spent.again_at == datetime(2024, 6, 15, 15, tzinfo=UTC)


LIMITS = [
    pytest.param({"tokens_per_day": 10_000}, 8_000 - 5_000, True, id="just enough tokens"),
    pytest.param({"tokens_per_day": 10_000}, 8_001 - 5_000, False, id="a token too many"),
    pytest.param({"cost_per_day": Decimal("1.03")}, 5_000, True, id="just enough money"),
    pytest.param({"cost_per_day": Decimal("1.02")}, 5_000, False, id="too dear"),
    pytest.param({}, 10**9, True, id="no limit"),
]


@pytest.mark.parametrize(("limits", "tokens", "allowed"), LIMITS)
def test_a_call_that_would_pass_the_limit_is_refused(limits: dict[str, Any], tokens: int, allowed: bool) -> None:
    assert ANSWER_TOKENS == 2_000
    spend(5_000, NOON, Decimal(1))
    if allowed:
        refuse_overspending(config(**limits), tokens, NOON)
        return
    with pytest.raises(ModelSettingsError, match=r"It starts anew at 00:00 UTC; MODEL_\w+ raises it\.$") as caught:
        refuse_overspending(config(**limits), tokens, NOON)
    assert caught.value.code == "model_budget"


def test_a_worker_that_is_killed_leaves_what_it_spent() -> None:
    begin_exchange(ask_for_code(make_editor()), config(), MESSAGES, 1_000)
    exchange = ModelExchange.objects.get()
    assert exchange.problem == "The worker ended before the answer came."
    assert (exchange.prompt_tokens, exchange.cost) == (1_000, Decimal("0.002"))


def heard(text: str = "", **counts: int) -> Heard:
    one = Heard(**counts)
    if text:
        one.take([{"delta": {"content": text}}], None)
    return one


ENDS = [
    pytest.param(heard("x" * 35), None, 1_000, 11, "", id="not counted"),
    pytest.param(heard("x", prompt_tokens=900, answer_tokens=80), None, 900, 80, "", id="counted"),
    pytest.param(heard(), LostLeaseError("Cancelled."), 1_000, 0, "Cancelled.", id="cancelled"),
    pytest.param(heard("xx"), ModelTroubleError("Broke.", wait=1), 1_000, 1, "Broke.", id="broken off"),
    pytest.param(
        heard(), ModelTroubleError("Slow.", wait=None, code="model_timeout"), 1_000, 0, "Slow.", id="too slow"
    ),
    pytest.param(heard(), ModelAnswerError("Refused."), 1_000, 0, "Refused.", id="declined"),
    pytest.param(heard(), AbilityMissingError("Not known."), 0, 0, "Not known.", id="not understood"),
    pytest.param(heard(), ModelSettingsError("Key."), 0, 0, "Key.", id="refused"),
    pytest.param(heard(), KeyboardInterrupt(), 1_000, 0, "Broken off before the answer came.", id="ended from outside"),
]


@pytest.mark.parametrize(("came", "problem", "prompt", "answer", "words"), ENDS)
def test_what_was_worked_on_is_paid(
    came: Heard, problem: BaseException | None, prompt: int, answer: int, words: str
) -> None:
    task = ask_for_code(make_editor())
    end_exchange(begin_exchange(task, config(), MESSAGES, 1_000), config(), came, problem)
    kept = ModelExchange.objects.get()
    assert (kept.prompt_tokens, kept.answer_tokens, kept.problem) == (prompt, answer, words)
    assert kept.cost == config().cost(prompt, answer)
    assert spent_on(task) == {"tokens": prompt + answer, "cost": f"{kept.cost:.6f}"}
    assert unpack(kept.prompt) == MESSAGES


def test_an_exchange_whose_mapping_is_gone_is_no_error() -> None:
    exchange = begin_exchange(ask_for_code(make_editor()), config(), MESSAGES, 1)
    ModelExchange.objects.all().delete()
    end_exchange(exchange, config(), heard("x"), None)
    assert not ModelExchange.objects.exists()


@pytest.mark.parametrize(("text", "least", "most"), [("", 1, 1), ("word " * 700, 700, 1_400), ("山" * 700, 500, 1_400)])
def test_an_estimate_is_of_the_right_size(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most
