"""Who is this over there? By the key first; whom it does not find, by the sync's other fields, one after the other.

One match is taken: the record is updated by its id, and gets the key. A match that belongs to somebody else already, or
several of them, is for a person to decide: nothing is written. Whom a person said it is, is not looked for (see `deciding`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from integrations import reasons
from integrations.adapters.base import FindingAdapter
from integrations.enums import DuplicateKind, DuplicateVerdict, NotSent
from integrations.models.sync import TOGETHER
from integrations.orchestrator.stages.owners_there import Owners
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord

if TYPE_CHECKING:
    from integrations.orchestrator.stages.deciding import Plan


MOST_MEANT = 5
"""Of those who may be meant a person is shown so many."""


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A record over there that may be this person. `why` names the fields that are the same. `owner`: the source record it
    stands for so far; `also`: others that may be meant as well."""

    kind: DuplicateKind
    record: FlatRecord
    why: str
    owner: str = ""
    also: tuple["Lookalike", ...] = ()


class Finder:
    """Looks for people at the destination of one job."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.adapter = cast(FindingAdapter, work.destination)
        self.object_name, self.key = work.sync.destination_object, work.sync.destination_key
        self.matches = [match.split(TOGETHER) for match in work.sync.match_fields]
        self.fields = list(dict.fromkeys([self.key, *(name for match in self.matches for name in match)]))
        self._label = work.destination_can.label
        self._owners = Owners(work)

    def find(self, plans: Sequence["Plan"]) -> None:
        """Each who is new to us gets `found`, and `there` when he is to be addressed by his id; or is settled for a person."""
        new = [plan for plan in plans if plan.result is None and not plan.there and plan.link is None]
        left = self._find_by_key(new)
        for match in self.matches:
            if left:
                left = self._find_by(match, left)
        self._look_closer([plan for plan in new if plan.lookalike is not None])

    def _find_by_key(self, plans: list["Plan"]) -> list["Plan"]:
        """Returns whom the key does not find. A two-way sync wants the record itself; any other leaves it to the platform."""
        hits = self._ask(self.key, [plan.record.get(self.key) for plan in plans])
        for plan in plans:
            same = hits.get(comparable(plan.record.get(self.key)), [])
            if same:
                plan.found = same[0]
                plan.there = same[0]["id"] if self.work.two_way else ""
        return [plan for plan in plans if plan.found is None]

    def _find_by(self, match: list[str], plans: list["Plan"]) -> list["Plan"]:
        """Returns whom these fields do not find either."""
        known = [plan for plan in plans if all(comparable(plan.record.get(name)) for name in match)]
        hits = self._ask(match[0], [plan.record.get(match[0]) for plan in known])
        for plan in known:
            same = hits.get(comparable(plan.record.get(match[0])), [])
            self._take(plan, match, [one for one in same if _agree(one, plan.record, match[1:])])
        return [plan for plan in plans if plan.result is None and not plan.there]

    def _take(self, plan: "Plan", match: list[str], hits: list[FlatRecord]) -> None:
        hits = [hit for hit in hits if plan.verdicts.get(hit["id"]) != DuplicateVerdict.DIFFERENT]
        if not hits:
            return
        first, *others = (self._lookalike(hit, match) for hit in hits[:MOST_MEANT])
        there = first.record["id"]
        if others:
            self._hold(plan, match, "match_ambiguous", replace(first, also=tuple(others)))
        elif first.owner or comparable(first.record.get(self.key)):
            self._hold(plan, match, "match_taken", first)
        elif there in plan.verdicts:  # a person was asked, and has not decided
            self._hold(plan, match, "match_ambiguous", first)
        elif owner := self._owners.claim(there, plan.source_id):
            self._hold(plan, match, "match_taken", replace(first, kind=DuplicateKind.TAKEN, owner=owner))
        else:
            plan.found, plan.there = first.record, there

    def _lookalike(self, hit: FlatRecord, match: list[str]) -> Lookalike:
        owner = self._owners.owner_of(hit, hit.get(self.key))
        why = f"same {', same '.join(self._label_of(name) for name in match)}"
        return Lookalike(DuplicateKind.TAKEN if owner else DuplicateKind.OTHER_SYSTEM, hit, why, owner)

    def _hold(self, plan: "Plan", match: list[str], code: str, lookalike: Lookalike) -> None:
        labels = [self._label_of(name) for name in match]
        plan.lookalike = lookalike
        plan.settle(
            NotSent.HELD,
            code=code,
            field=match[0],
            message=reasons.sentence(code, " and ".join(labels), self._label),
        )

    def _look_closer(self, held: Sequence["Plan"]) -> None:
        """For a person to compare: all that we would write of whoever may be meant."""
        shown = [(plan, plan.lookalike) for plan in held if plan.lookalike is not None]
        ids = {one.record["id"] for _, found in shown for one in (found, *found.also)}
        if not ids:
            return
        fields = {name for plan, _ in shown for name in plan.record} | set(self.fields)
        read = self.adapter.read_records(self.object_name, sorted(ids), sorted(fields - {"id"}))
        records = {record["id"]: record for record in read}
        for plan, found in shown:
            also = tuple(replace(one, record=records.get(one.record["id"], one.record)) for one in found.also)
            plan.lookalike = replace(found, record=records.get(found.record["id"], found.record), also=also)

    def _label_of(self, name: str) -> str:
        field = self.work.schema.field(name)
        return field.label if field else name

    def _ask(self, field: str, values: Iterable[Any]) -> Mapping[str, list[FlatRecord]]:
        """Comparable value → the records that have it."""
        wanted = list(dict.fromkeys(str(value) for value in values if comparable(value)))
        by_value: defaultdict[str, list[FlatRecord]] = defaultdict(list)
        if wanted:
            for record in self.adapter.find_records(self.object_name, field, wanted, self.fields):
                by_value[comparable(record.get(field))].append(record)
        return by_value


def comparable(value: Any) -> str:
    """A value as it is compared: spaces around it and its case do not tell people apart."""
    return "" if value is None else str(value).strip().casefold()


def _agree(one: FlatRecord, other: FlatRecord, names: Sequence[str]) -> bool:
    return all(comparable(one.get(name)) == comparable(other.get(name)) for name in names)
