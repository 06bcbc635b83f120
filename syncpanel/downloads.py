"""Files for spreadsheets, written while they are read. No cell of them is ever taken for a formula."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse
from django.utils.text import slugify

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Where semicolons separate cells, as in much of Europe, one cell of ours may be read as several.
_NEXT_FORMULA = re.compile(r'([;\t\r\n][ "]*)(?=[=+\-@＝＋－＠])')
BOM = "\ufeff"


class Line:
    """Takes what the writer writes and hands it back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[list[str]]) -> Iterator[str]:
    """The rows as CSV, with the mark by which spreadsheets know that it is UTF-8."""
    writer = csv.writer(Line())
    yield BOM
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows and does not compute: what people type into forms may be a formula."""
    cell = _NEXT_FORMULA.sub(r"\1'", cell)
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def csv_download(name: str, rows: Iterable[list[str]]) -> StreamingHttpResponse:
    """The answer that saves the rows as `name`.csv."""
    headers = {"Content-Disposition": f'attachment; filename="{slugify(name) or "list"}.csv"'}
    return StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8", headers=headers)
