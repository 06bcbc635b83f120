"""Input nobody wishes for, through whole jobs over real HTTP: a reason in words, its code, nothing lost, and on it goes
once it is mended.

Elsewhere: HTML, half a JSON, an empty 200, a result missing, a field that is gone before uploading, a dead sign-in, every
status (`test_platform_faults`); a full disk, a database that is away (`test_outages`); two people who press Resume, Resume
on a running job, a schedule while a job is active (`test_wishes`); mapping code (`test_bad_mappings`).
"""

from collections.abc import Callable, Iterator

import pytest

from integrations import demo
from integrations.enums import ConnectionState, FailureStatus, Stage, Status
from integrations.models import Connection, FailedRecord, MappingVersion, Sync, SyncJob
from integrations.orchestrator.commands import cancel_job, release_job, resume_job, start_job
from integrations.orchestrator.connections import save_connection
from integrations.orchestrator.repairs import retry_records
from integrations.sandbox.hubspot.credentials import READ_ONLY_TOKEN, TOKEN
from integrations.sandbox.salesforce.credentials import CLIENT_SECRET
from tests.factories import make_connection, make_mapping, make_sync
from tests.faults.go_between import GoBetween, Told, tell_the_truth
from tests.faults.platforms import LIST, Platforms
from tests.faults.proof import (
    is_a_sentence,
    prove,
    prove_arrived,
    prove_at_rest,
    prove_discreet,
    prove_finished,
    prove_sums,
)
from tests.faults.slices import SMALL, work_on
from tests.faults.stand import free_port

pytestmark = pytest.mark.usefixtures("discreet")


