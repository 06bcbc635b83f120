"""What would change: two mappings run over the same records, compared record by record, without sending anything."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from integrations.mappings.outcomes import MappedBatch
from integrations.mappings.validation import Validator
from integrations.types import FlatRecord

SAMPLES = 20
"""How many records of each sort are kept to look at."""

Fate = Literal["sent", "left_out", "held"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one mapping makes of one record. `problem` is why it is held or left out, a sentence without its values."""

    fate: Fate
    output: FlatRecord
    problem: str = ""
    title: str = ""


@dataclass(slots=True)
class Comparison:
    """What differs so far. `changed`: sent by both, otherwise. The four `newly_` counts: sent, held or left out by the
    new one only, and held by the old one but not the new. `fields`: how many changed records differ in this field.
    `reasons`: why records would be held newly, by title. `samples` = {sort: [{"id", "old", "new", "problem"}, …]}.
    """

    records: int = 0
    same: int = 0
    changed: int = 0
    newly_sent: int = 0
    newly_held: int = 0
    newly_left_out: int = 0
    no_longer_held: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, record: FlatRecord, old: Outcome, new: Outcome) -> None:
        """Take one record into account."""
        self.records += 1
        if old.fate == new.fate:
            self._add_alike(record, old, new)
        else:
            self._add_other_fate(record, old, new)

    def _add_alike(self, record: FlatRecord, old: Outcome, new: Outcome) -> None:
        differing = differing_fields(old.output, new.output)
        if new.fate != "sent" or not differing:
            self.same += 1
            return
        self.changed += 1
        self.fields.update(differing)
        self._keep("changed", record, {name: old.output.get(name) for name in differing}, _only(new.output, differing))

    def _add_other_fate(self, record: FlatRecord, old: Outcome, new: Outcome) -> None:
        if old.fate == "held":
            self.no_longer_held += 1
        if new.fate == "held":
            self.newly_held += 1
            self.reasons[new.title or new.problem] += 1
        elif new.fate == "left_out":
            self.newly_left_out += 1
        else:
            self.newly_sent += 1
        self._keep(f"newly_{new.fate}", record, old.output, new.output, new.problem)

    def _keep(self, sort: str, record: FlatRecord, old: FlatRecord, new: FlatRecord, problem: str = "") -> None:
        kept = self.samples.setdefault(sort, [])
        if len(kept) < SAMPLES:
            kept.append({"id": str(record.get("id", "")), "record": record, "old": old, "new": new, "problem": problem})

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**plain, "fields": dict(self.fields), "reasons": dict(self.reasons)}

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> "Comparison":
        """What `dump` made."""
        return cls(**{**plain, "fields": Counter(plain["fields"]), "reasons": Counter(plain["reasons"])})


def outcomes(batch: MappedBatch, validate: Validator) -> list[Outcome]:
    """What became of each record of a batch, in order."""
    return [_outcome(batch, index, output, validate) for index, output in enumerate(batch.outputs)]


def differing_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The fields in which two mapped records differ; a field that is missing does not equal one that is emptied."""
    absent = object()
    return [name for name in {**old, **new} if old.get(name, absent) != new.get(name, absent)]


def _outcome(batch: MappedBatch, index: int, output: FlatRecord | None, validate: Validator) -> Outcome:
    failure = batch.failed.get(index)
    if failure is not None:
        return Outcome("held", {}, failure.message, failure.message)
    if output is None:
        return Outcome("left_out", {}, batch.left_out.get(index) or "")
    problems = validate(output)
    if problems:
        return Outcome("held", output, problems[0].message, problems[0].title)
    return Outcome("sent", output)


def _only(record: FlatRecord, names: Sequence[str]) -> FlatRecord:
    return {name: record.get(name) for name in names}
