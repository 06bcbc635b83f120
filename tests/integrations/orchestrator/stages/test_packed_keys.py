"""Keys of a job are looked for all at once: for those who were corrected, and for those who came twice."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.enums import FailureStatus, PageStatus, Stage, Status
from integrations.mappings.hashing import key_hash
from integrations.models import Batch, Duplicate, FailedRecord, SourcePage, Sync, SyncJob
from integrations.models.blobs import pack
from integrations.orchestrator.leases import Heart
from integrations.orchestrator.stages.packed_keys import pages_of_keys
from integrations.orchestrator.stages.repairing import prepare
from integrations.orchestrator.stages.twins import FRUITLESS, MOST_FRUITLESS, MOST_PER_GROUP, Pairing
from integrations.orchestrator.work import Work
from tests.factories import make_failure, make_job, make_mapping

KEYS = '"key_hashes"'
LINKS = 'FROM integrations_recordlink WHERE "sync"'
MADE_UP = 'def map_record(record):\n    return {"HubSpot_Email__c": "x@x.org", "LastName": "?", "Company": "?"}\n'
NUMBERS = st.integers(1, 2**64 - 1) | st.integers(1, 30)


def address(number: int) -> str:
    return f"p{number}@x.org"


def add_page(job: SyncJob, number: int, keys: Sequence[int], records: Sequence[Any] = ()) -> SourcePage:
    blob = b"".join(key.to_bytes(8, "little") for key in keys)
    page = {"count": len(keys), "status": PageStatus.VALIDATED, "fetched_at": timezone.now(), "key_hashes": blob}
    return SourcePage.objects.create(job=job, number=number, records=pack(list(records)), **page)


def passes(queries: CaptureQueriesContext) -> int:
    """How often the keys of all pages were gone through."""
    return sum(KEYS in query["sql"] and query["sql"].startswith("SELECT") for query in queries.captured_queries)


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(st.sets(NUMBERS, max_size=8), max_size=5), st.sets(NUMBERS, max_size=10))
def test_each_key_is_found_on_its_page(pages: list[set[int]], wanted: set[int]) -> None:
    SyncJob.objects.all().delete()
    job, on = make_job(), dict[int, int]()
    for number, keys in enumerate(pages):
        new = [key for key in keys if key not in on]
        add_page(job, number, new)
        on |= dict.fromkeys(new, number)
    assert pages_of_keys(job.pk, wanted) == {key: on[key] for key in wanted if key in on}


# ---------------------------------------------------------------------------------------------- corrected addresses


@pytest.fixture
def correct(small: Sync) -> Callable[[int], Work]:
    """A job in which so many addresses were corrected, of whom the third took that of somebody whom it packed."""

    def make(number: int) -> Work:
        job = make_job(small, status=Status.RUNNING, stage=Stage.UPLOADING, failures_retrying=number, invalid=number)
        for at in range(4):
            add_page(job, at, [key_hash(address(1_000 + at))])
        mapped = pack({"LastName": "Lee", "Company": "Acme", "HubSpot_Email__c": ""})
        for at in range(number):
            corrections = {"sent": {"HubSpot_Email__c": address(1_002 if at == 2 else at)}}
            values = {"mapped": mapped, "corrections": corrections, "status": FailureStatus.RETRYING}
            make_failure(job, source_id=str(at), **values)
        return Work(job, Heart(job))

    return make


def test_many_corrected_addresses_are_looked_for_at_once(correct: Callable[[int], Work]) -> None:
    with correct(30) as work:
        assert work.schema
        with CaptureQueriesContext(connection) as queries:
            prepare(work)
        assert passes(queries) == 1
        assert sum(LINKS in query["sql"] for query in queries.captured_queries) <= 1
        again = FailedRecord.objects.open().get(job=work.job)
        assert (again.source_id, again.code) == ("2", "duplicate_value")
        assert sum(Batch.objects.values_list("count", flat=True)) == 29


def test_of_two_who_are_given_one_address_the_second_is_not_sent_over_the_first(correct: Callable[[int], Work]) -> None:
    same = {"sent": {"HubSpot_Email__c": address(7)}}
    with correct(2) as work:
        FailedRecord.objects.update(corrections=same)
        prepare(work)
        assert FailedRecord.objects.open().get(job=work.job).code == "duplicate_value"
        FailedRecord.objects.open().update(status=FailureStatus.RETRYING)
        prepare(work)
        assert FailedRecord.objects.open().filter(job=work.job).count() == 1, "nor once the first is on its way"
        assert sum(Batch.objects.values_list("count", flat=True)) == 1


# ---------------------------------------------------------------------------------------------- who came twice


@pytest.fixture
def work(small: Sync) -> Any:
    """A job that packed a hundred people on four pages."""
    job = make_job(small, status=Status.RUNNING, stage=Stage.VALIDATING)
    for number in range(4):
        people = range(number * 25, number * 25 + 25)
        records = [{"id": str(one), "email": address(one)} for one in people]
        add_page(job, number, [key_hash(address(one)) for one in people], records)
    with Work(job, Heart(job)) as work:
        yield work


def twice(work: Work, *keys: str) -> tuple[Pairing, list[Any]]:
    """They come again on one more page, under other ids."""
    records = [{"id": f"again {key}", "email": key.upper()} for key in keys]
    page = SourcePage(job=work.job, number=9, records=pack(records))
    pairing = Pairing(work, [page], [[]])
    return pairing, [(record["id"], 9, at, key_hash(record["email"])) for at, record in enumerate(records)]


def test_several_who_came_twice_are_found_in_one_pass(work: Work) -> None:
    pairing, came = twice(work, *map(address, (3, 30, 60, 99)))
    with CaptureQueriesContext(connection) as queries:
        pairs = pairing.pair_up(came)
    assert [(one["id"], other["id"]) for one, other in pairs] == [
        (str(number), f"again {address(number)}") for number in (3, 30, 60, 99)
    ]
    assert passes(queries) == 1 and pairing.fruitless == 0


def test_who_is_looked_for_in_vain_is_counted_and_after_so_many_nobody_is_looked_for(work: Work) -> None:
    pairing, came = twice(work, *(f"made up {number}" for number in range(MOST_PER_GROUP + 5)), address(3))
    assert pairing.pair_up(came) == [] and pairing.fruitless == MOST_PER_GROUP
    work.job.guard = {FRUITLESS: MOST_FRUITLESS}
    pairing, came = twice(work, address(3))
    with CaptureQueriesContext(connection) as queries:
        assert pairing.pair_up(came) == []
    assert len(queries) == 0


def test_a_job_whose_keys_no_record_shows_gives_up_looking(small: Sync, portal: Any, run: Any) -> None:
    small.mapping = make_mapping(MADE_UP, reads=["email"])
    small.save(update_fields=["mapping"])
    job = run(small)
    assert (job.created, job.duplicate) == (1, job.fetched - 1)
    assert job.guard[FRUITLESS] == MOST_PER_GROUP, "one group of pages"
    assert not Duplicate.objects.exists()
