"""When do records that trip a limit mean that the code as a whole is broken?"""

import pytest

from integrations.mappings.careful import TripTally
from integrations.mappings.errors import MappingBrokenError


def note_trips(tally, count):
    for _ in range(count):
        tally.note_trip("TimeoutError")


def test_so_many_in_a_row_mean_broken_code():
    tally = TripTally(20)
    note_trips(tally, 19)
    with pytest.raises(MappingBrokenError, match="record after record"):
        tally.note_trip("TimeoutError")


def test_a_record_that_passes_breaks_the_row():
    tally = TripTally(20)
    for _ in range(2):
        note_trips(tally, 19)
        tally.note_fine()


def test_one_in_twenty_means_broken_code_once_there_are_sixty():
    tally = TripTally(20)
    for _ in range(59):
        tally.note_trip("TimeoutError")
        tally.note_fine()
    with pytest.raises(MappingBrokenError):
        tally.note_trip("TimeoutError")


def test_a_few_among_many_records_are_single_records():
    tally = TripTally(20)
    for _ in range(500):
        tally.note_trip("TimeoutError")
        tally.note_fine(30)


def test_once_the_time_is_over_one_more_is_too_many() -> None:
    tally = TripTally(20, 60, seconds=-1)
    tally.note_fine(1_000)
    with pytest.raises(MappingBrokenError):
        tally.note_trip("")


def test_the_words_say_how_it_goes_wrong():
    tally = TripTally(1)
    with pytest.raises(MappingBrokenError, match="does not finish for record after record"):
        tally.note_trip("TimeoutError")
    with pytest.raises(MappingBrokenError, match="breaks off for record after record"):
        tally.note_trip("dead", "mapping_crashed")
