"""Whole jobs to the simulated Segment: whatever happens on the way, it counts everybody and every event once."""

from typing import Any

import pytest

from integrations.enums import BatchStatus, Status
from integrations.models import Batch, Connection, FailedRecord, MappingVersion, Sync, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.connections import save_connection
from integrations.orchestrator.runner import work_slice
from tests.factories import make_mapping
from tests.faults.proof import prove_finished
from tests.faults.slices import pass_time, work_on
from tests.integrations.adapters.conftest import CONTACTS

PERSON = """
def map_record(record):
    return {"email": record["email"], "firstName": record["firstname"], "title": record["jobtitle"], "tier": "gold"}
"""
EVENT = """
def map_record(record):
    if not record["email"]:
        return skip("No address")
    return {"eventId": "added-" + record["id"], "event": "Contact Added", "email": record["email"]}
"""
FIELDS = ["email", "firstname", "jobtitle"]


@pytest.fixture
def sync(committed_db: str, sandbox: Any):
    """From the simulated HubSpot to the simulated Segment."""
    known = sandbox.server.credentials()

    def make(object_name: str = "users", code: str = PERSON, key: str = "email", **values: Any) -> Sync:
        mapping = make_mapping(code)
        mapping.destination_platform, mapping.destination_object = "segment", object_name
        mapping.published = MappingVersion.objects.create(mapping=mapping, number=2, code=code, source_fields=FIELDS)
        mapping.save()
        ends = [
            ("hubspot", "token", {"access_token": known["hubspot"]["access_token"]}, {}),
            ("segment", "write_key", {"write_key": known["segment"]["write_key"]}, {"timeout": "0.5"}),
        ]
        source, destination = (
            save_connection(
                None,
                name=f"{platform} {object_name}",
                platform=platform,
                method=method,
                settings={"base_url": sandbox.server.url, **more},
                secrets=secrets,
                actor="",
                tier="unlimited",
            )
            for platform, method, secrets, more in ends
        )
        return Sync.objects.create(
            name=object_name,
            source=source,
            source_object="contacts",
            destination=destination,
            destination_object=object_name,
            destination_key=key,
            mapping=mapping,
            **values,
        )

    return make


def segment_of(sandbox: Any, name: str) -> dict[str, int]:
    found: dict[str, int] = sandbox.ask("GET", f"/segment/{name}/summary")
    return found


def prove_once(job: SyncJob, sandbox: Any, name: str) -> None:
    """Everybody who could be sent is there, once, and nobody was lost without a word."""
    prove_finished(job)
    told = segment_of(sandbox, name)
    assert job.sent - job.rejected == told["keys_written_once"] == told["writes"] > CONTACTS * 0.9
    assert (told["keys_written_more"], told["lost"], job.rejected) == (0, 0, 0)


def test_everybody_arrives_once_with_traits_nobody_had_heard_of(sync, sandbox) -> None:
    job = work_on(start_job(sync().pk))
    prove_once(job, sandbox, "users")
    assert (job.created, job.updated) == (0, job.sent)
    assert set(FailedRecord.objects.filter(job=job).values_list("code", flat=True)) <= {"invalid_email", "missing_key"}
    (first,) = sandbox.ask("GET", "/segment/users/records?limit=1")["records"]
    assert first["traits"]["tier"] == "gold" and first["ids"]["anonymous_id"]


def test_who_did_not_change_is_not_sent_again(sync, sandbox) -> None:
    contacts = sync()
    first = work_on(start_job(contacts.pk))
    second = work_on(start_job(contacts.pk))
    assert (second.sent, second.unchanged) == (0, first.sent)
    assert segment_of(sandbox, "users")["writes"] == first.sent


LOST_ANSWERS = [
    pytest.param({"kind": "hang"}, id="timed-out"),
    pytest.param({"kind": "reset"}, id="broken-off"),
    pytest.param({"kind": "status", "status": 502}, id="gateway-error"),
    pytest.param({"kind": "half_json"}, id="half-an-answer"),
]


@pytest.mark.parametrize("fault", LOST_ANSWERS)
@pytest.mark.parametrize(
    ("name", "more"),
    [("users", {}), ("events", {"code": EVENT, "key": "eventId", "write_mode": "create"})],
    ids=["users", "events-that-are-only-added"],
)
def test_a_call_whose_answer_was_lost_is_made_again_and_counts_once(sync, sandbox, fault, name, more) -> None:
    wanted = sync(name, batch_size=200, **more)
    sandbox.fault(platform="segment", route="/v1/batch", when="after", times=2, **fault)
    job = work_on(start_job(wanted.pk))
    prove_once(job, sandbox, name)
    assert segment_of(sandbox, name)["repeated"] >= 200
    assert Batch.objects.filter(job=job, status=BatchStatus.SPLIT).exists() is (fault["kind"] == "hang")


def test_events_that_an_earlier_worker_left_on_their_way_are_sent_again_and_count_once(sync, sandbox) -> None:
    wanted = sync("events", EVENT, "eventId", write_mode="create")
    sandbox.fault(platform="segment", route="/v1/batch", kind="reset", when="after")
    job = start_job(wanted.pk)
    work_slice(job.pk)
    sandbox.mend()
    assert segment_of(sandbox, "events")["writes"] > 0
    Batch.objects.filter(job=job, status=BatchStatus.PENDING).update(status=BatchStatus.SENDING, token=0)
    pass_time(pk=job.pk)
    prove_once(work_on(job), sandbox, "events")


def test_an_event_is_added_once_and_not_again_when_its_record_changes(sync, sandbox) -> None:
    wanted = sync("events", EVENT, "eventId", write_mode="create")
    first = work_on(start_job(wanted.pk))
    sandbox.ask("POST", "/hubspot/contacts/touch", {"count": 5, "properties": {"jobtitle": "Queen"}})
    second = work_on(start_job(wanted.pk))
    assert (first.created, second.sent) == (first.sent, 0)
    assert segment_of(sandbox, "events")["writes"] == first.sent


def test_somebody_who_changed_back_within_a_day_is_told_again(sync, sandbox) -> None:
    contacts = sync()
    contacts.destination.settings["timeout"] = "30"  # a call that is made again repeats what it told
    contacts.destination.save()
    work_on(start_job(contacts.pk))
    before = sandbox.ask("GET", "/hubspot/contacts/records?limit=1")["records"][0]
    for title in ("Queen", before["jobtitle"]):
        sandbox.ask("POST", "/hubspot/contacts/touch", {"ids": [before["id"]], "properties": {"jobtitle": title or ""}})
        assert work_on(start_job(contacts.pk)).sent == 1
    (now,) = [
        record
        for record in sandbox.ask("GET", "/segment/users/records?limit=1000")["records"]
        if record["traits"]["email"] == before["email"]
    ]
    assert now["traits"].get("title") == before["jobtitle"]
    assert segment_of(sandbox, "users")["repeated"] == 0


def test_a_wrong_key_is_green_and_the_bin_tells_why_the_test_of_a_connection_says_so(sync, sandbox) -> None:
    contacts = sync()
    there = Connection.objects.get(pk=contacts.destination_id)
    there.secrets = {"write_key": "wrong"}
    there.save()
    job = work_on(start_job(contacts.pk))
    assert job.status in (Status.SUCCEEDED, Status.PARTIAL)
    assert segment_of(sandbox, "lost") == {"unknown_write_key": job.sent}
