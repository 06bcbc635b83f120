"""Result files are read row by row, and no row bursts in memory."""

import tracemalloc

import pytest

from integrations.adapters.salesforce.csv_rows import MOST_IN_ROW, read_csv, write_csv
from integrations.adapters.wire import UnreadableError


def test_what_was_written_is_read_again():
    records = [{"Key__c": "K1", "Bio": 'a "b",\nc é 🎉'}, {"Key__c": "K2", "Bio": "x" * 131_072}]
    assert list(read_csv(write_csv(records))) == records


@pytest.mark.parametrize("body", [b"", b"\n", b"A,B\n", b"A,B\n\n\n"])
def test_an_empty_file_has_no_rows(body):
    assert list(read_csv(body)) == []


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(b"," * (MOST_IN_ROW + 1), id="of commas"),
        pytest.param(b'"\n",' * (MOST_IN_ROW // 4 + 1), id="of lines"),
        pytest.param(b'"' + b"\n" * (MOST_IN_ROW + 1), id="never closed"),
    ],
)
def test_a_row_longer_than_any_record_is_refused(row):
    with pytest.raises(UnreadableError) as caught:
        list(read_csv(b"A,B\n1,2\n" + row))
    assert caught.value.code == "bursting_answer"


def test_long_files_of_short_rows_are_read_to_the_end():
    count = MOST_IN_ROW // 100 + 10
    assert sum(1 for _ in read_csv(b"A\n" + (b"x" * 99 + b"\n") * count)) == count


def test_a_file_takes_twice_its_size_of_memory_while_it_is_written_whatever_the_alphabet():
    records = [{"LastName": "O\u2019Brien \N{WAVING HAND SIGN}" * 5, "Key__c": str(number)} for number in range(5_000)]
    tracemalloc.start()
    body = write_csv(records)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2.5 * len(body)
