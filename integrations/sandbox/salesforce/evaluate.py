"""Runs a parsed query over a table."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from integrations.sandbox.clock import parse_instant
from integrations.sandbox.salesforce.errors import refuse
from integrations.sandbox.salesforce.fields import NUMBER_TYPES, Field
from integrations.sandbox.salesforce.soql import Combination, Comparison, Condition, Instant, Query
from integrations.sandbox.salesforce.table import Record, Table

Read = Callable[[int], Any]
"""A field's value in a slot, made comparable."""
Test = Callable[[int], bool]

STAMPS = {"SystemModstamp", "LastModifiedDate", "CreatedDate"}
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, wanted: value is not None and value < wanted,
    "<=": lambda value, wanted: value is not None and value <= wanted,
    ">": lambda value, wanted: value is not None and value > wanted,
    ">=": lambda value, wanted: value is not None and value >= wanted,
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
}


class Evaluator:
    """One query over one table; paths like Account__r.Name lead into another."""

    def __init__(self, query: Query, table: Table, tables: dict[str, Table]) -> None:
        self._query = query
        self._table = table
        self._tables = tables
        for name in query.fields:
            if not name.upper().startswith("COUNT("):
                self._follow(name)

    def find(self, with_deleted: bool = False) -> list[int]:
        """Slots that match, in the order asked for."""
        query, table = self._query, self._table
        slots: Iterable[int] = self._candidates(query.where)
        if not with_deleted:
            slots = (slot for slot in slots if slot not in table.deleted)
        if query.where is not None:
            slots = filter(self._compile(query.where), slots)
        found = list(slots)
        for name, descending, nulls_last in reversed(query.order):
            self._sort(found, name, descending, nulls_last)
        end = None if query.limit is None else query.offset + query.limit
        return found[query.offset : end]

    def _sort(self, slots: list[int], name: str, descending: bool, nulls_last: bool) -> None:
        read = self._reader(name)
        slots.sort(key=lambda slot: _sort_key(read(slot), nulls_last is not descending), reverse=descending)

    def _candidates(self, where: Condition | None) -> Iterable[int]:
        """An equality on an external id or Id needs no scan."""
        parts = where.parts if isinstance(where, Combination) and where.operator == "AND" else (where,)
        for part in parts:
            if isinstance(part, Comparison) and part.operator in ("=", "IN"):
                field = self._table.find_field(part.field)
                if field is not None and field.name in {"Id", *self._table.unique}:
                    values = part.value if part.operator == "IN" else (part.value,)
                    return self._look_up(field, values)
        return self._table.slots

    def _look_up(self, field: Field, values: Iterable[Any]) -> list[int]:
        if field.name == "Id":
            found = [self._table.ids.find_slot(str(value)) for value in values]
            return sorted({slot for slot in found if slot is not None and slot in self._table.slots})
        return sorted({slot for value in values if value for slot in self._table.find_by_key(field.name, str(value))})

    def _compile(self, condition: Condition) -> Test:
        if isinstance(condition, Comparison):
            return self._compile_comparison(condition)
        tests = [self._compile(part) for part in condition.parts]
        match condition.operator:
            case "AND":
                return lambda slot: all(test(slot) for test in tests)
            case "OR":
                return lambda slot: any(test(slot) for test in tests)
        return lambda slot: not tests[0](slot)

    def _compile_comparison(self, one: Comparison) -> Test:
        read = self._reader(one.field)
        if one.operator == "LIKE":
            pattern = _like(str(one.value))
            return lambda slot: pattern.fullmatch(read(slot) or "") is not None
        if one.operator in ("IN", "NOT IN"):
            values = {self._comparable(one.field, value) for value in one.value}
            wanted = one.operator == "IN"
            return lambda slot: (read(slot) in values) is wanted
        value, sign = self._comparable(one.field, one.value), _SIGNS[one.operator]
        return lambda slot: sign(read(slot), value)

    def _comparable(self, name: str, value: Any) -> Any:
        """The literal as `_reader` gives the field."""
        _, field = self._follow(name)
        if isinstance(value, Instant):
            if field.type not in ("date", "datetime"):
                raise refuse_type(name, value.text)
            return value.ms if field.type == "datetime" else value.text
        if isinstance(value, str):
            if field.type in NUMBER_TYPES | {"date", "datetime", "boolean"}:
                raise refuse_type(name, value)
            return self._table.ids.find_slot(value) if field.name == "Id" and "." not in name else value.lower()
        return value

    def _reader(self, path: str) -> Read:
        steps, field = self._follow(path)
        if steps:
            return lambda slot: to_comparable(field, self.read_path(slot, path))
        if field.name in STAMPS:
            stamps = self._table.created if field.name == "CreatedDate" else self._table.stamps
            return lambda slot: stamps[slot] * 1_000
        if field.name == "Id":
            return lambda slot: slot
        return lambda slot: to_comparable(field, self._table.read(slot).get(field.name))

    def _follow(self, path: str) -> tuple[list[Field], Field]:
        """The references on the way, and the field at the end; raises Refusal for what there is not."""
        *steps, last = path.split(".")
        if steps and steps[0].lower() == self._table.entity.name.lower():
            steps = steps[1:]
        table, references = self._table, []
        for step in steps:
            field = next(
                (one for one in table.entity.fields.values() if one.relationship.lower() == step.lower()), None
            )
            if field is None or field.refers_to not in self._tables:
                raise refuse_relationship(step, table)
            references.append(field)
            table = self._tables[field.refers_to]
        found = table.find_field(last)
        if found is None:
            raise refuse_column(last, table)
        return references, found

    def read_path(self, slot: int, path: str) -> Any:
        """A value as it is sent, through any references; None when one of them is empty."""
        references, field = self._follow(path)
        table, at = self._table, slot
        for reference in references:
            target = table.read(at).get(reference.name)
            table = self._tables[reference.refers_to]
            found = table.find_slot(target) if target else None
            if found is None:
                return None
            at = found
        return table.read(at).get(field.name)

    def render(self, slots: Iterable[int], version: str) -> list[Record]:
        plain = [self._follow(name) for name in self._query.fields]
        names = [field.name for steps, field in plain if not steps]
        paths = [name for name, (steps, _) in zip(self._query.fields, plain, strict=True) if steps]
        return [self._render_one(slot, names, paths, version) for slot in slots]

    def _render_one(self, slot: int, names: list[str], paths: list[str], version: str) -> Record:
        table = self._table
        values = table.read(slot)
        record: Record = {"attributes": describe_record(table, slot, version)}
        record.update((name, values.get(name)) for name in names)
        for path in paths:
            *steps, last = path.split(".")
            inner = record.setdefault(steps[0], {"attributes": {"type": self._follow(path)[0][0].refers_to}})
            inner[last] = self.read_path(slot, path)
        return record


