"""The first page in words."""

import re
from datetime import timedelta

import pytest

from integrations.enums import ConnectionState, Stage, Status
from integrations.models import Connection
from integrations.queries.ends import destination_of, source_of
from integrations.queries.lateness import Late
from integrations.queries.overview import HourCount, Overview, Running
from integrations.queries.reasons import Reason
from integrations.queries.syncs import SyncHealth
from syncpanel.words.overview import chart, figures, greeting, needs, round_up, running, summary
from tests.syncpanel.words.lives import NOON, ago, job_of


def health_of(*jobs, to_fix: int = 0, **values) -> SyncHealth:
    sync = jobs[0].sync if jobs else job_of().sync
    for name, value in values.items():
        setattr(sync, name, value)
    return SyncHealth(sync, source_of(sync), destination_of(sync), jobs, to_fix)


def overview_of(*syncs, **values) -> Overview:
    values = {
        "version": 1,
        "syncs": syncs,
        "running": (),
        "stopped": (),
        "held": (),
        "reasons": (),
        "lost": (),
        "finished": 0,
        "ended": 0,
    } | values
    return Overview(**values)


@pytest.mark.parametrize(
    ("hour", "said"), [(6, "Good morning"), (13, "Good afternoon"), (20, "Good evening"), (3, "Good evening")]
)
def test_the_greeting_knows_the_hour(hour, said):
    assert greeting(NOON.replace(hour=hour), "Dana") == f"{said}, Dana"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([0, 0, 0], "All 3 syncs are healthy."),
        ([0, 4, 0], "2 of 3 syncs are healthy."),
        ([1, 4, 0], "1 of 3 syncs is healthy."),
        ([0], "Your sync is healthy."),
        ([7], "Your sync needs a look."),
    ],
)
def test_one_sentence_says_how_it_is(counts, said):
    syncs = [health_of(to_fix=number, pk=pk) for pk, number in enumerate(counts)]
    assert summary(overview_of(*syncs)) == said


def test_what_needs_a_person_comes_most_pressing_first_with_one_button_each():
    stopped = health_of(job_of(pk=5, status=Status.STUCK, reason="HubSpot is away."))
    held = health_of(job_of(pk=6, status=Status.WAITING, stage=Stage.APPROVING, reason="47,000 would be added."))
    reason = Reason("required_missing", "Country", "Country is missing", 31, (7,))
    lost = Connection(pk=2, name="Our Salesforce")
    told = needs(overview_of(stopped, held, stopped=(stopped,), held=(held,), reasons=(reason,), lost=(lost,)))
    assert [(need.title, need.action, need.url or need.post) for need in told] == [
        ("Our Salesforce needs a new sign-in", "Reconnect", "/connections/2/edit/"),
        ("Contacts stopped at batch 213. Nothing is lost", "Resume", "/jobs/5/resume/"),
        ("Contacts is held before sending", "Look", "/jobs/6/"),
        ("Country is missing: 31 people", "Fix 31", "/failures/?reason=required_missing:Country"),
    ]


def test_possible_duplicates_are_one_thing_to_decide_with_the_most_frequent_kind_first():
    (need,) = needs(overview_of(duplicates={"same_key": 2, "other_system": 11}))
    assert need.title == "13 possible duplicates to decide"
    assert need.note == "Same person, other address: 11 · Same address twice: 2"
    assert (need.action, need.url, need.post) == ("Compare", "/duplicates/", "")
    assert needs(overview_of()) == []


def test_a_job_that_cannot_go_on_yet_is_looked_at_and_not_resumed():
    job = job_of(pk=5, status=Status.STUCK, reason="No.")
    job.sync.destination.state = ConnectionState.SIGN_IN_NEEDED
    told = needs(overview_of(stopped=(health_of(job),)))
    assert (told[0].action, told[0].post) == ("Look", "")


@pytest.mark.parametrize(
    ("values", "note", "action", "leads_to"),
    [
        ({"job": True}, "Job 5 is not finished yet: uploading batch 213 of 500", "Look", "/jobs/5/"),
        (
            {"is_beat_away": True},
            "The part of Syncpanel that starts syncs is not running.",
            "Start now",
            "/syncs/7/start/",
        ),
        ({"told": "The mapping has no version."}, "The mapping has no version.", "Start now", "/syncs/7/start/"),
        ({}, "It is tried again every few seconds.", "Start now", "/syncs/7/start/"),
    ],
    ids=["busy", "no beat", "told", "unknown"],
)
def test_a_sync_that_did_not_start_says_when_and_why(values, note, action, leads_to):
    job = job_of(pk=5)
    health = health_of(*([job] if values.get("job") else []))
    late = Late(health, NOON, **{**values, "job": job if values.get("job") else None})
    need = needs(overview_of(health, late=(late,)))[0]
    assert re.fullmatch("Contacts was expected <time .*12:00</time> and did not start", str(need.title))
    assert str(need.note).startswith(note)
    assert (need.action, need.url or need.post) == (action, leads_to)


def test_a_running_job_says_where_it_is_and_how_long_it_takes():
    job = job_of()
    told = running(overview_of(running=(Running(health_of(job), job, timedelta(minutes=34)),)))[0]
    assert (told.stage, told.left) == ("Uploading batch 213 of 500", "about 35 min left")
    assert told.percent == pytest.approx(42.4, abs=0.1)


def test_a_waiting_job_says_why():
    job = job_of(status=Status.WAITING, reason="Salesforce's daily limit is used up.")
    told = running(overview_of(running=(Running(health_of(job), job, None),)))[0]
    assert (told.stage, told.state, told.left) == ("Salesforce's daily limit is used up.", "waiting", "")


def test_figures_of_an_empty_panel_promise_nothing():
    told = figures(overview_of(), (), NOON)
    assert [figure.value for figure in told] == ["0", "0", "–", "–"]


def test_figures_count_today_the_waiting_the_finished_and_the_age():
    hours = [HourCount(ago(hours=back), 1_000, 5) for back in range(23, -1, -1)]
    reasons = (Reason("a", "", "A", 31, (7,)), Reason("b", "", "B", 16, (7,)))
    told = figures(
        overview_of(health_of(read_until=ago(minutes=4)), reasons=reasons, finished=112, ended=114), hours, NOON
    )
    assert [(figure.value, figure.unit, figure.note) for figure in told] == [
        ("13,000", "", "65 set aside today"),
        ("47", "", "31 of them share one reason"),
        ("98.2", "%", "112 of 114 jobs"),
        ("4", "min", "Oldest: Contacts, 4 min"),
    ]


def test_the_chart_has_room_above_its_highest_bar():
    told = chart([HourCount(ago(hours=back), 15_400 if back == 1 else 0, 0) for back in range(23, -1, -1)])
    assert (told.ceiling, told.scale) == (20_000, ["20k", "15k", "10k", "5k", "0"])
    assert len(told.hours) == 24
    assert told.times[-1] == "Now"


@pytest.mark.parametrize("number", [0, 1, 3, 9, 99, 1_234, 47_000, 999_999])
def test_the_ceiling_is_round_and_never_too_low(number):
    ceiling = round_up(number)
    assert ceiling >= number
    assert ceiling % 4 == 0
