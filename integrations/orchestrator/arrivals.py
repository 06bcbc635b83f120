"""Records that came in by webhook, from a source that gives out no list: those that wait, and those of the last jobs."""

from collections.abc import Iterator
from itertools import chain

import orjson

from integrations.models import Connection, SourcePage, WaitingChange
from integrations.models.blobs import unpack_bytes
from integrations.orchestrator.incoming import delivered_record
from integrations.types import FlatRecord

MOST = 300
_PAGES = 5


def came_in(connection: Connection, object_name: str) -> list[FlatRecord]:
    """Some of the newest records of this object, each once; none while no sync listens to it."""
    found: dict[str, FlatRecord] = {}
    for record in chain(_waiting(connection, object_name), _taken(connection, object_name)):
        if len(found) == MOST:
            break
        found.setdefault(str(record["id"]), record)
    return list(found.values())


def _waiting(connection: Connection, object_name: str) -> Iterator[FlatRecord]:
    rows = WaitingChange.objects.filter(
        sync__source=connection, sync__source_object=object_name, record__isnull=False
    ).order_by("-newest")
    yield from (record for row in rows[:MOST] if (record := delivered_record(row)) is not None)


def _taken(connection: Connection, object_name: str) -> Iterator[FlatRecord]:
    pages = SourcePage.objects.filter(job__sync__source=connection, job__sync__source_object=object_name)
    for page in pages.order_by("-pk")[:_PAGES]:
        yield from orjson.loads(unpack_bytes(page.records))
