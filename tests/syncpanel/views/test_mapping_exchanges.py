"""What was said to the model: every word of it, readable, and nothing of it as markup."""

import html
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from integrations.assistant.client import Heard
from integrations.assistant.config import ModelConfig
from integrations.assistant.exchanges import begin_exchange, end_exchange
from integrations.enums import MappingTaskKind
from integrations.models import Mapping
from integrations.orchestrator.mapping_tasks import start_task
from tests.factories import make_mapping

SignIn = Callable[..., Client]
ASKED = [
    {"role": "system", "content": "You write the mapping code.\n<rules> & so on"},
    {"role": "user", "content": "<samples>\n{}\n</samples>"},
    {"role": "assistant", "content": "First try."},
]


@pytest.fixture
def mapping(db: None) -> Mapping:
    return make_mapping()


def exchange(mapping: Mapping, answer: str, problem: Exception | None = None) -> None:
    config = ModelConfig("gpt-x", "https://models.example/v1", "sk-secret", prompt_price=Decimal(1))
    task = start_task(mapping.pk, MappingTaskKind.WRITE, {}, "ann@example.com")
    heard = Heard(prompt_tokens=1_234)
    heard.take([{"delta": {"content": answer}}], None)
    end_exchange(begin_exchange(task, config, ASKED, 1), config, heard, problem)


def page_of(mapping: Mapping, client: Client) -> str:
    answer = client.get(f"/mappings/{mapping.pk}/exchanges/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_word_is_shown_and_none_is_markup(mapping: Mapping, signed_in: SignIn) -> None:
    exchange(mapping, '{"code": "def map_record(record): <b>"}')
    page = page_of(mapping, signed_in("Editor"))
    for one in ASKED:
        assert html.escape(one["content"]) in page
    assert html.escape('{"code": "def map_record(record): <b>"}') in page
    assert "<samples>" not in page
    assert "The rules it is given" in page
    assert "1,234" in page
    assert "cost 0.001234" in page


def test_without_an_answer_there_is_none_to_fold_out(mapping: Mapping, signed_in: SignIn) -> None:
    exchange(mapping, "", ValueError("x"))
    page = page_of(mapping, signed_in("Editor"))
    assert "What came back" not in page
    assert "Broken off before the answer came." in page
