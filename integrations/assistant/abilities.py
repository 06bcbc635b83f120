"""What an endpoint can do of the protocol. Found out by asking for the best and hearing no; remembered by this process."""

from dataclasses import dataclass, replace
from enum import StrEnum

from integrations.assistant.config import ModelConfig


class Form(StrEnum):
    """How an answer is asked for: held to a JSON schema, as some JSON, or as text with fenced blocks."""

    SCHEMA = "json_schema"
    JSON = "json_object"
    TEXT = "text"


_WEAKER = {Form.SCHEMA: Form.JSON, Form.JSON: Form.TEXT}


@dataclass(frozen=True, slots=True)
class Abilities:
    """`streams`: sends its answer piece by piece. `counts`: tells the tokens of a stream when asked."""

    form: Form = Form.SCHEMA
    streams: bool = True
    counts: bool = True

    def without(self, complaint: str) -> "Abilities | None":
        """What to ask for instead, by what the endpoint said it does not know; None when nothing is left to drop."""
        said = complaint.lower()
        if self.counts and ("stream_options" in said or "include_usage" in said):
            return replace(self, counts=False)
        if self.streams and "stream" in said and "response_format" not in said:
            return replace(self, streams=False)
        if self.form in _WEAKER:
            return replace(self, form=_WEAKER[self.form])
        return replace(self, counts=False) if self.counts and self.streams else None


_known: dict[tuple[str, str], Abilities] = {}


def known(config: ModelConfig) -> Abilities:
    """What this endpoint could do when it was last asked; all there is, before that."""
    return _known.get((config.base_url, config.name), Abilities())


def remember(config: ModelConfig, abilities: Abilities) -> None:
    """It answered when asked like this."""
    _known[config.base_url, config.name] = abilities


def forget() -> None:
    """Find out anew."""
    _known.clear()
