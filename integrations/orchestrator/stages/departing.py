"""Those who left the source: archived over there, or a field emptied, when the sync says so.

Who left is known from `leaving`. What is done with them goes out in batches of their own, behind all others; perhaps long
after, so each is looked at once more before it does. Whose link is gone is nobody's business any more: if he comes back, he
is added anew.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from integrations.enums import BatchStatus, BatchVerb, Departed, Kind, NotSent, RecordEventKind
from integrations.models import Batch, RecordLink
from integrations.models.blobs import pack, unpack_lists
from integrations.models.bulk import insert_record_events, moment
from integrations.orchestrator.names import forget_names
from integrations.orchestrator.stages.calls import pack_calls
from integrations.orchestrator.stages.deciding import GONE, Plan
from integrations.orchestrator.stages.leaving import Leaving, Person
from integrations.orchestrator.stages.packing import Entry
from integrations.orchestrator.state_machine import JobChange
from integrations.orchestrator.two_way import forget_agreements
from integrations.orchestrator.work import Work

if TYPE_CHECKING:
    from integrations.orchestrator.stages.trail import Sent

STAYS = "it is not theirs any more"
DONE = {BatchVerb.ARCHIVE: RecordEventKind.ARCHIVED, BatchVerb.CLEAR: RecordEventKind.CLEARED}


def store(work: Work, change: JobChange, leaving: Leaving) -> None:
    """Batches of their own kind, behind all others. Inside the change that ends the validation."""
    if leaving.is_incomplete:
        change.append(Kind.JOB_DEPARTURES_PLANNED, skipped="incomplete")
    if not leaving.people:
        return
    limit = work.destination_can.batch_limits.records
    newest = Batch.objects.filter(job_id=work.job.pk).aggregate(newest=Max("number"))["newest"] or 0
    chunks = [leaving.people[at : at + limit] for at in range(0, len(leaving.people), limit)]
    verb = BatchVerb.ARCHIVE if work.sync.departed == Departed.ARCHIVE else BatchVerb.CLEAR
    for number, chunk in enumerate(chunks, start=newest + 1):
        entries = [[source_id, "", "", {"id": there}, None, None, 0] for source_id, there in chunk]
        Batch.objects.create(job_id=work.job.pk, number=number, verb=verb, count=len(chunk), payload=pack(entries))
    add = {"departed": len(leaving.people), "batches": len(chunks)}
    change.append(Kind.JOB_DEPARTURES_PLANNED, add=add)


def look(work: Work, entries: Sequence[Entry]) -> list[Plan]:
    """The last look, as far as the database can tell: whom somebody stands for who is there is left alone, since a person may
    have said so after it was planned. All are addressed by their id over there."""
    plans = [Plan(entry, {work.sync.departed_field: None}, there=entry[3]["id"]) for entry in entries]
    leaving = [_person(entry) for entry in entries]
    links = RecordLink.objects.filter(sync=work.sync.pk, destination_id__in=[there for _, there in leaving])
    linked = set(links.values_list("source_id", "destination_id"))
    staying = _without_leaving(work, linked - set(leaving))
    for plan, person in zip(plans, leaving, strict=True):
        if person not in linked or plan.there in staying:
            plan.settle(NotSent.LEFT_OUT, plan.there, code=STAYS)
    return plans


def _without_leaving(work: Work, others: set[Person]) -> set[str]:
    """The ids over there of those among them who do not leave in another batch."""
    batches = Batch.objects.filter(job_id=work.job.pk).exclude(verb=BatchVerb.WRITE)
    for payload in batches.values_list("payload", flat=True) if others else ():
        others = others - {_person(entry) for entry in unpack_lists(payload)}
    return {there for _, there in others}


def write_batch(work: Work, item: "Sent", now: datetime) -> Counter[str]:
    """What became of one such batch. Who could not be touched stays linked, so that the next complete job tries again; who was
    left alone had not left."""
    verb = BatchVerb(item.batch.verb)
    done, refused, stays = _apart(item)
    told = [_event(work, item, entry, DONE[verb], "", now) for entry in done]
    told += [_event(work, item, entry, RecordEventKind.REJECTED, code, now) for entry, code in refused]
    told += [_event(work, item, entry, RecordEventKind.LEFT_OUT, STAYS, now) for entry in stays]
    insert_record_events(told)
    _unlink(work, done)
    if (
        work.two_way and verb == BatchVerb.ARCHIVE
    ):  # whose field was emptied is there still, and must not come back as new
        forget_agreements(work.two_way, [entry[0] for entry in done])
    Batch.objects.filter(pk=item.batch.pk).update(
        status=BatchStatus.SENT,
        sent_at=now,
        updated=len(done),
        rejected=len(refused),
        exchange=pack_calls(work.sync.destination, item.outcome.exchanges),
    )
    return Counter(batches_done=1, removed=len(done), departed=-len(stays))


def _apart(item: "Sent") -> tuple[list[Entry], list[tuple[Entry, str]], list[Entry]]:
    """Who is done with, who was refused with the reason, and who was left alone."""
    done, refused, stays = [], [], []
    for entry, result in zip(item.entries, item.outcome.results, strict=True):
        if result.not_sent is not None:
            stays.append(entry)
        elif result.ok or result.code in GONE:
            done.append(entry)
        else:
            refused.append((entry, result.code))
    return done, refused, stays


def _unlink(work: Work, done: Sequence[Entry]) -> None:
    """Only what was planned: a link that a person gave to somebody else meanwhile is his."""
    people = {_person(entry) for entry in done}
    links = RecordLink.objects.filter(sync=work.sync.pk, source_id__in=[one for one, _ in people]).select_for_update()
    found = [link.pk for link in links.only("source_id", "destination_id") if _ends(link) in people]
    RecordLink.objects.filter(pk__in=found).delete()
    if work.source_can.called_by:
        forget_names(work.sync.pk, [one for one, _ in people])


def _ends(link: RecordLink) -> Person:
    return link.source_id, link.destination_id


def _person(entry: Entry) -> Person:
    return entry[0], entry[3]["id"]


def _event(
    work: Work, item: "Sent", entry: Sequence[Any], kind: RecordEventKind, detail: str, now: datetime
) -> tuple[Any, ...]:
    there = entry[3]["id"]
    return (work.sync.pk, work.job.pk, item.batch.pk, kind.value, entry[0], there, detail, "", moment(now))
