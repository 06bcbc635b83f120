"""Rows of a report as flat records. Google writes every value as text, and says in the headers what it is."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from integrations.adapters.google_analytics.declaration import LABEL
from integrations.adapters.google_analytics.presets import DATE, Preset
from integrations.adapters.wire import dump_json
from integrations.exceptions import TransientError
from integrations.types import FlatRecord, MalformedRecord

NOTE = "note"
LONGEST_ID = 100
_KEPT = 80
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_TEXT = 20_000

NOTES: tuple[tuple[str, str], ...] = (
    ("samplingMetadatas", "estimated from a sample"),
    ("subjectToThresholding", "small numbers are withheld"),
    ("dataLossFromOtherRow", "rare values are added up as (other)"),
)


class Flattener:
    """Makes records of the rows of one answer. An id is the day and the other dimensions: 2026-01-31|google|cpc."""

    def __init__(self, preset: Preset, body: Mapping[str, Any]) -> None:
        self._dimensions = _read_names(body.get("dimensionHeaders"))
        headers = body.get("metricHeaders") or []
        self._metrics = _read_names(headers)
        self._readers = [_reader(str(header.get("type") or "")) for header in headers]
        self._grain = [self._place(name) for name in preset.dimensions]
        self._date = self._place(DATE)
        self._note = _read_notes(body.get("metadata"))

    def flatten(self, rows: Sequence[Any], fields: Sequence[str]) -> tuple[list[FlatRecord], list[MalformedRecord]]:
        """The records with the fields asked for (all, if none are), and what is not a usable row."""
        records: list[FlatRecord] = []
        malformed: list[MalformedRecord] = []
        for row in rows:
            try:
                records.append(self._flatten(row, fields))
            except (KeyError, TypeError, ValueError, IndexError):
                malformed.append(_describe_malformed(row))
        return records, malformed

    def _flatten(self, row: Any, fields: Sequence[str]) -> FlatRecord:
        texts = [str(one["value"]) for one in row["dimensionValues"]]
        numbers = [str(one["value"]) for one in row.get("metricValues", [])]
        day = read_day(texts[self._date])
        grain = [day if place == self._date else texts[place] for place in self._grain]
        record: FlatRecord = dict(zip(self._dimensions, texts, strict=True))
        record[DATE] = day
        read = [reader(number) for reader, number in zip(self._readers, numbers, strict=True)]
        record |= dict(zip(self._metrics, read, strict=True))
        record[NOTE] = self._note
        found = record if not fields else {name: record.get(name) for name in fields}
        return {"id": make_id(grain), **found}

    def _place(self, name: str) -> int:
        try:
            return self._dimensions.index(name)
        except ValueError:
            raise TransientError(f"{LABEL} sent a report without its columns.", code="unexpected_answer") from None


def make_id(values: Sequence[str]) -> str:
    """The values with a line between them; of a long one the beginning, and what tells it from the others."""
    whole = "|".join(value.replace("%", "%25").replace("|", "%7C") for value in values)
    if len(whole) <= LONGEST_ID:
        return whole
    return f"{whole[:_KEPT]}…{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


def day_of(record_id: str) -> date | None:
    """The day an id begins with."""
    found = _DAY.match(record_id)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def read_day(text: str) -> str:
    """20260131 as 2026-01-31; ValueError for what is no day."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat()


def _reader(kind: str) -> Callable[[str], int | float]:
    return int if kind == "TYPE_INTEGER" else float


def _read_names(headers: object) -> list[str]:
    return [str(header["name"]) for header in headers] if isinstance(headers, list) else []


def _read_notes(metadata: object) -> str:
    """What Google says about the numbers, in words; empty when they are all there and exact."""
    if not isinstance(metadata, dict):
        return ""
    return "; ".join(words for name, words in NOTES if metadata.get(name))


def _describe_malformed(row: object) -> MalformedRecord:
    words = f"{LABEL} sent something that is not a row of the report."
    return MalformedRecord("", "malformed_record", words, dump_json(row).decode("utf-8", "replace")[:_MOST_TEXT])
