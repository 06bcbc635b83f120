"""What the model may cost in a day, counted from the exchanges that are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import ModelSettingsError
from integrations.models import ModelExchange

ANSWER_TOKENS = 2_000
"""What an answer is expected to take when it is decided whether there is enough left for it."""
_BYTES_PER_TOKEN = 3.5


@dataclass(frozen=True, slots=True)
class Spent:
    """So much since the day began; `again_at` is when the next one begins."""

    tokens: int
    cost: Decimal
    again_at: datetime


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has, for endpoints that do not count and for deciding before a call."""
    return int(len(text.encode(errors="replace")) / _BYTES_PER_TOKEN) + 1


def spent_today(now: datetime) -> Spent:
    """Tokens and cost of the present day, as `TIME_ZONE` has it."""
    began = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = ModelExchange.objects.filter(at__gte=began)
    sums = today.aggregate(prompt=Sum("prompt_tokens"), answer=Sum("answer_tokens"), cost=Sum("cost"))
    tokens = (sums["prompt"] or 0) + (sums["answer"] or 0)
    return Spent(tokens, sums["cost"] or Decimal(0), began + timedelta(days=1))


def refuse_overspending(config: ModelConfig, prompt_tokens: int, now: datetime) -> None:
    """ModelSettingsError when a call with so long a prompt would pass the day's limit of tokens or money."""
    if not config.tokens_per_day and not config.cost_per_day:
        return
    spent = spent_today(now)
    again = f"It starts anew at {spent.again_at:%H:%M %Z}"
    tokens = prompt_tokens + ANSWER_TOKENS
    if config.tokens_per_day and spent.tokens + tokens > config.tokens_per_day:
        raise ModelSettingsError(
            f"Today's limit of {config.tokens_per_day:,} tokens does not leave enough for this: {spent.tokens:,} are used. "
            f"{again}; MODEL_TOKENS_PER_DAY raises it.",
            code="model_budget",
        )
    if config.cost_per_day and spent.cost + config.cost(prompt_tokens, ANSWER_TOKENS) > config.cost_per_day:
        raise ModelSettingsError(
            f"Today's limit of {config.cost_per_day:,.2f} for the model does not leave enough for this: {spent.cost:,.2f} "
            f"are spent. {again}; MODEL_COST_PER_DAY raises it.",
            code="model_budget",
        )
