"""The records of one Salesforce object, one line of JSON each, and the indexes of its external ids."""

from array import array
from typing import Any

import orjson

from integrations.sandbox.clock import Clock, format_offset
from integrations.sandbox.credentials import SALESFORCE_USER_ID
from integrations.sandbox.ledger import Ledger
from integrations.sandbox.salesforce.fields import Entity, Field
from integrations.sandbox.salesforce.ids import IdMaker

Record = dict[str, Any]


class Table:
    """A record has a slot, counted from zero, from which its id follows. Stamps are whole seconds."""

    def __init__(self, entity: Entity, clock: Clock) -> None:
        self.entity = entity
        self.ledger = Ledger()
        self.ids = IdMaker(entity.prefix)
        self.rows: list[bytes] = []
        self.created = array("q")
        self.stamps = array("q")
        self.deleted: set[int] = set()
        self._defaults: Record = {"OwnerId": SALESFORCE_USER_ID, **entity.defaults}
        self._by_lower_name = {name.lower(): one for name, one in entity.fields.items()}
        self._clock = clock
        external = [one for one in entity.fields.values() if one.external_id]
        self.unique: dict[str, dict[str, int]] = {one.name: {} for one in external if one.unique}
        self.shared: dict[str, dict[str, set[int]]] = {one.name: {} for one in external if not one.unique}

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
            "CreatedById": SALESFORCE_USER_ID,
            "LastModifiedDate": stamp,
            "LastModifiedById": SALESFORCE_USER_ID,
            "SystemModstamp": stamp,
        }

    def insert(self, values: Record) -> int:
        """Values are checked already; returns the slot."""
        slot, now = len(self.rows), int(self._clock.now())
        self.rows.append(orjson.dumps(values))
        self.created.append(now)
        self.stamps.append(now)
        self._index(slot, values)
        return slot

    def update(self, slot: int, changes: Record) -> None:
        old = self.stored_values(slot)
        self._unindex(slot, old, changes)
        self.rows[slot] = orjson.dumps(old | changes)
        self.stamps[slot] = int(self._clock.now())
        self._index(slot, changes)

    def delete(self, slot: int) -> None:
        values = self.stored_values(slot)
        self._unindex(slot, values, dict.fromkeys(values))
        self.deleted.add(slot)
        self.stamps[slot] = int(self._clock.now())

    def _index(self, slot: int, values: Record) -> None:
        for name, index in self.unique.items():
            if value := values.get(name):
                index[value.lower()] = slot
        for name, shared in self.shared.items():
            if value := values.get(name):
                shared.setdefault(value.lower(), set()).add(slot)

    def _unindex(self, slot: int, old: Record, changes: Record) -> None:
        for name, index in self.unique.items():
            if name in changes and (value := old.get(name)) and index.get(value.lower()) == slot:
                del index[value.lower()]
        for name, shared in self.shared.items():
            if name in changes and (value := old.get(name)):
                shared[value.lower()].discard(slot)
