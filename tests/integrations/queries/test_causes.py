"""From events to the jobs they caused, and back: whatever happens to be called the same elsewhere is not mixed up."""

import pytest
from django.utils import timezone

from integrations.enums import ChangeKind
from integrations.mappings.hashing import key_hash
from integrations.models import RecordLink, SeenChange, Sync, SyncJob, TakenChange, WaitingChange
from integrations.models.bulk import signed
from integrations.orchestrator.incoming import take_changes
from integrations.queries.causes import SHOWN, causes_of_job, deliveries_of_job, effects_of
from integrations.queries.deliveries import DeliveryFilter, list_deliveries, show_delivery
from integrations.webhooks.reading import read_incoming
from tests.factories import make_job, make_sync
from tests.integrations.webhooks.calling import event, make_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def sync() -> Sync:
    return make_sync(on_webhook=True)


def took(sync: Sync) -> SyncJob:
    job = make_job(sync, status="succeeded")
    take_changes(job.pk, list(WaitingChange.objects.filter(sync=sync)), timezone.now())
    return job


def jobs_of(delivery_id: int) -> list[int]:
    return [job.pk for _, effect in show_delivery(delivery_id).changes for job in effect.jobs]


def test_each_event_knows_its_jobs_and_each_job_its_events(sync) -> None:
    first = make_delivery(sync.source, event(7))
    second = make_delivery(sync.source, event(7, propertyName="city"), event(8))
    read_incoming()
    one = took(sync)
    third = make_delivery(sync.source, event(7, propertyName="zip"))
    read_incoming()
    other = took(sync)
    assert [jobs_of(pk) for pk in (first.pk, second.pk, third.pk)] == [[one.pk], [one.pk, one.pk], [other.pk]]
    assert (deliveries_of_job(one.pk), deliveries_of_job(other.pk)) == ([second.pk, first.pk], [third.pk])
    assert causes_of_job(one.pk).records == 2


def test_one_event_may_cause_jobs_of_several_syncs(sync) -> None:
    also = make_sync(source=sync.source, on_webhook=True)
    delivery = make_delivery(sync.source, event(7))
    read_incoming()
    one = took(sync)
    ((_, effect),) = show_delivery(delivery.pk).changes
    assert [job.pk for job in effect.jobs] == [one.pk]
    assert effect.waits_for == ((also.pk, also.name),)


def test_a_record_of_the_same_id_elsewhere_is_another(sync) -> None:
    there = make_sync(on_webhook=True)
    deals = make_sync(source=sync.source, source_object="deals", on_webhook=True)
    here = make_delivery(sync.source, event(7))
    make_delivery(there.source, event(7))
    make_delivery(sync.source, event(7, "deal.creation"))
    read_incoming()
    jobs = [took(one) for one in (there, deals, sync)]
    newest = SeenChange.objects.order_by("-pk").values_list("pk", flat=True)[0]
    TakenChange.objects.update(first=1, newest=newest)
    assert jobs_of(here.pk) == [jobs[2].pk]


def test_who_was_renamed_is_found_under_the_new_id(sync) -> None:
    delivery = make_delivery(sync.source, event(7))
    read_incoming()
    SeenChange.objects.update(kind=ChangeKind.RENAMED, record_id="6", new_id="7")
    job = took(sync)
    assert jobs_of(delivery.pk) == [job.pk]


def test_a_job_of_many_events_shows_some(sync) -> None:
    for at in range(1, SHOWN + 3):
        make_delivery(sync.source, event(at))
    read_incoming()
    causes = causes_of_job(took(sync).pk)
    assert (causes.records, len(causes.deliveries), causes.has_more) == (SHOWN + 2, SHOWN, True)


def test_an_event_is_found_by_the_id_and_by_the_key_at_the_destination(sync) -> None:
    delivery = make_delivery(sync.source, event(7))
    make_delivery(sync.source, event(8))
    read_incoming()
    link = {"destination_id": "00Q", "source_hash": b"", "content_hash": b"", "mapping_version": 1, "job": 1}
    RecordLink.objects.create(
        sync=sync.pk, source_id="7", key_hash=signed(key_hash("dana@example.com")), updated_at=timezone.now(), **link
    )
    for words in ("7", "Dana@Example.com "):
        found = list_deliveries(DeliveryFilter(words=words.strip())).rows
        assert [row.delivery.pk for row in found] == [delivery.pk]


def test_nothing_costs_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert effects_of([]) == {}


@pytest.mark.parametrize("number", [1, 40])
def test_one_event_costs_the_same_however_much_it_tells(sync, django_assert_num_queries, number: int) -> None:
    delivery = make_delivery(sync.source, *[event(at + 1) for at in range(number)])
    read_incoming()
    took(sync)
    with django_assert_num_queries(6):
        show_delivery(delivery.pk)
