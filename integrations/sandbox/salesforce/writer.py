"""Writes many rows of one object at once, as all of Salesforce's write calls do in the end."""

from dataclasses import dataclass, field

from integrations.sandbox.salesforce.checks import Check, Problems, make_check, read_columns
from integrations.sandbox.salesforce.errors import RowError, refuse, refuse_unknown_field, row_error
from integrations.sandbox.salesforce.keys import (
    Slots,
    check_required,
    check_unique,
    find_ids,
    find_keys,
    is_unchanged,
    read_keys,
)
from integrations.sandbox.salesforce.references import make_reference_check, make_relationship_check
from integrations.sandbox.salesforce.table import Record, Table

_ROLLED_BACK = row_error(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


Outcome = tuple[str, bool, list[RowError] | None]
"""What became of one row: its record's id, whether that is new, and what is wrong if it was not written."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The checks that rows with these fields need; made once per set of fields."""

    renamed: dict[str, str]
    """Names in another case than the field's."""
    checks: tuple[tuple[str, Check], ...]
    """By the name of the column they look at."""
    unique: tuple[str, ...]
    stored: frozenset[str]
    """The fields as they are stored, with Account__c for Account__r."""


@dataclass(slots=True)
class Batch:
    """The rows of one call on their way into the table."""

    rows: list[Record]
    problems: Problems
    keys: dict[str, list[str]]
    """The values of unique fields, in lower case."""
    stored: frozenset[str]
    slots: Slots = field(default_factory=list)
    moved: bool = False
    """Some record changes its value of a unique field."""


class Writer:
    """Writes into one table; looks accounts and other parents up in the others."""

    def __init__(self, table: Table, tables: dict[str, Table]) -> None:
        self.table = table
        self._tables = tables
        self._plans: dict[frozenset[str], Plan] = {}
        fields = table.entity.fields.values()
        self._relationships = {one.relationship: one for one in fields if one.refers_to in tables}
        self._required = [one.name for one in fields if one.required]

    def insert(self, rows: list[Record], all_or_none: bool = False) -> list[Outcome]:
        batch = self._check(rows)
        batch.slots = [None] * len(rows)
        return self._finish(batch, all_or_none)

    def update(self, rows: list[Record], all_or_none: bool = False) -> list[Outcome]:
        """Rows carry the Id of their record."""
        ids = [str(row.pop("Id", row.pop("id", ""))) for row in rows]
        batch = self._check(rows)
        batch.slots = find_ids(self.table, ids, batch.problems)
        return self._finish(batch, all_or_none)

    def upsert(self, rows: list[Record], key: str, all_or_none: bool = False) -> list[Outcome]:
        """`key` is Id or the name of an external id; raises Refusal for any other field."""
        found = self.table.find_field(key)
        if found is None or not (found.external_id or found.name == "Id"):
            raise refuse(400, "INVALID_FIELD", f"Field name provided, {key} is not an External ID or indexed field")
        if found.name == "Id":
            return self.update(rows, all_or_none)
        batch = self._check(rows)
        keys = batch.keys.get(found.name) or read_keys(rows, found.name)
        batch.slots = find_keys(self.table, found, keys, rows, batch.problems)
        return self._finish(batch, all_or_none, found.name)

    def _check(self, rows: list[Record]) -> Batch:
        """What can be said about the rows without knowing which records they are for."""
        columns, problems = read_columns(rows), Problems(list)
        plan = self._find_plan(frozenset(columns))
        if plan.renamed:
            rows[:] = [{plan.renamed.get(name, name): value for name, value in row.items()} for row in rows]
            return self._check(rows)
        for name, check in plan.checks:
            check(columns[name], rows, problems)
        return Batch(rows, problems, {name: read_keys(rows, name) for name in plan.unique}, plan.stored)

    def _finish(self, batch: Batch, all_or_none: bool, key: str = "") -> list[Outcome]:
        check_required(self._required, batch.rows, batch.slots, batch.problems)
        for name, keys in batch.keys.items():
            if name != key and not is_unchanged(self.table, name, keys, batch.slots):
                batch.moved = True
                check_unique(self.table, name, keys, batch.slots, batch.problems)
        failed = {i: errors for i, errors in batch.problems.items() if errors}
        if failed and all_or_none:
            self.table.ledger.count_rejected(len(batch.rows))
            return [("", False, failed.get(i, [_ROLLED_BACK])) for i in range(len(batch.rows))]
        return self._put(batch, failed, key or self.table.entity.key)

    def _find_plan(self, names: frozenset[str]) -> Plan:
        plan = self._plans.get(names)
        if plan is None:
            plan = self._plans[names] = self._make_plan(names)
        return plan

    def _make_plan(self, names: frozenset[str]) -> Plan:
        checks = [(name, check) for name in sorted(names) for check in self._make_checks(name)]
        stored = {name: self._find_stored_name(name) for name in names}
        renamed = {name: own for name, own in stored.items() if name.lower() == own.lower() and name != own}
        unique = tuple(name for name in self.table.unique if name in names)
        return Plan(renamed, tuple(checks), unique, frozenset(stored.values()))

    def _find_stored_name(self, name: str) -> str:
        found = self.table.find_field(name) or self._relationships[name]
        return found.name

    def _make_checks(self, name: str) -> list[Check]:
        found = self.table.find_field(name)
        if found is None and name in self._relationships:
            followed = self._relationships[name]
            return [make_relationship_check(name, followed, self._tables[followed.refers_to])]
        if found is None:
            raise refuse_unknown_field(name, self.table.entity.name)
        checks = [make_check(found)]
        if found.refers_to in self._tables:
            checks.append(make_reference_check(found, self._tables[found.refers_to]))
        return checks

    def _put(self, batch: Batch, failed: dict[int, list[RowError]], key: str) -> list[Outcome]:
        """Stores the rows that passed; every row gets its outcome, in order."""
        table, slots, rows, make = self.table, batch.slots, batch.rows, self.table.ids.make
        good = [i for i in range(len(rows)) if i not in failed]
        new = [i for i in good if slots[i] is None]
        old = [i for i in good if slots[i] is not None]
        table.update([slots[i] or 0 for i in old], [rows[i] for i in old], batch.stored, batch.moved)
        new_keys = {name: [keys[i] for i in new] for name, keys in batch.keys.items()}
        added = table.insert([rows[i] for i in new], new_keys, batch.stored)
        self._count(batch, good, key)
        outcomes: list[Outcome] = [("", False, None)] * len(rows)
        for i, slot in zip(new, added, strict=True):
            outcomes[i] = (make(slot), True, None)
        for i in old:
            outcomes[i] = (make(slots[i] or 0), False, None)
        for i, errors in failed.items():
            outcomes[i] = ("", False, errors)
        return outcomes

    def _count(self, batch: Batch, good: list[int], key: str) -> None:
        keys = batch.keys.get(key, [])
        self.table.ledger.count_rejected(len(batch.rows) - len(good))
        self.table.ledger.count_writes([keys[i] for i in good if keys[i]] if keys else [], len(good))
