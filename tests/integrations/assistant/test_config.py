"""Which model is asked: half a configuration is none, and says what is missing."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integrations.assistant.config import LONGEST_CALL, OPENAI, current, describe, is_configured
from integrations.assistant.errors import ModelSettingsError

ROOT = Path(__file__).resolve().parents[3]
NONE = {"MODEL_NAME": "", "MODEL_BASE_URL": "", "MODEL_API_KEY": "", "MODEL_API_VERSION": ""}
HOSTED = NONE | {"MODEL_NAME": "gpt-x", "MODEL_API_KEY": "sk-secret"}
LOCAL = NONE | {"MODEL_NAME": "qwen", "MODEL_BASE_URL": "http://127.0.0.1:11434/v1"}


@pytest.fixture
def configure(settings: Any) -> Any:
    def set_all(given: dict[str, Any]) -> None:
        for name, value in given.items():
            setattr(settings, name, value)

    return set_all


INCOMPLETE = [
    pytest.param(NONE, "No language model is connected", id="nothing"),
    pytest.param(NONE | {"MODEL_API_KEY": "sk"}, "MODEL_NAME is missing", id="no name"),
    pytest.param(NONE | {"MODEL_NAME": "gpt-x"}, "MODEL_API_KEY is missing", id="no key"),
    pytest.param(LOCAL | {"MODEL_BASE_URL": "localhost:11434"}, "must be an address", id="no scheme"),
    pytest.param(LOCAL | {"MODEL_BASE_URL": "http://["}, "must be an address", id="no address at all"),
    pytest.param(HOSTED | {"MODEL_API_VERSION": "2024-10-21"}, "MODEL_BASE_URL is missing", id="azure without address"),
    pytest.param(HOSTED | {"MODEL_COST_PER_DAY": Decimal(5)}, "needs MODEL_PROMPT_PRICE", id="limit without prices"),
]


@pytest.mark.parametrize(("given", "sentence"), INCOMPLETE)
def test_half_a_configuration_says_what_is_missing(configure: Any, given: dict[str, Any], sentence: str) -> None:
    configure(given)
    assert not is_configured()
    assert sentence in describe().problem
    with pytest.raises(ModelSettingsError, match=sentence) as caught:
        current()
    assert caught.value.code == "model_not_configured"


def test_a_key_and_a_name_mean_openai(configure: Any) -> None:
    configure(HOSTED)
    assert is_configured()
    assert (current().base_url, current().host) == (OPENAI, "api.openai.com")


def test_an_endpoint_of_ones_own_needs_no_key(configure: Any) -> None:
    configure(LOCAL)
    assert (describe().name, describe().host, describe().problem) == ("qwen", "127.0.0.1:11434", "")


def test_neither_page_nor_log_gets_to_see_a_secret(configure: Any) -> None:
    configure(HOSTED | {"MODEL_BASE_URL": "https://user:hidden@models.example/v1"})
    told = f"{describe()} {current()!r} {current().host}"
    assert "sk-secret" not in told
    assert "hidden" not in f"{describe()}{current().host}"


def test_a_call_never_outlasts_the_queue(configure: Any) -> None:
    configure(HOSTED | {"MODEL_TIMEOUT_SECONDS": 3600.0})
    assert current().timeout == LONGEST_CALL < 300


def test_tokens_cost_what_the_prices_say(configure: Any) -> None:
    configure(HOSTED | {"MODEL_PROMPT_PRICE": Decimal("2.50"), "MODEL_ANSWER_PRICE": Decimal(10)})
    assert current().cost(1_000, 500) == Decimal("0.0075")


def test_nobody_but_who_asks_a_model_loads_its_client_library(tmp_path: Path) -> None:
    """It takes 50 MB, in every process."""
    code = (
        "import sys, django; django.setup(); import integrations.tasks, syncpanel.urls; print('openai' in sys.modules)"
    )
    environ = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "syncpanel.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, env=environ, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "False", done.stderr
