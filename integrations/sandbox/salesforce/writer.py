"""Writes many rows of one object at once, as all of Salesforce's write calls do in the end."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from integrations.sandbox.salesforce.checks import Check, Problems, make_check
from integrations.sandbox.salesforce.errors import RowError, refuse, refuse_unknown_field, row_error
from integrations.sandbox.salesforce.fields import Field
from integrations.sandbox.salesforce.table import Record, Table

_ROLLED_BACK = row_error(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


class Outcome(NamedTuple):
    """What became of one row."""

    record_id: str
    created: bool
    errors: list[RowError] | None = None


Find = Callable[[list[Record], Problems], list[int | None]]
"""The slots the rows are for; None means a new record."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The checks that rows with these fields need; made once per set of fields."""

    checks: tuple[Check, ...]
    unique: tuple[str, ...]


class Writer:
    """Writes into one table; looks accounts and other parents up in the others."""

    def __init__(self, table: Table, tables: dict[str, Table]) -> None:
        self.table = table
        self._tables = tables
        self._plans: dict[frozenset[str], Plan] = {}
        self._relationships = {one.relationship: one for one in table.entity.fields.values() if one.relationship}
        self._required = [one.name for one in table.entity.fields.values() if one.required]

    def insert(self, rows: list[Record], all_or_none: bool = False) -> list[Outcome]:
        return self._write(rows, lambda _rows, _problems: [None] * len(rows), all_or_none, "")

    def update(self, rows: list[Record], all_or_none: bool = False) -> list[Outcome]:
        """Rows carry the Id of their record."""
        ids = [str(row.pop("Id", row.pop("id", ""))) for row in rows]
        return self._write(rows, lambda _rows, problems: self._find_ids(ids, problems), all_or_none, "")

    def upsert(self, rows: list[Record], key: str, all_or_none: bool = False) -> list[Outcome]:
        """`key` is Id or the name of an external id; raises Refusal for any other field."""
        field = self.table.find_field(key)
        if field is None or not (field.external_id or field.name == "Id"):
            raise refuse(400, "INVALID_FIELD", f"Field name provided, {key} is not an External ID or indexed field")
        if field.name == "Id":
            return self.update(rows, all_or_none)
        return self._write(rows, lambda rows, problems: self._find_keys(rows, field, problems), all_or_none, field.name)

    def _write(self, rows: list[Record], find: Find, all_or_none: bool, key: str) -> list[Outcome]:
        problems: Problems = defaultdict(list)
        plan = self._plan(rows)
        for check in plan.checks:
            check(rows, problems)
        slots = find(rows, problems)
        self._check_required(rows, slots, problems)
        for name in plan.unique:
            if name != key:
                self._check_unique(name, rows, slots, problems)
        failed = {i: errors for i, errors in problems.items() if errors}
        return self._apply(rows, slots, failed, all_or_none, key)

    def _plan(self, rows: list[Record]) -> Plan:
        names = frozenset().union(*rows)
        plan = self._plans.get(names)
        if plan is None:
            plan = self._plans[names] = self._make_plan(names)
        return plan

    def _make_plan(self, names: frozenset[str]) -> Plan:
        checks = []
        for name in sorted(names):
            field = self.table.find_field(name)
            if field is not None:
                checks += [] if field.name == name else [_rename(name, field.name)]
                checks += [make_check(field)]
                checks += [self._make_reference_check(field)] if field.refers_to in self._tables else []
            elif name in self._relationships and self._relationships[name].refers_to in self._tables:
                checks += [self._make_relationship_check(name, self._relationships[name])]
            else:
                raise refuse_unknown_field(name, self.table.entity.name)
        lower = {name.lower() for name in names}
        return Plan(tuple(checks), tuple(name for name in self.table.unique if name.lower() in lower))

    def _make_reference_check(self, field: Field) -> Check:
        parents = self._tables[field.refers_to]

        def check(rows: list[Record], problems: Problems) -> None:
            for i, row in enumerate(rows):
                value = row.get(field.name)
                if value and parents.find_slot(value) is None:
                    problems[i].append(_refuse_reference(field, value))

        return check

    def _make_relationship_check(self, name: str, field: Field) -> Check:
        """Replaces {"Company_Key__c": "X"} by the id of the account with that key."""
        parents = self._tables[field.refers_to]

        def check(rows: list[Record], problems: Problems) -> None:
            for i, row in enumerate(rows):
                if name in row:
                    parent = row.pop(name)
                    row[field.name] = None
                    if parent:
                        _resolve(row, field, parent, parents, problems[i])

        return check

    def _find_ids(self, ids: list[str], problems: Problems) -> list[int | None]:
        slots = [self.table.find_slot(record_id) for record_id in ids]
        for i, slot in enumerate(slots):
            if slot is None:
                problems[i].append(self._describe_missing(ids[i]))
        return slots

    def _describe_missing(self, record_id: str) -> RowError:
        if not record_id:
            return row_error("MISSING_ARGUMENT", "Id not specified in an update call")
        if self.table.ids.find_slot(record_id) is None:
            return row_error("MALFORMED_ID", f"Record ID: id value of incorrect type: {record_id}", "Id")
        return row_error("ENTITY_IS_DELETED", "entity is deleted")

    def _find_keys(self, rows: list[Record], field: Field, problems: Problems) -> list[int | None]:
        keys = [(row.get(field.name) or "").strip().lower() for row in rows]
        if len(set(keys)) < len(keys) or "" in keys:
            _report_bad_keys(keys, field, rows, problems)
        index = self.table.unique.get(field.name)
        if index is not None:
            return [index.get(key) for key in keys]
        return [self._find_only(field, key, i, problems) for i, key in enumerate(keys)]

    def _find_only(self, field: Field, key: str, i: int, problems: Problems) -> int | None:
        found = self.table.find_by_key(field.name, key)
        if len(found) > 1:
            message = f"{field.label}: more than one record found for external id field: {self._list_ids(found)}"
            problems[i].append(row_error("DUPLICATE_EXTERNAL_ID", message))
        return found[0] if found else None

    def _list_ids(self, slots: Sequence[int]) -> str:
        return f"[{', '.join(self.table.ids.make(slot) for slot in slots)}]"

    def _check_required(self, rows: list[Record], slots: list[int | None], problems: Problems) -> None:
        """A new record needs them all; an existing one must not lose them."""
        for name in self._required:
            for i, row in enumerate(rows):
                if not (row.get(name) or "").strip() and (slots[i] is None or name in row):
                    _add_missing(problems[i], name)

    def _check_unique(self, name: str, rows: list[Record], slots: list[int | None], problems: Problems) -> None:
        index, seen = self.table.unique[name], set()
        for i, row in enumerate(rows):
            key = (row.get(name) or "").strip().lower()
            if not key:
                continue
            owner = index.get(key)
            if key in seen or (owner is not None and owner != slots[i]):
                problems[i].append(self._describe_duplicate(name, owner))
            seen.add(key)

    def _describe_duplicate(self, name: str, owner: int | None) -> RowError:
        record_id = "<unknown>" if owner is None else self.table.ids.make(owner)
        return row_error(
            "DUPLICATE_VALUE", f"duplicate value found: {name} duplicates value on record with id: {record_id}"
        )

    def _apply(
        self,
        rows: list[Record],
        slots: list[int | None],
        failed: dict[int, list[RowError]],
        all_or_none: bool,
        key: str,
    ) -> list[Outcome]:
        ledger = self.table.ledger
        ledger.count_rejected(len(rows) if failed and all_or_none else len(failed))
        if failed and all_or_none:
            return [Outcome("", False, failed.get(i, [_ROLLED_BACK])) for i in range(len(rows))]
        outcomes = [
            Outcome("", False, failed[i]) if i in failed else self._apply_one(row, slots[i])
            for i, row in enumerate(rows)
        ]
        name = key or self.table.entity.key
        written = [row for i, row in enumerate(rows) if i not in failed] if failed else rows
        ledger.count_writes([value.lower() for row in written if (value := row.get(name))], len(written))
        return outcomes

    def _apply_one(self, row: Record, slot: int | None) -> Outcome:
        table = self.table
        if slot is None:
            return Outcome(table.ids.make(table.insert(row)), True)
        table.update(slot, row)
        return Outcome(table.ids.make(slot), False)


