"""Calls, and whoever takes, reads or works them is killed: what was answered is kept, nothing is lost or counted twice."""

import os
import re
import signal
from collections import Counter
from datetime import timedelta

from django.utils import timezone

from integrations.enums import DeliveryStatus, Proof, Status, Trigger
from integrations.models import (
    Inbox,
    RecordLink,
    SeenChange,
    Sync,
    SyncJob,
    TakenChange,
    Turn,
    WaitingChange,
    WebhookDelivery,
)
from integrations.models.blobs import pack_bytes
from integrations.models.bulk import insert_deliveries, moment
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.hints import hint_incoming
from integrations.webhooks.reading import read_incoming
from integrations.webhooks.starting import start_small_jobs
from tests.factories import make_sync
from tests.faults.calling import MANY, has_said_all, kill_web, listen, post, touch
from tests.faults.platforms import Platforms
from tests.faults.proof import prove_at_rest, prove_finished
from tests.faults.slices import dying, work_on
from tests.faults.stand import Stand
from tests.faults.test_every_border import borders
from tests.integrations.webhooks.calling import body_of, event, ids_of, make_delivery

IS_OURS = re.compile(r"Town \d+").fullmatch
KILLS = 2
CALLS = 3_000 if MANY else 500
STORED = 3_000
ENOUGH = 10_000


def read_all() -> None:
    """Whoever had the turn is gone, and its time over."""
    Turn.objects.update(until=None)
    while WebhookDelivery.objects.waiting().exists():
        assert read_incoming() > 0


def test_every_answered_call_is_stored_though_the_web_server_is_killed(standing: Stand) -> None:
    standing.contacts = max(standing.contacts, CALLS)
    platforms = standing.take_sandbox()
    platforms.set(webhook_pace=600, webhook_most=1)
    panel = standing.start_web()
    sync = standing.add_sync()
    listen(panel, sync, platforms)
    ids = touch(platforms, CALLS, city="Ghent")
    for number in range(KILLS):
        many = (number + 1) * CALLS // (KILLS + 1)
        standing.until(lambda many=many: WebhookDelivery.objects.count() >= many)
        kill_web(standing)
    standing.until(lambda: has_said_all(platforms))
    told = post(platforms)
    assert (told["acknowledged_happenings"], told["given_up"], told["dropped"]) == (CALLS, 0, 0)
    assert told["retried"] > 0, "the kills came too late"
    read_all()
    assert SeenChange.objects.count() == CALLS, "lost, or counted twice"
    assert ids_of(WaitingChange.objects.filter(sync=sync)) == sorted(ids)
    standing.stop_working()


def test_whatever_statement_of_reading_is_the_last_each_change_counts_once(each_db: str) -> None:
    sync = make_sync(on_webhook=True)
    twice = event(2)
    told = [[event(1), twice], [twice], [event(1, "contact.merge", primaryObjectId=1, mergedObjectIds=[3])]]

    def die(after: int) -> int:
        for one in (WebhookDelivery, SeenChange, WaitingChange, Inbox):
            one.objects.all().delete()
        for events in told:
            make_delivery(sync.source, *events)
        with dying(after) as death:
            read_incoming()
        half = WebhookDelivery.objects.waiting().count()
        assert half == (0 if SeenChange.objects.exists() else 3), "read by halves"
        read_all()
        assert list(WebhookDelivery.objects.order_by("pk").values_list("status", "changes", "repeated")) == [
            (DeliveryStatus.READ, 2, 0),
            (DeliveryStatus.READ, 1, 1),
            (DeliveryStatus.READ, 2, 0),
        ]
        assert SeenChange.objects.count() == 4
        assert ids_of(WaitingChange.objects.filter(sync=sync)) == ["1", "2", "3"]
        assert Inbox.objects.get(sync=sync).due_at is not None
        return death.left

    statements = ENOUGH - die(ENOUGH)
    assert statements > 10
    for last in range(statements):
        die(last)


