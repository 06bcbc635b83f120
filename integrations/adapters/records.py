"""A platform's rows as flat records. Runs for every record that is read, so a page on which all is well goes the fast way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson

from integrations.types import FlatRecord, MalformedRecord

MOST_BYTES = 1_000_000
MOST_TEXT = 20_000

Pick = Callable[[Mapping[str, Any]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class RowShape:
    """Where a platform keeps the id of a row, and its values: in the row itself, or under the name `inner`."""

    platform: str
    id_name: str
    inner: str = ""

    def flatten(
        self, rows: Sequence[Any], fields: Sequence[str], size: int
    ) -> tuple[list[FlatRecord], list[MalformedRecord]]:
        """The records of an answer of `size` bytes with the fields asked for, and what in it is not a usable record."""
        if size <= MOST_BYTES:  # then no record can be larger
            try:
                return self._flatten_all(rows, fields), []
            except (KeyError, TypeError, IndexError):
                pass
        return self._flatten_each(rows, fields)

    def _flatten_all(self, rows: Sequence[Any], fields: Sequence[str]) -> list[FlatRecord]:
        ids = [row[self.id_name] for row in rows]
        if not all(ids) or not set(map(type, ids)) <= {str}:
            raise TypeError("An id is not a string.")
        names, pick = ("id", *fields), _picker(fields)
        sources = [row[self.inner] for row in rows] if self.inner else rows
        return [dict(zip(names, (one, *pick(source)), strict=True)) for one, source in zip(ids, sources, strict=True)]

    def _flatten_each(
        self, rows: Sequence[Any], fields: Sequence[str]
    ) -> tuple[list[FlatRecord], list[MalformedRecord]]:
        records: list[FlatRecord] = []
        malformed: list[MalformedRecord] = []
        for row in rows:
            if problem := self._find_problem(row):
                malformed.append(self._describe_malformed(row, problem))
            else:
                source = row[self.inner] if self.inner else row
                values = {name: read_value(source, name) for name in fields}
                records.append({"id": str(row[self.id_name]), **values})
        return records, malformed

    def _find_problem(self, row: object) -> str:
        if not isinstance(row, dict):
            return f"{self.platform} sent something that is not a record."
        if not isinstance(row.get(self.id_name), str | int) or not str(row[self.id_name]):
            return f"{self.platform} sent a record without an id."
        if self.inner and not isinstance(row.get(self.inner), dict):
            return f"{self.platform} sent a record without {self.inner}."
        try:
            size = len(orjson.dumps(row))
        except TypeError:
            return f"{self.platform} sent a record with too many lists inside lists."
        if size > MOST_BYTES:
            return f"{self.platform} sent a record of more than {MOST_BYTES // 1_000_000} MB."
        return ""

    def _describe_malformed(self, row: object, problem: str) -> MalformedRecord:
        record_id = str(row.get(self.id_name) or "") if isinstance(row, dict) else ""
        return MalformedRecord(record_id, "malformed_record", problem, _show(row))


def _show(row: object) -> str:
    """As it came; of one that is nested too deeply to be written down, the names in it."""
    try:
        return orjson.dumps(row).decode()[:MOST_TEXT]
    except TypeError:
        return ", ".join(row if isinstance(row, dict) else ())[:MOST_TEXT]


def _picker(fields: Sequence[str]) -> Pick:
    if len(fields) > 1:
        return itemgetter(*fields)
    return lambda source: tuple(source[name] for name in fields)


def read_value(source: Mapping[str, Any], name: str) -> Any:
    """A value by its name; "Account__r.Key__c" is found inside the object "Account__r"."""
    if name in source or "." not in name:
        return source.get(name)
    outer, _, rest = name.partition(".")
    inside = source.get(outer)
    return read_value(inside, rest) if isinstance(inside, dict) else None
