"""Pages from a platform that sends what nobody expects."""

from collections.abc import Iterator

import orjson
import pytest

from integrations.models import FailedRecord, MappingVersion, SourcePage
from integrations.models.blobs import unpack
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.runner import work_slice
from tests.factories import IDENTITY, make_connection, make_mapping, make_sync
from tests.integrations.adapters.conftest import RawServer

DEEP = b"[" * 400 + b"]" * 400


@pytest.fixture
def portal() -> Iterator[RawServer]:
    """Answers every call with one page of two people, the second with a value nobody can write down. To who asks for the
    fields they are two fields by their names."""
    people = [{"email": f"p{i}@example.org", "bio": "@"} for i in (1, 2)]
    fields = ("email", "bio")
    rows = [
        orjson.dumps({"id": str(i), "name": name, "properties": person})
        for i, name, person in zip((1, 2), fields, people, strict=True)
    ]
    body = b'{"total":2,"results":[%s,%s]}' % (rows[0], rows[1].replace(b'"@"', DEEP))
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    server = RawServer([head % len(body) + body])
    yield server
    server.close()


def test_a_record_nested_too_deeply_to_be_kept_is_held_and_the_others_go_on(committed_db: str, portal) -> None:
    mapping = make_mapping()
    mapping.published = MappingVersion.objects.create(
        mapping=mapping, number=2, code=IDENTITY, source_fields=["email", "bio"]
    )
    mapping.save()
    sync = make_sync(mapping=mapping, source=make_connection(settings={"base_url": portal.url}))
    job = start_job(sync.pk)
    work_slice(job.pk)
    job.refresh_from_db()
    assert (job.pages, job.fetched, job.invalid) == (1, 2, 1), job.reason
    assert [record["id"] for record in unpack(SourcePage.objects.get().records)] == ["1"]
    held = FailedRecord.objects.get()
    assert (held.source_id, held.code) == ("2", "malformed_record")
    assert "lists inside lists" in held.message
