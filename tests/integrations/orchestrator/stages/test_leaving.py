"""Whatever a small job was told and whatever it read: only who is linked, told of and not there, or seen to be no longer
included, counts as having left."""

from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.enums import ChangeKind, Departed, PageStatus
from integrations.mappings.conditions import compile_conditions, read_conditions
from integrations.models import RecordLink, SourcePage, TakenChange
from integrations.models.blobs import pack
from integrations.orchestrator.stages.leaving import find_leaving
from tests.factories import make_failure, make_job, make_sync

IDS = st.sets(st.sampled_from("abcdefgh"))
TOLD = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(list(ChangeKind)))
CONDITION = read_conditions([{"field": "city", "operator": "is", "value": "Bonn"}])
numbers = count(1)


def read(who: str, kind: str) -> dict[str, Any]:
    """A record of who is included, of who is not, or one that does not say."""
    return {"id": who} | {"in": {"city": "Bonn"}, "out": {"city": "Oslo"}, "part": {}}[kind]


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    told=TOLD,
    pages=st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["in", "out", "part"])),
    linked=IDS,
    held=IDS,
    conditional=st.booleans(),
)
def test_nobody_is_gone_for_not_having_been_read(told, pages, linked, held, conditional) -> None:
    sync = make_sync(name=f"Sync {next(numbers)}", departed=Departed.ARCHIVE)
    job, now = make_job(sync), timezone.now()
    SourcePage.objects.create(
        job=job,
        number=0,
        count=len(pages),
        records=pack([read(who, kind) for who, kind in pages.items()]),
        status=PageStatus.VALIDATED,
        fetched_at=now,
    )
    for who in held:
        make_failure(job, source_id=who)
    for who, kind in told.items():
        TakenChange.objects.create(sync=sync.pk, job=job.pk, record_id=who, kind=kind, first=1, newest=1, taken_at=now)
    for who in linked:
        hashes = {"source_hash": b"", "content_hash": b"", "key_hash": 1, "mapping_version": 1, "job": job.pk}
        RecordLink.objects.create(sync=sync.pk, source_id=who, destination_id=who.upper(), updated_at=now, **hashes)
    conditions = CONDITION if conditional else ()
    work = SimpleNamespace(
        sync=sync,
        job=job,
        has_links=True,
        picks_changes=True,
        source_can=SimpleNamespace(called_by=""),
        conditions=conditions,
        is_included=compile_conditions(conditions),
    )
    leaving = find_leaving(work)
    excluded = {who for who, kind in pages.items() if kind == "out"} if conditional else set()
    gone = {who for who, kind in told.items() if kind in (ChangeKind.DELETED, ChangeKind.MERGED)}
    seen = (pages.keys() - excluded) | held
    assert {who for who, _ in leaving.people} == ((gone | excluded) - seen) & linked
