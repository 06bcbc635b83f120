"""What a source's webhooks call its records, where that is not their id: kept as they are read, for when they are gone."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from integrations.models import RecordName
from integrations.types import FlatRecord

AT_ONCE = 500


def note_names(sync_id: int, field: str, records: Sequence[FlatRecord]) -> None:
    """Keep each record's value of `field`. A name is one record's at a time, and a record has one; the newest reading counts.
    Inside the transaction that stores what was read."""
    names = {str(record[field]): record["id"] for record in records if record.get(field)}
    for some in _chunks(names.values()):
        RecordName.objects.filter(sync=sync_id, source_id__in=some).delete()
    RecordName.objects.bulk_create(
        [RecordName(sync=sync_id, name=name, source_id=source_id) for name, source_id in names.items()],
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["sync", "name"],
        update_fields=["source_id"],
    )


def ids_of(sync_id: int, names: Iterable[str]) -> dict[str, str]:
    """The ids by name, of those we know."""
    found: dict[str, str] = {}
    for some in _chunks(names):
        rows = RecordName.objects.filter(sync=sync_id, name__in=some)
        found.update(rows.values_list("name", "source_id"))
    return found


def forget_names(sync_id: int, ids: Iterable[str]) -> None:
    """Of those who are nobody's business any more."""
    for some in _chunks(ids):
        RecordName.objects.filter(sync=sync_id, source_id__in=some).delete()


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some
