"""Which model is asked, where it is, and what it may cost: the MODEL_ settings, read once per use."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings

from integrations.assistant.errors import ModelSettingsError

OPENAI = "https://api.openai.com/v1"
LONGEST_CALL = 240.0
"""Seconds. The queue ends a task after 300, and one call must fit in."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One endpoint and model. `base_url` is never empty, the key may be. Prices are per million tokens, limits per day,
    0 = none."""

    name: str
    base_url: str
    key: str = field(repr=False)
    api_version: str = ""
    timeout: float = 120.0
    tokens_per_day: int = 0
    cost_per_day: Decimal = Decimal(0)
    prompt_price: Decimal = Decimal(0)
    answer_price: Decimal = Decimal(0)

    @property
    def host(self) -> str:
        """Where it is, as a person would say it: `api.openai.com`, `127.0.0.1:11434`."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    def cost(self, prompt_tokens: int, answer_tokens: int) -> Decimal:
        """What so many tokens cost."""
        return (prompt_tokens * self.prompt_price + answer_tokens * self.answer_price) / 1_000_000


@dataclass(frozen=True, slots=True)
class Description:
    """What a page may say of the model. `problem` is a sentence: why none can be asked; empty when one can."""

    name: str
    host: str
    problem: str = ""


def current() -> ModelConfig:
    """The configured model; ModelSettingsError when there is none, or half of one."""
    if problem := _problem():
        raise ModelSettingsError(problem, code="model_not_configured")
    return ModelConfig(
        name=settings.MODEL_NAME,
        base_url=settings.MODEL_BASE_URL or OPENAI,
        key=settings.MODEL_API_KEY,
        api_version=settings.MODEL_API_VERSION,
        timeout=min(settings.MODEL_TIMEOUT_SECONDS, LONGEST_CALL),
        tokens_per_day=settings.MODEL_TOKENS_PER_DAY,
        cost_per_day=settings.MODEL_COST_PER_DAY,
        prompt_price=settings.MODEL_PROMPT_PRICE,
        answer_price=settings.MODEL_ANSWER_PRICE,
    )


def is_configured() -> bool:
    """Can a model be asked at all?"""
    return not _problem()


def describe() -> Description:
    """For pages: which model, and where. No secret."""
    if problem := _problem():
        return Description("", "", problem)
    config = current()
    return Description(config.name, config.host)


def _problem() -> str:
    """The first thing that is missing or wrong, in a sentence; empty when a model can be asked."""
    return next(_problems(), "")


def _problems() -> Iterator[str]:
    name, address, key = settings.MODEL_NAME, settings.MODEL_BASE_URL, settings.MODEL_API_KEY
    if not (name or address or key):
        yield "No language model is connected. An administrator can set MODEL_NAME and MODEL_API_KEY."
    if not name:
        yield "MODEL_NAME is missing: it says which model to ask."
    if address and not _is_address(address):
        yield f"MODEL_BASE_URL must be an address such as {OPENAI}."
    if settings.MODEL_API_VERSION and not address:
        yield "MODEL_BASE_URL is missing: with MODEL_API_VERSION it is the address of the Azure resource."
    if not address and not key:
        yield "MODEL_API_KEY is missing: OpenAI answers nobody without a key."
    if settings.MODEL_COST_PER_DAY and not (settings.MODEL_PROMPT_PRICE or settings.MODEL_ANSWER_PRICE):
        yield "MODEL_COST_PER_DAY needs MODEL_PROMPT_PRICE and MODEL_ANSWER_PRICE to count by."


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
