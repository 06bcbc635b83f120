"""A rehearsal in words: how many would be different, in which fields, and some of them to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.types import ObjectSchema
from syncpanel.words.mappings import name_of
from syncpanel.words.record import label_of, shown

SORTS = (
    ("changed", "running", "Sent differently"),
    ("newly_held", "warn", "Would newly be held back"),
    ("newly_left_out", "idle", "Would newly be left out"),
    ("newly_sent", "ok", "Would newly be sent"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One record of a sort: who, and field by field what goes out now and what would."""

    name: str
    problem: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """All records with the same fate, counted, with some of them."""

    name: str
    state: str
    label: str
    count: int
    samples: tuple[Sample, ...]

    @property
    def count_text(self) -> str:
        """The count, readable."""
        return f"{self.count:,}"


@dataclass(frozen=True, slots=True)
class Found:
    """The whole rehearsal. `fields` and `reasons`: label and count, most first. `not_fetched`: labels of fields."""

    records: int
    same: int
    no_longer_held: int
    sorts: tuple[Sort, ...]
    fields: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]
    not_fetched: tuple[str, ...]

    @property
    def is_quiet(self) -> bool:
        """True when nothing would change."""
        return not any(sort.count for sort in self.sorts)


def in_words(result: Mapping[str, Any], source: ObjectSchema | None, destination: ObjectSchema | None) -> Found:
    """What `run_rehearsal` found."""
    told = result["comparison"]
    sorts = tuple(
        Sort(name, state, label, told[name], tuple(_sample(one, destination) for one in told["samples"].get(name, ())))
        for name, state, label in SORTS
    )
    fields = sorted(told["fields"].items(), key=lambda pair: -pair[1])
    reasons = sorted(told["reasons"].items(), key=lambda pair: -pair[1])
    return Found(
        records=told["records"],
        same=told["same"],
        no_longer_held=told["no_longer_held"],
        sorts=sorts,
        fields=tuple((label_of(destination, name), count) for name, count in fields),
        reasons=tuple(reasons),
        not_fetched=tuple(label_of(source, name) for name in result.get("not_fetched", ())),
    )


def _sample(one: Mapping[str, Any], destination: ObjectSchema | None) -> Sample:
    old, new = one["old"] or {}, one["new"] or {}
    rows = tuple((label_of(destination, name), shown(old.get(name)), shown(new.get(name))) for name in {**old, **new})
    return Sample(name_of(one["record"]) or one["id"], one["problem"], rows)
