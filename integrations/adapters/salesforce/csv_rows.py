"""Records as CSV and results out of CSV.

https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_prepare_csv.htm
"""

import csv
import io
from collections.abc import Iterator, Sequence

from integrations.adapters.salesforce.values import to_cell
from integrations.adapters.wire import UnreadableError
from integrations.types import FlatRecord

MOST_IN_ROW = 10_000_000
"""Characters; more than Salesforce takes in one record."""

csv.field_size_limit(MOST_IN_ROW)


def write_csv(records: Sequence[FlatRecord]) -> bytes:
    """One column per field of any record. A record without a field has an empty cell, which leaves it as it is."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    body = io.BytesIO()
    text = io.TextIOWrapper(body, "utf-8", newline="")  # a text in memory takes four bytes a character
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([to_cell(record[name]) if name in record else "" for name in columns] for record in records)
    text.flush()
    return body.getvalue()


def read_csv(body: bytes) -> Iterator[dict[str, str]]:
    """The rows of a result file by column, one after the other; an empty file has none. UnreadableError for a web page,
    a row that breaks off, and one that is longer than any record."""
    if body.lstrip()[:1] == b"<":
        raise UnreadableError("html_answer")
    lines = _Lines(body)
    rows = csv.reader(lines)
    columns = next(rows, [])
    for row in rows:
        lines.of_this_row = 0
        if row and len(row) != len(columns):
            raise UnreadableError("half_answer")
        if row:
            yield dict(zip(columns, row, strict=True))


class _Lines:
    """The lines of a file, decoded as they are read. A row may have several: what it has in all is counted."""

    def __init__(self, body: bytes) -> None:
        self._text = io.TextIOWrapper(io.BytesIO(body), "utf-8", "replace", newline="")
        self.of_this_row = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MOST_IN_ROW + 1)
        self.of_this_row += len(line)
        if self.of_this_row > MOST_IN_ROW:
            raise UnreadableError("bursting_answer")
        if not line:
            raise StopIteration
        return line