def describe_record(table: Table, slot: int, version: str) -> Record:
    name = table.entity.name
    return {"type": name, "url": f"/services/data/v{version}/sobjects/{name}/{table.ids.make(slot)}"}


def to_comparable(field: Field, value: Any) -> Any:
    """Text in lower case, instants as milliseconds; blank text is null."""
    if value is None or value == "":
        return None
    if field.type == "datetime":
        return parse_instant(value)
    return value.lower() if isinstance(value, str) and field.type != "date" else value


def _sort_key(value: Any, nulls_high: bool) -> tuple[int, Any]:
    if value is None:
        return (2 if nulls_high else 0), 0
    return 1, value


def _like(pattern: str) -> re.Pattern[str]:
    """% stands for any text, _ for one letter, and either for itself behind a backslash."""
    parts = (_WILDCARDS.get(part, re.escape(part[-1])) for part in re.findall(r"\\[%_]|.", pattern.lower(), re.DOTALL))
    return re.compile("".join(parts), re.DOTALL)


_WILDCARDS = {"%": ".*", "_": "."}


def refuse_column(name: str, table: Table) -> Exception:
    message = (
        f"No such column '{name}' on entity '{table.entity.name}'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
    )
    return refuse(400, "INVALID_FIELD", message)


def refuse_relationship(step: str, table: Table) -> Exception:
    message = f"Didn't understand relationship '{step}' in field path of entity '{table.entity.name}'."
    return refuse(400, "INVALID_FIELD", message)


def refuse_type(name: str, value: str) -> Exception:
    return refuse(
        400, "INVALID_FIELD", f"value of filter criterion for field '{name}' must be of another type: {value}"
    )