def _rename(given: str, name: str) -> Check:
    def check(rows: list[Record], problems: Problems) -> None:
        for row in rows:
            if given in row:
                row[name] = row.pop(given)

    return check


def _refuse_reference(field: Field, value: str) -> RowError:
    if len(value) not in (15, 18):
        return row_error("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", field.name)
    return row_error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", field.name)


def _resolve(row: Record, field: Field, parent: object, parents: Table, errors: list[RowError]) -> None:
    given = (
        [(name, value) for name, value in parent.items() if name != "attributes"] if isinstance(parent, dict) else []
    )
    if len(given) != 1 or given[0][0] not in parents.unique:
        raise refuse(
            400, "INVALID_FIELD", f"The relationship {field.relationship} needs one external id of {field.refers_to}"
        )
    name, value = given[0][0], str(given[0][1])
    found = parents.find_by_key(name, value)
    if found:
        row[field.name] = parents.ids.make(found[0])
        return
    message = f"Foreign key external ID: {value.lower()} not found for field {name} in entity {field.refers_to}"
    errors.append(row_error("INVALID_FIELD", message))


def _report_bad_keys(keys: list[str], field: Field, rows: list[Record], problems: Problems) -> None:
    times = Counter(keys)
    for i, key in enumerate(keys):
        if not key:
            problems[i].append(row_error("MISSING_ARGUMENT", f"{field.name} not specified"))
        elif times[key] > 1:
            message = f"Duplicate external id specified: {rows[i][field.name]}"
            problems[i].append(row_error("DUPLICATE_VALUE", message, field.name))


def _add_missing(errors: list[RowError], name: str) -> None:
    """One error lists all missing fields of a row."""
    for error in errors:
        if error["statusCode"] == "REQUIRED_FIELD_MISSING":
            error["fields"].append(name)
            error["message"] = f"Required fields are missing: [{', '.join(error['fields'])}]"
            return
    errors.append(row_error("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", name))
