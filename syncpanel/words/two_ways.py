"""A sync that goes both ways, as one thing: what it does, which fields go which way, and how the other direction is."""

from typing import Any, NamedTuple

from integrations.enums import Way, Winner
from integrations.orchestrator.schemas import known
from integrations.queries.two_ways import MOST_COUNTED, Both
from integrations.types import ObjectSchema
from syncpanel.templatetags.words import count
from syncpanel.words.record import label_of

ARROWS: dict[str, tuple[str, str]] = {
    Way.RIGHT: ("→", "goes to"),
    Way.LEFT: ("←", "comes from"),
    Way.BOTH: ("↔", "equals"),
}
"""The sign, and what a screen reader says for it between the left and the right field."""


class PairRow(NamedTuple):
    """One pair of fields: "Company ↔ Company name: HubSpot wins"."""

    left: str
    arrow: str
    said: str
    right: str
    wins: str


def equal_sentence(both: Both, when: str) -> str:
    """ "Every hour, contacts of HubSpot and leads of Salesforce are kept equal, in both directions." """
    left = f"{both.left.object_label.lower()} of {both.name_of('left')}"
    right = f"{both.right.object_label.lower()} of {both.name_of('right')}"
    return f"{when}, {left} and {right} are kept equal, in both directions."


def pair_rows(both: Both) -> list[PairRow]:
    """Every pair of fields, as set."""
    left = known(both.rightward.source, both.left.object_name)
    right = known(both.rightward.destination, both.right.object_name)
    return [_row(both, one, left, right) for one in both.row.pairs]


def wins_words(both: Both, wins: str) -> str:
    """Who wins when both were changed."""
    if wins in {Winner.LEFT, Winner.RIGHT}:
        return f"{both.name_of(wins)} wins"
    return "the newer one wins" if wins == Winner.NEWER else "you are asked"


def agreed_words(both: Both, number: int) -> str:
    """How many are on both sides, as far as is known."""
    noun = both.left.one if number == 1 else both.left.many
    told = f"{count(MOST_COUNTED)} or more" if number >= MOST_COUNTED else count(number)
    return f"{told} {noun} known on both sides"


def _row(both: Both, plain: dict[str, Any], left: ObjectSchema | None, right: ObjectSchema | None) -> PairRow:
    arrow, said = ARROWS[plain["way"]]
    wins = wins_words(both, plain.get("wins") or both.row.wins) if plain["way"] == Way.BOTH else ""
    return PairRow(label_of(left, plain["left"]), arrow, said, label_of(right, plain["right"]), wins)
