"""Keeps every call to the model, whatever comes of it: what was sent, what came back, what it cost.

A row is written before the call, so that a worker that is killed leaves its cost behind, and again after it. Both stand
alone, outside any transaction of the task.
"""

from typing import Any

from django.db.models import Sum
from django.utils import timezone

from integrations.assistant.budget import estimate_tokens
from integrations.assistant.client import Heard, Messages
from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import AbilityMissingError, ModelAnswerError
from integrations.exceptions import EngineError, SyncpanelError
from integrations.models import MappingTask, ModelExchange
from integrations.models.blobs import pack

_NEVER_ENDED = "The worker ended before the answer came."
_BROKEN_OFF = "Broken off before the answer came."
_PAID = frozenset({"model_timeout", "model_broke_off", "model_empty", "model_garbled"})


def begin_exchange(task: MappingTask, config: ModelConfig, messages: Messages, tokens: int) -> ModelExchange:
    """A call of about so many tokens that is about to be made; counted as if nothing but the question had been paid."""
    return ModelExchange.objects.create(
        mapping_id=task.mapping_id,
        task=task,
        model=config.name[:120],
        prompt=pack(messages),
        problem=_NEVER_ENDED,
        prompt_tokens=tokens,
        cost=config.cost(tokens, 0),
        at=timezone.now(),
    )


def end_exchange(exchange: ModelExchange, config: ModelConfig, heard: Heard, problem: BaseException | None) -> None:
    """What came of it. Tokens as the endpoint counts them, or estimated; none for a call that it refused."""
    prompt_tokens = heard.prompt_tokens or (exchange.prompt_tokens if _is_paid(heard, problem) else 0)
    answer_tokens = heard.answer_tokens or (estimate_tokens(heard.text) if heard.length else 0)
    ModelExchange.objects.filter(pk=exchange.pk).update(
        prompt_tokens=prompt_tokens,
        answer_tokens=answer_tokens,
        cost=config.cost(prompt_tokens, answer_tokens),
        seconds=heard.seconds,
        answer=pack(heard.text or getattr(problem, "technical", "")),
        problem=_words(problem),
    )


def note_problem(exchange: ModelExchange, problem: str) -> None:
    """The answer came, but could not be used as it is."""
    ModelExchange.objects.filter(pk=exchange.pk).update(problem=problem[:500])


def _is_paid(heard: Heard, problem: BaseException | None) -> bool:
    """An endpoint that worked on the question charges for it, also when nobody waited for the answer."""
    if problem is None or heard.length or not isinstance(problem, SyncpanelError):
        return True
    is_answer = isinstance(problem, ModelAnswerError) and not isinstance(problem, AbilityMissingError)
    return is_answer or isinstance(problem, EngineError) or problem.code in _PAID


def _words(problem: BaseException | None) -> str:
    if problem is None:
        return ""
    return problem.message[:500] if isinstance(problem, SyncpanelError) else _BROKEN_OFF


def spent_on(task: MappingTask) -> dict[str, Any]:
    """Tokens and cost of all calls of a task; the cost as text, for it travels as JSON."""
    told = ModelExchange.objects.filter(task=task).aggregate(
        prompt=Sum("prompt_tokens"), answer=Sum("answer_tokens"), cost=Sum("cost")
    )
    return {"tokens": (told["prompt"] or 0) + (told["answer"] or 0), "cost": f"{told['cost'] or 0:.6f}"}