@pytest.fixture
def discreet(sync: Sync, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Afterwards no secret is told anywhere."""
    yield
    prove_discreet(caplog.text)


@pytest.fixture
def between(platforms: Platforms) -> Iterator[GoBetween]:
    """What stands between the engine and the sandbox."""
    between = GoBetween(platforms.url)
    yield between
    between.close()


@pytest.fixture
def misled(sync: Sync, between: GoBetween) -> Sync:
    """The sync, through the go-between."""
    for connection in Connection.objects.all():
        connection.settings = {**connection.settings, "base_url": between.url}
        connection.save()
    return sync


def see_it_stop(job: SyncJob, code: str, platform: str, stage: Stage) -> SyncJob:
    """With this reason, in words, and with all that it has."""
    job = work_on(job)
    assert (job.status, job.reason_code, job.stage) == (Status.STUCK, code, stage), job.reason
    assert is_a_sentence(job.reason, platform), job.reason
    prove_sums(job)
    prove_at_rest()
    return job


def go_on(job: SyncJob) -> SyncJob:
    resume_job(job.pk, "dana")
    return work_on(job)


# signing in

CREDENTIALS: dict[str, tuple[str, Stage, dict[str, str], dict[str, str], str]] = {
    "a token that is not HubSpot's": (
        "hubspot",
        Stage.FETCHING,
        {},
        {"access_token": "pat-na1-another"},
        "HubSpot stopped accepting our sign-in. Connect it again.",
    ),
    "no token": ("hubspot", Stage.FETCHING, {}, {}, "The access token is missing. Enter it in the connection."),
    "half a token with a line break": (
        "hubspot",
        Stage.FETCHING,
        {},
        {"access_token": "pat-na1\n-another"},
        "The access token holds characters it cannot have. Paste it again.",
    ),
    "a wrong secret": (
        "salesforce",
        Stage.VALIDATING,
        {},
        {"client_secret": "another"},
        "Salesforce does not accept this consumer key and secret.",
    ),
    "a wrong key": (
        "salesforce",
        Stage.VALIDATING,
        {"client_id": "another"},
        {"client_secret": CLIENT_SECRET},
        "Salesforce does not know this consumer key.",
    ),
    "no secret": (
        "salesforce",
        Stage.VALIDATING,
        {},
        {},
        "The consumer secret is missing. Enter it in the connection.",
    ),
}


@pytest.mark.parametrize("name", CREDENTIALS)
def test_credentials_that_do_not_work_stop_the_job_until_they_are_entered_anew(
    name: str, sync: Sync, platforms: Platforms
) -> None:
    platform, stage, settings, secrets, words = CREDENTIALS[name]
    connection = Connection.objects.get(platform=platform)
    right = (connection.settings, connection.secrets)
    connection.settings, connection.secrets = {**right[0], **settings}, secrets
    connection.save()
    job = work_on(start_job(sync.pk))
    assert (job.status, job.reason_code, job.stage, job.reason) == (Status.STUCK, "sign_in", stage, words)
    connection.refresh_from_db()
    assert (connection.state, connection.state_message) == (ConnectionState.SIGN_IN_NEEDED, words)
    prove_sums(job)
    enter(connection, *right)
    prove(platforms, [go_on(job)], contacts=SMALL)
    connection.refresh_from_db()
    assert connection.state == ConnectionState.OK


def enter(connection: Connection, settings: dict[str, str], secrets: dict[str, str]) -> None:
    """As a person does in the connection's form."""
    save_connection(
        connection,
        name=connection.name,
        platform=connection.platform,
        method=connection.method,
        settings=settings,
        secrets=secrets,
        actor="dana",
        tier=demo.UNLIMITED,
    )


@pytest.mark.parametrize(("platform", "stage"), [("HubSpot", Stage.FETCHING), ("Salesforce", Stage.VALIDATING)])
def test_an_address_where_nobody_answers_stops_the_job_until_it_is_corrected(
    platform: str, stage: Stage, sync: Sync, platforms: Platforms
) -> None:
    connection = Connection.objects.get(platform=platform.lower())
    right = connection.settings
    enter(connection, {**right, "base_url": f"http://127.0.0.1:{free_port()}"}, {})
    job = see_it_stop(start_job(sync.pk), "unreachable", platform, stage)
    enter(connection, right, {})
    prove(platforms, [go_on(job)], contacts=SMALL)


def test_a_missing_right_stops_the_job_until_it_is_granted(sync: Sync, platforms: Platforms) -> None:
    settings = {"base_url": platforms.url}
    reading = make_connection(secrets={"access_token": READ_ONLY_TOKEN}, settings=settings, tier="unlimited")
    mapping = make_mapping("def map_record(record):\n    return {'email': record['email'], 'city': 'Oslo'}\n")
    copying = make_sync(
        source=sync.source,
        destination=reading,
        destination_object="contacts",
        destination_key="email",
        mapping=mapping,
    )
    job = see_it_stop(start_job(copying.pk), "permission", "HubSpot", Stage.UPLOADING)
    assert "the scope crm.objects.contacts.write is missing" in job.reason
    enter(reading, settings, {"access_token": TOKEN})
    job = go_on(job)
    prove_finished(job)
    prove_at_rest()
    assert job.updated == job.sent > 0


# pages


def test_a_cursor_that_does_not_move_stops_the_job_and_no_page_is_read_twice(
    misled: Sync, between: GoBetween, platforms: Platforms
) -> None:
    def stand_still(told: Told) -> None:
        if told.path.endswith(LIST + "/contacts") and told.query("after"):
            body = told.json()
            body["paging"]["next"]["after"] = told.query("after")
            told.say(body)

    between.lie = stand_still
    job = see_it_stop(start_job(misled.pk), "cursor_stuck", "HubSpot", Stage.FETCHING)
    between.lie = tell_the_truth
    prove(platforms, [go_on(job)], contacts=SMALL)


def test_pages_that_come_round_again_stop_the_job_and_nobody_is_sent_twice(
    misled: Sync, between: GoBetween, platforms: Platforms
) -> None:
    pages: dict[str, bytes] = {}

    def go_round(told: Told) -> None:
        """The fourth page is the second again."""
        if told.path.endswith(LIST + "/contacts"):
            pages.setdefault(told.query("after"), told.body)
            if list(pages).index(told.query("after")) == 3:
                told.body = list(pages.values())[1]

    platforms.http.post("/_control/reset", json={"contacts": 500}).raise_for_status()
    between.lie = go_round
    job = see_it_stop(start_job(misled.pk), "page_repeated", "HubSpot", Stage.FETCHING)
    between.lie = tell_the_truth
    job = go_on(job)
    prove_finished(job)
    prove_at_rest()
    prove_arrived(platforms, 500, {misled.pk})
    assert platforms.summary()["keys_written_more"] == 0
    assert (job.created, job.updated) == (platforms.summary()["stored"], 0)


# records


def spoil_records(told: Told) -> None:
    """On the last page: three that are no records, two that lack something, and one of five megabytes."""
    if told.path.endswith(LIST + "/contacts") and "paging" not in (body := told.json()):
        rows = body["results"]
        rows[10]["properties"]["company"] = "x" * 5_000_000
        del rows[11]["properties"], rows[12]["id"]
        rows[20:20] = ["not a record", None, [1, 2, 3]]
        told.say(body)


def test_what_is_not_a_usable_record_is_held_and_everybody_else_arrives(
    misled: Sync, between: GoBetween, platforms: Platforms
) -> None:
    between.lie = spoil_records
    first = work_on(start_job(misled.pk))
    prove_finished(first)
    prove_at_rest()
    held = FailedRecord.objects.filter(job=first, code="malformed_record")
    assert (first.status, first.fetched, first.failures_open, held.count()) == (Status.PARTIAL, SMALL + 3, 6, 6)
    assert {is_a_sentence(row.message, "HubSpot") for row in held} == {True}
    assert max(len(row.technical) for row in held) == 20_000, "of five megabytes the beginning is kept"
    before = set(held.values_list("code", "message", "technical"))
    assert retry_records(held.values_list("pk", flat=True), "dana") == 6
    first = work_on(first)
    assert first.failures_open == 6
    assert set(held.values_list("code", "message", "technical")) == before, "nothing better was received"
    between.lie = tell_the_truth
    second = work_on(start_job(misled.pk))
    prove_finished(second)
    prove_at_rest()
    prove_arrived(platforms, SMALL, {misled.pk})
    assert held.filter(status=FailureStatus.SUPERSEDED).count() == 2, "those of whom we know who they are"


# fields


def retry_all(job: SyncJob) -> SyncJob:
    release_job(job.pk, "dana")
    job = work_on(job)
    retry_records(FailedRecord.objects.open().filter(job=job).values_list("pk", flat=True), "dana")
    return work_on(job)


def start_anew(job: SyncJob) -> SyncJob:
    cancel_job(job.pk, "dana")
    return work_on(start_job(job.sync_id))


def test_a_field_to_read_that_there_is_not_stops_the_job_before_it_empties_anything(
    sync: Sync, platforms: Platforms
) -> None:
    """HubSpot passes over what it does not know: for everybody the field would be empty."""
    version = sync.mapping.published
    sync.mapping.published = MappingVersion.objects.create(
        mapping=sync.mapping, number=2, code=version.code, source_fields=[*version.source_fields, "job_titel"]
    )
    sync.mapping.save()
    job = see_it_stop(start_job(sync.pk), "schema_changed", "HubSpot", Stage.FETCHING)
    assert job.reason == "job_titel does not exist in HubSpot, or our sign-in may not see it. Look at the mapping."
    sync.mapping.published = version
    sync.mapping.save()
    prove(platforms, [start_anew(job)], contacts=SMALL)


@pytest.mark.parametrize("mend", [retry_all, start_anew])
def test_a_field_there_is_not_holds_the_records_until_it_is_made(
    mend: Callable[[SyncJob], SyncJob], misled: Sync, between: GoBetween, platforms: Platforms
) -> None:
    def hide_title(told: Told) -> None:
        if told.path.endswith("/Lead/describe"):
            body = told.json()
            body["fields"] = [field for field in body["fields"] if field["name"] != "Title"]
            told.say(body)

    between.lie = hide_title
    job = work_on(start_job(misled.pk))
    assert (job.status, job.stage, job.reason_code) == (Status.WAITING, Stage.APPROVING, "held_for_release")
    assert job.reason == f"{SMALL} of {SMALL} cannot be sent (100 %); at most 50 % are usual."
    held = FailedRecord.objects.filter(job=job, code="unknown_field")
    assert set(held.values_list("title", "message")) == {
        ("Title does not exist in Salesforce", "Salesforce has no field called Title.")
    }
    assert platforms.writes() == 0
    prove_sums(job)
    between.lie = tell_the_truth
    prove(platforms, [mend(job)], contacts=SMALL)
