"""Files for spreadsheets: read piece by piece, and no cell of them is a formula."""

import csv
import io

import pytest

from syncpanel.downloads import BOM, csv_download, csv_lines, harmless


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 30 5550", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("https://evil.example")']
)
def test_what_a_spreadsheet_would_compute_is_shown(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Okafor", "a=b", "3 - 2", "O'Brien", "José"])
def test_everything_else_stays_as_it_is(cell):
    assert harmless(cell) == cell


def test_commas_quotes_and_line_breaks_survive():
    rows = [["a", 'say "hi", twice', "two\nlines"], ["Łukasz", "", "ok"]]
    text = "".join(csv_lines(rows))
    assert text.startswith(BOM)
    assert list(csv.reader(io.StringIO(text.removeprefix(BOM)))) == rows


def test_nothing_is_read_before_it_is_asked_for():
    def rows():
        yield ["head"]
        pytest.fail("read too far")

    lines = csv_lines(rows())
    assert next(lines) == BOM
    assert next(lines) == "head\r\n"


def test_the_name_of_the_file_is_plain():
    answer = csv_download('Company is missing"\r\nX: y', [])
    assert answer["Content-Disposition"] == 'attachment; filename="company-is-missing-x-y.csv"'
