"""People to try a mapping on, and whole jobs to rehearse it on, from the simulated source over real HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.enums import Kind, MappingTaskKind, MappingTaskStatus
from integrations.exceptions import RefusedTransitionError
from integrations.models import Event, Mapping, MappingSample, MappingTask, SourcePage, Sync, SyncJob
from integrations.models.blobs import unpack
from integrations.orchestrator import rehearsals
from integrations.orchestrator.drafts import open_draft, save_draft
from integrations.orchestrator.rehearsals import start_rehearsal
from integrations.orchestrator.samples import COUNT, add_made_up, fetch_samples, remove_sample
from integrations.orchestrator.schemas import known
from integrations.tasks import work_for_editor
from tests.factories import make_mapping

RunJob = Callable[..., SyncJob]


@pytest.fixture
def mapping(sync: Sync) -> Mapping:
    """The demo's mapping, looking at the demo's connections."""
    mapping = sync.mapping
    mapping.source_connection, mapping.destination_connection = sync.source, sync.destination
    mapping.save()
    return mapping


def work(task: MappingTask) -> MappingTask:
    work_for_editor(task.pk)
    task.refresh_from_db()
    return task


def ids() -> list[str]:
    return list(MappingSample.objects.values_list("source_id", flat=True))


def test_people_are_fetched_whole_and_chosen_to_differ(mapping: Mapping) -> None:
    task = work(fetch_samples(mapping.pk, "ann"))
    assert (task.status, task.reason) == (MappingTaskStatus.DONE, "")
    records = [unpack(sample.record) for sample in MappingSample.objects.all()]
    assert len(records) == COUNT
    assert len({str(sorted(record)) for record in records}) == 1
    assert any(not record["phone"] for record in records)
    assert any(record["phone"] for record in records)
    assert len(records[0]) > 20
    source = known(mapping.source_connection, "contacts")
    assert source is not None
    assert known(mapping.destination_connection, "Lead") is not None


def test_people_fetched_again_replace_those_before_but_not_those_a_person_picked_or_made_up(mapping: Mapping) -> None:
    work(fetch_samples(mapping.pk, "ann"))
    some = ids()[3]
    work(fetch_samples(mapping.pk, "ann", ids=[some, "99999999"]))
    made_up = add_made_up(mapping.pk, {"firstname": "Nobody"})
    task = work(fetch_samples(mapping.pk, "ann", count=5))
    assert task.status == MappingTaskStatus.DONE
    assert MappingSample.objects.get(source_id=some).is_picked or some in ids()
    assert made_up.source_id in ids()
    assert 6 <= len(ids()) <= 7


@pytest.mark.parametrize("picked", [False, True])
def test_people_are_kept_once_so_that_they_can_be_forgotten(mapping: Mapping, picked: bool) -> None:
    asked = work(fetch_samples(mapping.pk, "ann", count=3))
    if picked:
        asked = work(fetch_samples(mapping.pk, "ann", ids=[*ids()[:2], "99999999"]))
    assert unpack(asked.result) == {"records": [], "missing": ["99999999"] * picked, "picked": picked}
    assert len(ids()) == 3


def test_picked_people_that_do_not_exist_are_named(mapping: Mapping) -> None:
    task = work(fetch_samples(mapping.pk, "ann", ids=["99999999"]))
    assert unpack(task.result)["missing"] == ["99999999"]
    assert (task.status, task.reason) == (MappingTaskStatus.DONE, "HubSpot has nobody with this id: 99999999.")
    assert ids() == []


def test_of_many_people_that_do_not_exist_some_are_named(mapping: Mapping) -> None:
    task = work(fetch_samples(mapping.pk, "ann", ids=[str(99_999_000 + number) for number in range(8)]))
    assert task.reason.endswith("with these ids: 99999000, 99999001, 99999002, 99999003, 99999004 and 3 more.")


def test_a_source_that_does_not_sign_us_in_is_told_in_words(mapping: Mapping, sandbox: Any) -> None:
    sandbox.fault("hubspot", "*", "revoke")
    task = work(fetch_samples(mapping.pk, "ann"))
    assert task.status == MappingTaskStatus.FAILED
    assert task.reason_code == "sign_in"
    assert "HubSpot" in task.reason


def test_a_mapping_without_a_connection_to_look_at_says_so(committed_db: str) -> None:
    task = work(fetch_samples(make_mapping().pk, "ann"))
    assert "no destination connection" in task.reason or "no source connection" in task.reason


def test_made_up_people_are_numbered_and_can_be_left_out(mapping: Mapping) -> None:
    first, second = add_made_up(mapping.pk, {"a": "1"}), add_made_up(mapping.pk, {"a": "2"})
    assert (first.source_id, second.source_id) == ("made up 1", "made up 2")
    remove_sample(mapping.pk, first.pk)
    assert add_made_up(mapping.pk, {"a": "3"}).source_id == "made up 3"


def rehearse(mapping: Mapping, job: SyncJob, *changes: tuple[str, str]) -> dict[str, Any]:
    draft = open_draft(mapping.pk, "ann")
    code = draft.code
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    save_draft(mapping.pk, draft.revision, actor="ann", code=code)
    task = start_rehearsal(mapping.pk, job.pk, "ann")
    for _ in range(200):
        if work(task).status != MappingTaskStatus.QUEUED:
            break
    assert task.reason == ""
    return unpack(task.result)


def test_a_rehearsal_counts_what_a_draft_would_change_over_a_whole_job(
    mapping: Mapping, sync: Sync, run_job: RunJob, sandbox: Any
) -> None:
    job = run_job(sync)
    writes = sandbox.writes()
    found = rehearse(mapping, job, ('return "Marketing Site"', 'return "Web"'))
    told = found["comparison"]
    assert told["records"] == job.fetched
    assert told["fields"] == {"LeadSource": told["changed"]}
    assert 0 < told["changed"] < job.fetched
    assert told["same"] + told["changed"] == job.fetched
    assert sandbox.writes() == writes
    assert Event.objects.filter(stream=mapping.stream, kind=Kind.MAPPING_REHEARSED).count() == 1


def test_a_rehearsal_tells_who_would_newly_be_held_and_which_fields_were_not_fetched(
    mapping: Mapping, sync: Sync, run_job: RunJob
) -> None:
    job = run_job(sync)
    found = rehearse(mapping, job, ('record.get("jobtitle")', 'record.get("salutation") or record["numemployees"]'))
    told = found["comparison"]
    assert told["newly_held"] > 0
    assert told["samples"]["newly_held"][0]["problem"]
    assert found["not_fetched"] == ["numemployees", "salutation"]


def test_a_rehearsal_goes_on_slice_by_slice(
    mapping: Mapping, sync: Sync, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = run_job(sync)
    monkeypatch.setattr(rehearsals, "SLICE_SECONDS", 0.0)
    found = rehearse(mapping, job, ('"Other")', '"Others")'))
    assert found["comparison"]["records"] == job.fetched
    assert found["pages"] == job.pages


def test_a_job_whose_records_are_no_longer_kept_cannot_be_rehearsed(
    mapping: Mapping, sync: Sync, run_job: RunJob
) -> None:
    job = run_job(sync)
    SourcePage.objects.all().delete()
    with pytest.raises(RefusedTransitionError, match="no longer kept"):
        start_rehearsal(mapping.pk, job.pk, "ann")
    assert not MappingTask.objects.filter(kind=MappingTaskKind.REHEARSE).exists()
