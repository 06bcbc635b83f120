"""A job's events in plain words."""

from datetime import timedelta

import pytest

from integrations.enums import Kind
from syncpanel.words.timeline import TELLERS, Scene, line, timeline
from tests.syncpanel.words.lives import NOON, event_of, live_of, titles


@pytest.fixture
def scene() -> Scene:
    live = live_of()
    return Scene(live.job, live.source, live.destination)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.startswith("job.")])
def test_every_event_of_a_job_has_words(scene, kind):
    told = line(scene, event_of(kind, actor="dana@example.com"))
    assert kind in TELLERS
    assert told.title
    assert not told.title.endswith(".")
    assert "@" not in f"{told.title}{told.note}"


@pytest.mark.parametrize(
    ("kind", "values", "title", "note"),
    [
        (Kind.JOB_CREATED, {"actor": "dana@example.com"}, "Job started", "by dana"),
        (Kind.JOB_FETCHED, {}, "Fetching finished", "50,000 people came from HubSpot"),
        (Kind.JOB_MAPPED, {}, "Mapping finished", "Contact mapping, version 14"),
        (
            Kind.JOB_VALIDATED,
            {},
            "Validating finished",
            "49,965 people are ready. 35 set aside because something is missing or not valid.",
        ),
        (
            Kind.JOB_BATCHES_UPLOADED,
            {"numbers": [212], "add": {"created": 98, "updated": 1, "rejected": 1}},
            "Batch 212 sent",
            "99 people arrived in Salesforce, 1 refused",
        ),
        (Kind.JOB_BATCHES_UPLOADED, {"numbers": [1, 2], "add": {}}, "2 batches sent", "0 people arrived in Salesforce"),
        (Kind.JOB_PAGE_FETCHED, {"add": {"fetched": 100}}, "Fetched", "100 people"),
        (Kind.JOB_PAUSED, {"actor": "dana@example.com"}, "Paused by dana", ""),
        (Kind.JOB_PAUSED, {}, "Paused", ""),
        (Kind.JOB_RETRY_REQUESTED, {"count": 1, "actor": "dana"}, "1 person to be sent again, asked for by dana", ""),
        (
            Kind.JOB_BATCH_SPLIT,
            {"number": 3, "code": "timeout"},
            "A batch took too long",
            "Halved: perhaps it was too much at a time.",
        ),
        (Kind.JOB_STUCK, {"reason": "HubSpot is away."}, "The job stopped", "HubSpot is away."),
    ],
)
def test_an_event_reads_as_a_sentence(scene, kind, values, title, note):
    told = line(scene, event_of(kind, **values))
    assert (told.title, str(told.note)) == (title, note)


def test_the_same_wait_many_times_is_one_line(scene):
    waits = [event_of(Kind.JOB_WAITING, code="rate", reason="Busy.", at=NOON - timedelta(minutes=n)) for n in range(3)]
    told = timeline(
        scene, [*waits, event_of(Kind.JOB_FETCHED), event_of(Kind.JOB_WAITING, code="rate", reason="Busy.")]
    )
    assert titles(told) == ["Busy. · 3 times", "Fetching finished", "Busy."]
    assert told[0].at == NOON


def test_waits_for_different_reasons_stay_apart(scene):
    told = timeline(
        scene,
        [
            event_of(Kind.JOB_WAITING, code="rate", reason="Busy."),
            event_of(Kind.JOB_WAITING, code="no_answer", reason="Away."),
        ],
    )
    assert titles(told) == ["Busy.", "Away."]
