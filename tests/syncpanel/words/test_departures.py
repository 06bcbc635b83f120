"""What becomes of those who left the source, in words."""

import pytest

from integrations.enums import Departed, Kind, Stage, Status, SyncMode
from integrations.management.commands.run_sync import summary
from syncpanel.words.cards import card
from syncpanel.words.departures import does, may_do, outcome, who_left
from syncpanel.words.timeline import Scene, line
from tests.syncpanel.words.lives import event_of, job_of, live_of

OVER = {"tripped": [{"name": "departed", "sentence": "60 left HubSpot and would be archived; at most 50 are allowed."}]}


def left(what: Departed = Departed.ARCHIVE, **values):
    job = job_of(**{"departed": 12, "removed": 12, "status": Status.SUCCEEDED, "stage": Stage.FINISHED} | values)
    job.sync.departed, job.sync.departed_field, job.sync.departed_most = what, "City", 500
    return job


@pytest.mark.parametrize(
    ("mode", "departed", "said"),
    [
        (SyncMode.UPSERT, Departed.NOTHING, "Adds and updates, never deletes."),
        (SyncMode.UPSERT, Departed.ARCHIVE, "Adds and updates, and archives who left."),
        (SyncMode.UPDATE, Departed.CLEAR, "Only updates, never adds, and empties a field of who left."),
        (SyncMode.CREATE, Departed.ARCHIVE, "Only adds, never changes, and archives who left."),
    ],
)
def test_what_a_sync_writes_never_says_that_it_deletes_nobody_when_it_does(mode, departed, said) -> None:
    sync = left(departed).sync
    sync.write_mode = mode
    assert does(sync) == said


@pytest.mark.parametrize(
    ("departed", "said"),
    [
        (Departed.NOTHING, "Add and update. Never delete."),
        (Departed.ARCHIVE, "Add and update. Who left is archived, at most 500 at once."),
        (Departed.CLEAR, "Add and update. City of who left is emptied, at most 500 at once."),
    ],
)
def test_settings_and_jobs_say_the_same(departed, said) -> None:
    assert may_do(left(departed).sync) == said


def test_how_many_left_and_what_became_of_them() -> None:
    job, live = left(), live_of(left())
    assert [(one.name, one.number) for one in who_left(job, live.source)] == [("Left HubSpot", 12), ("Archived", 12)]
    some = who_left(left(removed=9), live.source)
    assert [(one.name, one.number) for one in some][2] == ("Could not be touched", 3)
    assert not who_left(job_of(), live.source)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "12 left: archived"),
        ({"removed": 9}, "9 of 12 who left: archived"),
    ],
)
def test_the_end_of_a_job_says_it(values, said) -> None:
    job = left(**values)
    assert outcome(job) == said
    told = card(live_of(job))
    assert told and told.text.endswith(f"{said}.")
    live = live_of(job)
    assert line(Scene(job, live.source, live.destination), event_of(Kind.JOB_FINISHED)).note.count(said) == 1


def test_the_command_line_says_it_too() -> None:
    assert summary(left()).endswith("12 left the source, 12 archived.")
    assert summary(left(Departed.CLEAR, removed=9)).endswith("12 left the source, 9 with a field emptied.")
    assert "left the source" not in summary(job_of())


def test_over_the_cap_a_person_allows_it_once_or_goes_on_without() -> None:
    job = left(status=Status.WAITING, stage=Stage.APPROVING, guard=OVER, departed=60, removed=0, sent=0)
    told = card(live_of(job))
    assert told
    assert told.lines == ("60 left HubSpot and would be archived; at most 50 are allowed.",)
    allow, spare = told.acts
    assert (allow.label, allow.name, allow.answer) == ("Allow it this once", "job-release", "")
    assert allow.question == "Archive 60 people in Salesforce? It counts for this job only."
    assert (spare.label, spare.field, spare.answer) == ("Go on, but leave them", "departed", "spare")


def test_a_job_that_is_held_for_something_else_is_only_released() -> None:
    job = left(status=Status.WAITING, stage=Stage.APPROVING, guard={"tripped": [{"name": "new", "sentence": "x"}]})
    told = card(live_of(job))
    assert told
    assert [act.label for act in told.acts] == ["Release and send"]


@pytest.mark.parametrize(
    ("kind", "data", "title", "note"),
    [
        (Kind.JOB_RELEASED, {"spared": 60}, "Released by dana", "60 people who left stay as they are"),
        (Kind.JOB_RELEASED, {"spared": 1}, "Released by dana", "1 person who left stays as they are"),
        (Kind.JOB_RELEASED, {}, "Released by dana", ""),
        (
            Kind.JOB_PAGE_FETCHED,
            {"add": {"fetched": 3}, "departed": 2, "missing": 1},
            "Fetched",
            "3 people, 2 deleted or combined there, 1 not found",
        ),
        (
            Kind.JOB_RECORDS_SUPERSEDED,
            {"count": 2, "decided": True},
            "2 people decided by dana",
            "Both directions look at them anew.",
        ),
        (Kind.JOB_RECORDS_SUPERSEDED, {"count": 2}, "2 people taken over by a later job by dana", ""),
    ],
)
def test_the_timeline_says_what_was_heard_allowed_and_decided(kind, data, title, note) -> None:
    live = live_of()
    told = line(Scene(live.job, live.source, live.destination), event_of(kind, actor="dana@example.com", **data))
    assert (told.title, told.note) == (title, note)
