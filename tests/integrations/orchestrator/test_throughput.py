"""What a job got done by quarter of an hour is what its events add up to: written with them, replayed, rebuilt."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from integrations.enums import Kind
from integrations.exceptions import RefusedTransitionError
from integrations.models import SyncJob, Throughput
from integrations.orchestrator.state_machine import change_job, differences
from integrations.orchestrator.throughput import COUNTING, add_up, quarter_of, tally, written
from tests.factories import make_job

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MAPPED, VALIDATED, UPLOADED = Kind.JOB_PAGES_MAPPED, Kind.JOB_PAGES_VALIDATED, Kind.JOB_BATCHES_UPLOADED


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([], {}),
        ([(UPLOADED, {"add": {"sent": 10, "created": 7, "updated": 2, "rejected": 1}}, at(1))], {at(0): (9, 1)}),
        ([(UPLOADED, {"add": {"created": 7}}, at(14.99)), (UPLOADED, {"add": {"updated": 2}}, at(0))], {at(0): (9, 0)}),
        (
            [(UPLOADED, {"add": {"created": 7}}, at(14)), (UPLOADED, {"add": {"created": 2}}, at(15))],
            {at(0): (7, 0), at(15): (2, 0)},
        ),
        (
            [
                (MAPPED, {"add": {"invalid": 3}}, at(1)),
                (VALIDATED, {"add": {"invalid": 2}}, at(2)),
            ],
            {at(0): (0, 5)},
        ),
        ([(UPLOADED, {"add": {"batches_done": 1}}, at(1)), (UPLOADED, {}, at(2))], {}),
        ([(Kind.JOB_REPAIRS_PREPARED, {"add": {"invalid": -1, "planned": 1}}, at(1))], {}),
    ],
    ids=[
        "nothing",
        "all counters",
        "one quarter",
        "two quarters",
        "set aside by us",
        "nobody",
        "a repair takes nobody back",
    ],
)
def test_events_add_up_by_quarter_of_an_hour(events, told):
    assert tally(events) == told


@given(
    st.lists(st.tuples(st.sampled_from(sorted(COUNTING)), st.integers(0, 99), st.datetimes(timezones=st.just(UTC)))),
    st.integers(0, 20),
)
def test_adding_up_in_parts_is_adding_up_at_once(rows, middle):
    events = [(kind, {"add": {"created": number}}, moment) for kind, number, moment in rows]
    first, rest, whole = tally(events[:middle]), tally(events[middle:]), tally(events)
    assert {q: first.get(q, (0, 0))[0] + rest.get(q, (0, 0))[0] for q in first | rest} == {
        q: n[0] for q, n in whole.items()
    }
    assert all(began == quarter_of(began) for began in whole)


def test_rows_are_added_to_and_not_written_over(each_db: str) -> None:
    job, other = make_job(), make_job()
    for created in (5, 6):
        add_up(job, [(UPLOADED, {"add": {"created": created, "rejected": 1}}, at(3))])
    add_up(other, [(UPLOADED, {"add": {"created": 1}}, at(3))])
    assert written(job) == {at(0): (11, 2)}
    assert written(other) == {at(0): (1, 0)}


def uploading() -> SyncJob:
    job = make_job()
    with change_job(job.pk) as change:
        change.append(Kind.JOB_STARTED)
        change.append(Kind.JOB_PAGE_FETCHED, cursor={}, add={"pages": 1, "fetched": 30})
        for kind in (Kind.JOB_FETCHED, Kind.JOB_MAPPED):
            change.append(kind)
        change.append(Kind.JOB_PAGES_VALIDATED, add={"invalid": 5, "planned": 25, "failures_open": 5})
        change.append(Kind.JOB_VALIDATED)
        change.append(UPLOADED, numbers=[1], add={"sent": 20, "created": 17, "updated": 2, "rejected": 1})
    return change.job


def totals(job: SyncJob) -> tuple[int, int]:
    rows = written(job).values()
    return sum(arrived for arrived, _ in rows), sum(aside for _, aside in rows)


@pytest.mark.django_db
def test_what_a_job_got_done_is_written_with_its_events():
    job = uploading()
    assert totals(job) == (19, 6)
    assert differences(job) == {}


@pytest.mark.django_db
def test_a_change_that_is_refused_got_nothing_done():
    job = uploading()
    with pytest.raises(RefusedTransitionError), change_job(job.pk) as change:
        change.append(UPLOADED, numbers=[2], add={"sent": 5, "created": 5})
        change.append(Kind.JOB_CREATED)
    assert totals(job) == (19, 6)


@pytest.mark.django_db
def test_replay_finds_rows_that_were_tampered_with_and_mends_them():
    job = uploading()
    Throughput.objects.update(arrived=7)
    Throughput.objects.create(job=job, began=at(-900), arrived=1, set_aside=0)
    with pytest.raises(CommandError, match="1 of 1 jobs differ"):
        call_command("replay", "--check")
    call_command("replay", "--rebuild")
    call_command("replay", "--check")
    assert totals(job) == (19, 6)
