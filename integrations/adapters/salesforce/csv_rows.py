"""Records as CSV and results out of CSV.

https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_prepare_csv.htm
"""

import csv
import io
from collections.abc import Iterator, Sequence

from integrations.adapters.salesforce.values import to_cell
from integrations.types import FlatRecord

csv.field_size_limit(10_000_000)


def write_csv(records: Sequence[FlatRecord]) -> bytes:
    """One column per field of any record. A record without a field has an empty cell, which leaves it as it is."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([to_cell(record[name]) if name in record else "" for name in columns] for record in records)
    return text.getvalue().encode()


def read_csv(body: bytes) -> Iterator[dict[str, str]]:
    """The rows of a result file by column; an empty file has none."""
    lines = csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline=""))
    columns = next(lines, [])
    return (dict(zip(columns, line, strict=False)) for line in lines if line)
