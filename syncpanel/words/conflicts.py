"""Both sides changed the same: what each has, what both last had, and who can be right, in words."""

from collections.abc import Iterable
from typing import NamedTuple

from integrations.models import FailedRecord, Sync
from integrations.orchestrator.conflicts import CODES, HERE, THERE, question_of
from integrations.orchestrator.two_way import LEFT, RIGHT
from integrations.queries.failures import FailureDetail
from integrations.queries.two_ways import Both, two_ways_of
from integrations.types import ObjectSchema
from syncpanel.templatetags.words import count, nouns
from syncpanel.words.record import label_of, value_label

STAYED = "had nothing to decide and stays here,had nothing to decide and stay here"


class Claim(NamedTuple):
    """What one side says. `value` and `before` are None where nobody knows, and empty where the field is."""

    keep: str
    name: str
    letter: str
    hue: str
    field: str
    value: str | None
    before: str | None

    @property
    def answer(self) -> str:
        """What a person says to it: "HubSpot's is right"."""
        return f"{possessive(self.name)} is right"


class Dispute(NamedTuple):
    """Two claims about one field."""

    claims: tuple[Claim, Claim]
    explanation: str


class Answer(NamedTuple):
    """A button that decides many at once."""

    value: str
    label: str


def dispute(detail: FailureDetail, here: ObjectSchema | None, there: ObjectSchema | None) -> Dispute | None:
    """What is to be decided about a failed record; None when it is nothing of the kind."""
    question = question_of(detail.record)
    both = two_ways_of([detail.record.sync_id]).get(detail.record.sync_id) if question else None
    if question is None or both is None:
        return None
    names = [both.name_of(side) for side in _sides(both, detail.record.sync_id)]
    one, other = question.field_here, question.field_there
    known = question.is_agreed
    claims = (
        Claim(
            HERE,
            names[0],
            detail.source.letter,
            detail.source.hue,
            label_of(here, one),
            value_label(here, one, question.here),
            value_label(here, one, question.agreed_here) if known else None,
        ),
        Claim(
            THERE,
            names[1],
            detail.destination.letter,
            detail.destination.hue,
            label_of(there, other),
            value_label(there, other, question.there) if question.is_there_known else None,
            value_label(there, other, question.agreed_there) if known else None,
        ),
    )
    return Dispute(claims, _explained(known, detail.record))


def decided(detail: FailureDetail, keep: str) -> str:
    """What is said once a person has decided: when it is carried out, and by which sync."""
    sync_id = detail.record.sync_id
    both = two_ways_of([sync_id]).get(sync_id)
    if both is None:
        return "Decided."
    here, there = (both.name_of(side) for side in _sides(both, sync_id))
    name = detail.record.label or detail.record.source_id
    right, other = (here, there) if keep == HERE else (there, here)
    carries = detail.record.sync if keep == HERE else both.partner_of(sync_id)
    return f"{possessive(right)} value is right for {name}. {_when(other, carries)}"


def decided_many(both: Both, side: str, done: int, stayed: int) -> str:
    """The same of many."""
    right, other = both.name_of(side), both.name_of(RIGHT if side == LEFT else LEFT)
    carries = both.rightward if side == LEFT else both.leftward
    said = f"{possessive(right)} value is right for {count(done)}. {_when(other, carries)}"
    return f"{said} {nouns(stayed, STAYED)}." if stayed else said


def answers(rows: Iterable[FailedRecord]) -> list[Answer]:
    """The buttons that decide all that are selected; none unless all rows shown are conflicts of one two-way sync."""
    shown = list(rows)
    if not shown or any(row.code not in CODES for row in shown):
        return []
    syncs = {row.sync_id for row in shown}
    found = two_ways_of(syncs)
    if set(found) != syncs or len({both.row.pk for both in found.values()}) != 1:
        return []
    both = next(iter(found.values()))
    return [
        Answer(f"{both.row.pk}:{side}", f"{possessive(both.name_of(side))} is right for all of these")
        for side in (LEFT, RIGHT)
    ]


def possessive(name: str) -> str:
    """ "HubSpot" → "HubSpot's", "Leads" → "Leads'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _sides(both: Both, sync_id: int) -> tuple[str, str]:
    """Where this sync reads, and where it writes."""
    return (LEFT, RIGHT) if sync_id == both.row.rightward_id else (RIGHT, LEFT)


def _explained(is_agreed: bool, record: FailedRecord) -> str:
    if record.code == "ping_pong":
        return "Each time we write it, it is changed back. Nothing more is written until you say which one is right."
    if is_agreed:
        return "Both were changed since they were last the same. Nothing was overwritten."
    return "They were different from the start. Nothing was overwritten."


def _when(other: str, carries: Sync) -> str:
    if not carries.is_enabled:
        return f"{other} gets it once “{carries.name}” is switched on."
    return f"{other} gets it within seconds."