def test_whatever_statement_of_starting_a_small_job_is_the_last_one_job_takes_each_change(each_db: str) -> None:
    sync = make_sync(on_webhook=True)
    later = timezone.now() + timedelta(seconds=30)

    def die(after: int) -> int:
        for one in (WebhookDelivery, SeenChange, WaitingChange, Inbox):
            one.objects.all().delete()
        SyncJob.objects.active().update(status=Status.SUCCEEDED, wake_at=None)
        before = SyncJob.objects.count()
        make_delivery(sync.source, event(7), event(8))
        read_all()
        with dying(after) as death:
            start_small_jobs(later)
        start_small_jobs(later)
        start_small_jobs(later)
        job = SyncJob.objects.active().get()
        assert SyncJob.objects.count() == before + 1
        assert (job.trigger, job.expected) == (Trigger.WEBHOOK, 2)
        assert job.cursor["upto"] == WaitingChange.objects.order_by("-newest").values_list("newest", flat=True)[0]
        assert Inbox.objects.get(sync=sync).due_at is None
        return death.left

    statements = ENOUGH - die(ENOUGH)
    assert statements > 5
    for last in range(statements):
        die(last)


def test_whatever_statement_of_a_small_job_is_the_last_each_change_is_taken_once(
    sync: Sync, platforms: Platforms
) -> None:
    work_on(start_job(sync.pk))
    Sync.objects.filter(pk=sync.pk).update(on_webhook=True)
    rounds = iter(range(10_000))
    ids = list(RecordLink.objects.order_by("pk").values_list("source_id", flat=True)[:30])

    def act() -> SyncJob:
        body = {"ids": ids, "properties": {"city": f"Town {next(rounds)}"}}
        platforms.http.post("/_control/hubspot/contacts/touch", json=body).raise_for_status()
        make_delivery(sync.source, *(event(int(one), propertyName="city") for one in ids))
        read_all()
        start_small_jobs(timezone.now() + timedelta(seconds=30))
        return SyncJob.objects.active().get()

    def after(job: SyncJob) -> None:
        prove_finished(job)
        prove_at_rest()
        assert (job.trigger, job.fetched, job.updated) == (Trigger.WEBHOOK, len(ids), len(ids))
        assert ids_of(TakenChange.objects.filter(job=job.pk)) == sorted(ids)
        assert not WaitingChange.objects.exists()
        towns = Counter(lead["City"] for lead in platforms.leads())
        assert towns[max(filter(IS_OURS, towns), key=lambda town: int(town.split()[1]))] == len(ids)

    borders(act, after)


def store(sync: Sync, number: int) -> None:
    """So many calls that nobody has read for an hour."""
    at = moment(timezone.now() - timedelta(hours=1))
    bodies = [body_of(event(record_id)) for record_id in range(1, number + 1)]
    packed = [(sync.source_id, at, "{}", len(body), pack_bytes(body), Proof.SIGNED.value) for body in bodies]
    for start in range(0, number, 500):
        insert_deliveries(packed[start : start + 500])


def test_workers_killed_while_they_read_are_followed_by_others(embedded: Stand) -> None:
    sync = make_sync(on_webhook=True)
    store(sync, STORED)
    waiting = WebhookDelivery.objects.waiting()
    embedded.start_workers()
    kills = 0
    while left := waiting.count():
        hint_incoming()
        embedded.until(lambda left=left: waiting.count() < left)
        if waiting.exists() and kills < KILLS:
            [cluster] = embedded.kept
            os.killpg(cluster.pid, signal.SIGKILL)
            cluster.wait(10)
            Turn.objects.update(until=timezone.now())
            kills += 1
    assert kills > 0, "the kills came too late"
    assert SeenChange.objects.count() == STORED
    assert ids_of(WaitingChange.objects.filter(sync=sync)) == sorted(map(str, range(1, STORED + 1)))
    assert set(WebhookDelivery.objects.values_list("status", "repeated")) == {(DeliveryStatus.READ, 0)}
    embedded.stop_working()
