"""Some records are found although the first pages are short, or hold nothing usable; and nobody reads on for ever."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.orchestrator import samples
from integrations.orchestrator.first_pages import MOST_PAGES, first_records
from integrations.types import FlatRecord, ObjectSchema, Page, Window
from tests.factories import make_mapping

EVERYBODY = Window(None, timezone.now())


class Listing:
    """A platform that tells of so many people a page; of those who changed lately only the last."""

    def __init__(self, *sizes: int) -> None:
        starts = [sum(sizes[:at]) for at in range(len(sizes))]
        self.pages = [[person(start + n) for n in range(size)] for start, size in zip(starts, sizes, strict=True)]
        self.calls = 0

    def fetch_records(self, name: str, cursor: dict[str, Any], window: Window, fields: Sequence[str]) -> Page:
        self.calls += 1
        if window.since is not None:
            return Page([person(999)], None)
        at = cursor.get("page", 0)
        return Page(self.pages[at], {"page": at + 1} if at + 1 < len(self.pages) else None)

    def read_records(self, name: str, ids: Sequence[str], fields: Sequence[str]) -> list[FlatRecord]:
        return [person(int(one)) for one in ids]


def person(number: int) -> FlatRecord:
    return {"id": str(number), "email": f"person{number}@example.com"}


@pytest.mark.parametrize(
    ("sizes", "found", "calls", "goes_on"),
    [
        ((100, 100), 100, 1, True),
        ((5, 5, 5), 15, 3, False),
        ((0, 0, 50), 50, 3, False),
        ((), 0, 1, False),
        ((1,) * 10, MOST_PAGES, MOST_PAGES, True),
    ],
    ids=["one page is enough", "short pages", "nothing usable first", "nobody", "not for ever"],
)
def test_it_is_read_until_enough_were_found(sizes: tuple[int, ...], found: int, calls: int, goes_on: bool) -> None:
    listing = Listing(*sizes or (0,))
    records, more = first_records(cast(Adapter, listing), "contacts", EVERYBODY, [], 40)
    assert (len(records), listing.calls, more) == (found, calls, goes_on)


def test_only_those_who_are_included_count() -> None:
    listing = Listing(30, 30, 30)
    records, _ = first_records(
        cast(Adapter, listing), "contacts", EVERYBODY, [], 30, lambda record: int(record["id"]) % 2 == 0
    )
    assert (len(records), listing.calls) == (30, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sizes", "people"),
    [((3, 30), 20), ((0, 0, 30), 20), ((2, 2, 2), 6)],
    ids=["a short page first", "nothing usable first", "few at all"],
)
def test_a_short_first_page_does_not_end_the_search_for_people_to_try_a_mapping_on(
    sizes: tuple[int, ...], people: int
) -> None:
    schema = ObjectSchema("contacts", "Contacts", ())
    chosen = samples._choose(cast(Adapter, Listing(*sizes)), make_mapping(), schema, samples.COUNT)
    assert len(chosen) == people


@pytest.mark.django_db
def test_of_a_long_list_those_who_changed_lately_are_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[FlatRecord] = []

    def note(records: Sequence[FlatRecord], count: int) -> list[FlatRecord]:
        seen.extend(records)
        return list(records)[:count]

    monkeypatch.setattr(samples, "choose_different", note)
    schema = ObjectSchema("contacts", "Contacts", ())
    samples._choose(cast(Adapter, Listing(100, 100)), make_mapping(), schema, samples.COUNT)
    assert person(999) in seen
