"""The card above the steps: what happened, what is safe, what to do."""

import pytest

from integrations.enums import ConnectionState, Stage, Status
from integrations.queries.jobs import Doubt
from syncpanel.words.cards import card
from tests.syncpanel.words.lives import band, job_of, live_of


@pytest.mark.parametrize("status", [Status.RUNNING, Status.QUEUED])
def test_a_job_that_goes_on_has_no_card(status):
    assert card(live_of(status=status)) is None


def test_a_stopped_job_says_what_happened_what_is_safe_and_what_to_do():
    told = card(live_of(status=Status.STUCK, reason="Salesforce stopped accepting our sign-in", usual=band(38, 40, 44)))
    assert told.title == "Stopped at batch 213 of 500. Nothing is lost."
    assert told.text == (
        "Salesforce stopped accepting our sign-in. The 21,200 people already sent stay in Salesforce, "
        "and nobody will be sent twice."
    )
    assert told.acts[0].label == "Resume from batch 213"
    assert told.acts[0].name == "job-resume"
    assert [todo.text for todo in told.todos] == ["Resume the job"]
    assert told.todos[0].note == "28,765 people left, about 25 min at the usual speed"


@pytest.mark.parametrize(
    ("state", "done"), [(ConnectionState.SIGN_IN_NEEDED, False), (ConnectionState.OK, True)], ids=["lost", "renewed"]
)
def test_a_lost_sign_in_is_the_first_thing_to_do_and_ticked_once_it_is_done(state, done):
    job = job_of(status=Status.STUCK, reason_code="sign_in", reason="No.")
    job.sync.destination.state = state
    first, second = card(live_of(job)).todos
    assert (first.text, first.is_done) == ("Reconnect Salesforce", done)
    assert first.url == ("" if done else "/connections/2/edit/")
    assert second.text == "Resume the job"


@pytest.mark.parametrize(
    ("values", "title", "button"),
    [
        ({"stage": Stage.FETCHING, "pages": 11, "sent": 0}, "Stopped at page 12.", "Resume from page 12"),
        ({"stage": Stage.MAPPING, "pages_mapped": 4, "sent": 0}, "Stopped at page 5 of 500.", "Resume from page 5"),
        ({"stage": Stage.VALIDATING, "pages_validated": 500}, "Stopped at page 500 of 500.", "Resume from page 500"),
        ({"batches_done": 500}, "Stopped at batch 500 of 500.", "Resume from batch 500"),
    ],
    ids=["fetching", "mapping", "validating is through", "uploading is through"],
)
def test_the_checkpoint_is_named_as_the_stage_counts(values, title, button):
    told = card(live_of(status=Status.STUCK, **values))
    assert told.title == f"{title} Nothing is lost."
    assert told.acts[0].label == button


def test_before_anything_was_sent_the_card_says_so():
    told = card(live_of(status=Status.STUCK, stage=Stage.MAPPING, sent=0, created=0, updated=0))
    assert "Nothing was sent to Salesforce yet." in told.text


@pytest.mark.parametrize(
    ("stage", "platform"), [(Stage.FETCHING, "HubSpot"), (Stage.UPLOADING, "Salesforce")], ids=["reading", "writing"]
)
def test_a_waiting_job_names_who_it_waits_for_and_which_attempt_comes_next(stage, platform):
    told = card(live_of(status=Status.WAITING, stage=stage, reason=f"{platform} is busy.", attempts=2))
    assert told.title == f"Waiting for {platform}."
    assert "Attempt 3 of 6." in told.text
    assert told.acts[0].label == "Try now"


def test_waiting_for_a_quota_counts_no_attempt():
    assert "Attempt" not in card(live_of(status=Status.WAITING, reason="The daily limit is used up.")).text


def test_a_held_job_shows_the_numbers_of_the_guard_and_asks_for_a_release():
    guard = {"tripped": [{"sentence": "47,000 would be added; at most 1,000 are usual."}]}
    told = card(live_of(status=Status.WAITING, stage=Stage.APPROVING, guard=guard, sent=0))
    assert told.lines == ("47,000 would be added; at most 1,000 are usual.",)
    assert told.acts[0].name == "job-release"
    assert "49,965 people are ready for Salesforce. Nothing was sent yet." in told.text


@pytest.mark.parametrize(
    ("values", "title", "state"),
    [
        (
            {"status": Status.PARTIAL, "sent": 49_965, "created": 49_765},
            "49,965 people sent in 41 min, 35 to fix.",
            "warn",
        ),
        ({"status": Status.SUCCEEDED, "failures_open": 0}, "21,200 people sent in 41 min.", "ok"),
        (
            {"status": Status.SUCCEEDED, "failures_open": 0, "planned": 0, "created": 0, "updated": 0},
            "Nothing had to be sent.",
            "ok",
        ),
    ],
    ids=["some to fix", "all went through", "all unchanged"],
)
def test_a_finished_job_says_how_many_and_how_long(values, title, state):
    told = card(live_of(stage=Stage.FINISHED, **values))
    assert (told.title, told.state) == (title, state)


def test_a_platform_that_does_not_say_what_became_of_them_is_not_believed_to_have_them():
    sync = job_of().sync
    sync.destination.platform, sync.destination_object = "segment", "groups"
    told = card(live_of(job_of(sync=sync, stage=Stage.FINISHED, status=Status.SUCCEEDED, failures_open=0)))
    assert told.text == "Segment: 21,200 taken. Segment does not say what becomes of them there."


def test_a_batch_in_doubt_is_explained_and_both_answers_are_asked_twice():
    told = card(live_of(status=Status.STUCK, reason_code="in_doubt", doubt=Doubt(213, 100)))
    assert told.title == "Stopped: did batch 213 arrive at Salesforce?"
    assert "nothing is sent until you say what happened" in told.text
    assert told.todos[0].url == "/jobs/1482/batches/213/"
    assert [act.answer for act in told.acts] == ["arrived", "again"]
    assert "its 100 people stay missing in Salesforce" in told.acts[0].question
    assert "its 100 people are in Salesforce twice" in told.acts[1].question


def test_a_finished_job_with_people_to_fix_leads_to_them():
    told = card(live_of(status=Status.PARTIAL, stage=Stage.FINISHED))
    assert (told.acts[0].label, told.acts[0].url) == ("Fix these 35", "/failures/?job=1482")


def test_a_cancelled_job_says_what_stays_and_has_no_button():
    told = card(live_of(status=Status.CANCELLED))
    assert "The 21,200 people already sent stay in Salesforce" in told.text
    assert told.acts == ()
