"""The records of one Salesforce object, one line of JSON each, and the indexes of its external ids."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from integrations.sandbox.clock import Clock, format_offset
from integrations.sandbox.ledger import Ledger
from integrations.sandbox.salesforce.credentials import USER_ID
from integrations.sandbox.salesforce.fields import Entity, Field
from integrations.sandbox.salesforce.ids import IdMaker

Record = dict[str, Any]
DESCRIBED_AT = datetime(2026, 6, 30, tzinfo=UTC)
"""Since when the objects are as they are at first."""
_UNLIKE: frozenset[str] = frozenset({""})
"""Stands for a set of fields that no call has."""


class Table:
    """A record has a slot, counted from zero, from which its id follows. Stamps are whole seconds."""

    def __init__(self, entity: Entity, clock: Clock) -> None:
        self.entity = entity
        self.ledger = Ledger()
        self.ids = IdMaker(entity.prefix)
        self.rows: list[bytes] = []
        self._fields: list[frozenset[str]] = []
        self.created = array("q")
        self.stamps = array("q")
        self.deleted: set[int] = set()
        self.version = 0
        self.on_saved: Callable[[Sequence[int], bool], None] = lambda slots, by_us: None
        """Called with the slots saved, and whether that was over the API."""
        self._defaults: Record = {"OwnerId": USER_ID, **entity.defaults}
        self._by_lower_name = {name.lower(): one for name, one in entity.fields.items()}
        self._clock = clock
        self.described_at = DESCRIBED_AT
        external = [one for one in entity.fields.values() if one.external_id]
        self.unique: dict[str, dict[str, int]] = {one.name: {} for one in external if one.unique}
        self.shared: dict[str, dict[str, set[int]]] = {one.name: {} for one in external if not one.unique}

    def note_fields(self) -> None:
        """Its fields have been changed."""
        self._by_lower_name = {name.lower(): one for name, one in self.entity.fields.items()}
        self.described_at = datetime.fromtimestamp(int(self._clock.now()), UTC)

    @property
    def stored(self) -> int:
        return len(self.rows) - len(self.deleted)

    @property
    def slots(self) -> range:
        return range(len(self.rows))

    def find_field(self, name: str) -> Field | None:
        """Field names are not case-sensitive."""
        return self.entity.fields.get(name) or self._by_lower_name.get(name.lower())

    def find_slot(self, record_id: str) -> int | None:
        """The slot of a record that is there and not deleted."""
        slot = self.ids.find_slot(record_id)
        return slot if slot is not None and 0 <= slot < len(self.rows) and slot not in self.deleted else None

    def find_by_key(self, name: str, value: str) -> list[int]:
        """All live records with this value of an external id, or of Id."""
        if name == "Id":
            slot = self.find_slot(value)
            return [] if slot is None else [slot]
        key = value.strip().lower()
        if name in self.unique:
            slot = self.unique[name].get(key)
            return [] if slot is None else [slot]
        return sorted(self.shared[name].get(key, ()))

    def stored_values(self, slot: int) -> Record:
        values: Record = orjson.loads(self.rows[slot])
        return values

    def read(self, slot: int) -> Record:
        """All that is set, defaults and system fields included."""
        values = self._defaults | self.stored_values(slot)
        if "LastName" in self.entity.fields:
            values["Name"] = " ".join(values[part] for part in ("FirstName", "LastName") if values.get(part))
        values.update(self.read_system(slot))
        return values

    def read_system(self, slot: int) -> Record:
        stamp = format_offset(self.stamps[slot] * 1_000)
        return {
            "Id": self.ids.make(slot),
            "IsDeleted": slot in self.deleted,
            "CreatedDate": format_offset(self.created[slot] * 1_000),
            "CreatedById": USER_ID,
            "LastModifiedDate": stamp,
            "LastModifiedById": USER_ID,
            "SystemModstamp": stamp,
        }

    def insert(self, rows: list[Record], keys: Mapping[str, list[str]], fields: frozenset[str]) -> range:
        """Values are checked already; `keys` are the unique ones in lower case, by field. Returns the slots."""
        slots, now = range(len(self.rows), len(self.rows) + len(rows)), int(self._clock.now())
        self.rows.extend(map(pack, rows))
        self._fields.extend([fields if len(row) == len(fields) else _UNLIKE for row in rows])
        self.created.extend([now] * len(rows))
        self.stamps.extend([now] * len(rows))
        for name, values in keys.items():
            self.unique[name].update(zip(values, slots, strict=True))
            self.unique[name].pop("", None)
        for name, shared in self.shared.items():
            for slot, row in zip(slots, rows, strict=True):
                if value := row.get(name):
                    shared.setdefault(value.lower(), set()).add(slot)
        self.version += 1
        self.on_saved(slots, True)
        return slots

    def update(
        self, slots: list[int], rows: list[Record], fields: frozenset[str], moved: bool, by_us: bool = True
    ) -> None:
        """What a row does not mention stays as it is; a row with the same fields just takes the old one's place."""
        now, same = int(self._clock.now()), self._fields
        plain = not moved and fields.isdisjoint(self.shared)
        for slot, changes in zip(slots, rows, strict=True):
            self.stamps[slot] = now
            if plain and same[slot] is fields and len(changes) == len(fields):
                self.rows[slot] = pack(changes)
            else:
                self._merge(slot, changes)
        self.version += 1
        self.on_saved(slots, by_us)

    def _merge(self, slot: int, changes: Record) -> None:
        old = self.stored_values(slot)
        new = old | changes
        self.rows[slot] = pack(new)
        self._fields[slot] = _UNLIKE
        self._reindex(slot, old, new)

    def delete(self, slot: int) -> None:
        self._reindex(slot, self.stored_values(slot), {})
        self.deleted.add(slot)
        self.stamps[slot] = int(self._clock.now())
        self.version += 1

    def _reindex(self, slot: int, old: Record, new: Record) -> None:
        for name, index in self.unique.items():
            before, after = old.get(name), new.get(name)
            if before != after:
                if before and index.get(before.lower()) == slot:
                    del index[before.lower()]
                if after:
                    index[after.lower()] = slot
        for name, shared in self.shared.items():
            before, after = old.get(name), new.get(name)
            if before != after:
                if before:
                    shared[before.lower()].discard(slot)
                if after:
                    shared.setdefault(after.lower(), set()).add(slot)


def pack(values: Record) -> bytes:
    """A copy of exactly the size needed: what orjson returns keeps its much larger buffer."""
    return bytes(memoryview(orjson.dumps(values)))
