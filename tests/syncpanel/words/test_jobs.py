"""Where a job is, in words and numbers."""

import pytest

from integrations.enums import Stage, Status, Trigger
from syncpanel.words.facts import facts, speed_words
from syncpanel.words.jobs import asked_by, cancel_question, ledger, milestone, progress, stage_line, undecided
from syncpanel.words.steps import steps
from tests.syncpanel.words.lives import NOON, band, job_of, live_of


@pytest.mark.parametrize(
    ("values", "said", "percent"),
    [
        (
            {"stage": Stage.FETCHING, "fetched": 12_400, "expected": 47_000},
            "12,400 of about 47,000 people fetched",
            26.4,
        ),
        ({"stage": Stage.FETCHING, "fetched": 12_400}, "12,400 people fetched", 0),
        ({"stage": Stage.MAPPING, "pages_mapped": 125}, "125 of 500 pages mapped", 25),
        ({"stage": Stage.VALIDATING, "pages_validated": 250}, "250 of 500 pages checked", 50),
        ({"stage": Stage.APPROVING}, "49,965 people ready to be sent", 0),
        ({"stage": Stage.UPLOADING}, "21,200 of 49,965 people sent", 42.4),
        ({"stage": Stage.FINISHED, "planned": 0}, "0 people to send", 100),
    ],
)
def test_progress_counts_what_the_stage_counts(values, said, percent):
    told = progress(job_of(**values), "people")
    assert told.sentence == said
    assert told.percent == pytest.approx(percent, abs=0.1)


def test_more_than_expected_is_not_more_than_all():
    assert progress(job_of(stage=Stage.FETCHING, fetched=50, expected=40), "people").percent == 100


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"stage": Stage.FETCHING, "expected": 60_000}, "Fetching, 50,000 of about 60,000"),
        ({"stage": Stage.FETCHING}, "Fetching, 50,000 so far"),
        ({"stage": Stage.MAPPING, "pages_mapped": 0}, "Mapping page 1 of 500"),
        ({"batches_done": 117, "batches": 235}, "Uploading batch 118 of 235"),
        ({"batches_done": 235, "batches": 235}, "Uploading batch 235 of 235"),
        ({"batches_done": 0, "batches": 0}, "Uploading batch 1 of 1"),
    ],
)
def test_the_stage_in_one_line_names_the_one_under_way(values, said):
    assert stage_line(job_of(**values)) == said


def test_the_five_steps_say_count_and_time():
    told = steps(live_of(), NOON)
    assert [(step.name, step.when) for step in told] == [
        ("Fetching contacts", "done"),
        ("Mapping fields", "done"),
        ("Validating records", "done"),
        ("Uploading", "now"),
        ("Done", "todo"),
    ]
    assert [str(step.note) for step in told[:4]] == [
        "50,000 in 9 min",
        "2 min",
        "35 set aside, 4 min",
        "Batch 213 of 500",
    ]
    assert "12:35" in str(told[4].note)


def test_a_stopped_step_says_where():
    told = steps(live_of(status=Status.STUCK), NOON)
    assert told[3].note == "Stopped at batch 213 of 500"
    assert told[3].state == "failed"
    assert told[4].note == "after you resume"


def test_a_job_that_waits_for_its_release_stands_before_uploading():
    told = steps(live_of(status=Status.WAITING, stage=Stage.APPROVING), NOON)
    assert (told[2].when, told[3].when, told[3].note) == ("done", "now", "Waits for your release")


def test_a_cancelled_job_shows_where_it_was_cancelled():
    assert steps(live_of(status=Status.CANCELLED), NOON)[3].note == "Cancelled here"


def test_a_finished_job_is_done_with_every_step():
    told = steps(live_of(status=Status.SUCCEEDED, stage=Stage.FINISHED, finished_at=NOON), NOON)
    assert {step.when for step in told} == {"done"}


@pytest.mark.parametrize(
    ("status", "names"),
    [
        (Status.RUNNING, ["Speed", "Time so far", "Time left", "Should finish"]),
        (Status.STUCK, ["Speed", "Time so far", "Still to send", "Already sent"]),
        (Status.SUCCEEDED, ["Took", "Average speed", "Started", "Ended"]),
    ],
)
def test_there_are_always_four_facts(status, names):
    assert [fact.name for fact in facts(live_of(status=status, usual=band(38, 40, 44)), NOON)] == names


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"per_second": 14.2}, "14 a second"),
        ({"per_second": 0.25}, "0.2 a second"),
        ({"per_second": 0.0}, "0 a second"),
        ({"per_second": 2.0, "stage": Stage.MAPPING}, "200 a second"),
    ],
    ids=["many", "few", "none", "pages are counted in people"],
)
def test_speed_is_always_in_people(values, said):
    assert speed_words(live_of(**values)) == said


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"left_out": 10, "duplicate": 3, "unchanged": 2, "planned": 49_950},
        {"sent": 49_965, "created": 40_000, "updated": 9_000, "rejected": 965},
        {"stage": Stage.MAPPING, "planned": 0, "sent": 0, "created": 0, "updated": 0},
    ],
    ids=["uploading", "every kind", "refused ones", "before packing"],
)
def test_the_ledger_adds_up(values):
    job = job_of(**values)
    went, became = ledger(job)
    waiting = job.planned - job.sent if job.sent == job.planned else 0
    assert job.fetched == sum(entry.number for entry in went) + undecided(job) + waiting
    assert job.sent == sum(entry.number for entry in became)


def test_milestones_change_at_quarters_and_not_with_every_batch():
    said = [milestone(job_of(sent=sent)) for sent in (1, 100, 12_000, 12_500, 12_600, 49_965)]
    assert len(set(said)) == 3
    assert said[0] == "Contacts: uploading, 0 percent"


def test_cancelling_says_what_survives():
    noun = ("person", "people")
    assert cancel_question(job_of(), noun, "Salesforce") == (
        "Cancel this job? The 21,200 people already sent stay in Salesforce."
    )
    assert cancel_question(job_of(created=0, updated=0), noun, "Salesforce").endswith("Nothing was sent yet.")


@pytest.mark.parametrize(
    ("values", "said"),
    [({"actor": "dana@example.com"}, "by dana"), ({"trigger": Trigger.SCHEDULE}, "on schedule")],
)
def test_a_job_says_who_or_what_started_it(values, said):
    assert asked_by(job_of(**values)) == said
