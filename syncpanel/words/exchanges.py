"""What was said to a language model and what it said, as a person can read it."""

from dataclasses import dataclass

from integrations.models import ModelExchange
from integrations.models.blobs import unpack

_SPEAKERS = {"system": "The rules it is given", "user": "We", "assistant": "The model, before"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One exchange: who said what to the model, word by word, and the answer as it came, which may be empty."""

    exchange: ModelExchange
    asked: tuple[tuple[str, str], ...]
    answer: str


def read_exchange(exchange: ModelExchange) -> Spoken:
    """The words of a kept exchange."""
    asked = tuple((_SPEAKERS.get(one["role"], one["role"]), one["content"]) for one in unpack(exchange.prompt))
    return Spoken(exchange, asked, unpack(exchange.answer) or "")
