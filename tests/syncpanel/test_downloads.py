"""Files for spreadsheets: read piece by piece, and no cell of them is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncpanel.downloads import BOM, csv_download, csv_lines, harmless


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 30 5550", "-2", "@SUM(A1)", "\t1", "\r1", "\n1", '=HYPERLINK("https://evil.example")']
)
def test_what_a_spreadsheet_would_compute_is_shown(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("+49 30 5550; +49 30 5551", "'+49 30 5550; '+49 30 5551"),
        ("Wants:\n- a call\r\n- a price", "Wants:\n'- a call\r\n'- a price"),
        ("\t=1", "'\t'=1"),
        ('a;"=1+1', "a;\"'=1+1"),
    ],
)
def test_a_part_that_becomes_a_cell_where_others_separate_them_is_no_formula_either(cell, shown):
    assert harmless(cell) == shown


@given(st.lists(st.lists(st.text("=+-@;,\t\r\n\"' a", max_size=8), min_size=1, max_size=3), max_size=3))
def test_no_cell_is_a_formula_whatever_separates_them(rows):
    text = "".join(csv_lines(rows)).removeprefix(BOM)
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("cell", ["", "Okafor", "a=b", "3 - 2", "O'Brien", "José", "a; b", "two\nlines"])
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
