"""Mapping code that does harm, through whole jobs: only whom it fails for is held, and everybody arrives once it is mended.

What the sandbox allows and refuses is tested in `tests/integrations/mappings`.
"""

from importlib import resources

import pytest

from integrations import demo
from integrations.enums import FailureStatus, Stage, Status
from integrations.exceptions import RefusedTransitionError
from integrations.mappings.checks import source_fields
from integrations.models import FailedRecord, MappingVersion, Sync, SyncJob
from integrations.orchestrator.commands import resume_job, start_job, start_over
from integrations.orchestrator.repairs import retry_records
from tests.faults.platforms import Platforms
from tests.faults.proof import prove, prove_arrived, prove_at_rest, prove_finished, prove_sums
from tests.faults.slices import SMALL, work_on

GOOD = resources.files("integrations.mappings").joinpath("examples", demo.MAPPING).read_text()
START = '    email = clean_email(record.get("email"))\n'

HARM = {
    "raises": ("raise ValueError(record['email'])", "mapping_raised", "The mapping stops with an error: ValueError"),
    "looks for what is not there": ("{}['nobody']", "mapping_raised", "The mapping stops with an error: KeyError"),
    "returns text": ("return 'Ada'", "mapping_wrong_type", "The mapping returns text where it should return fields"),
    "returns a list": ("return [record]", "mapping_wrong_type", "The mapping returns a list where it should return"),
    "puts a function into a field": (
        "return {'Email': lead_source}",
        "mapping_bad_value",
        "The mapping puts a function into Email, which cannot be sent.",
    ),
    "loops": ("while True:\n            pass", "mapping_too_slow", "The mapping does not finish for this one."),
    "eats memory": (
        "return {'Email': 'x' * 500_000_000}",
        "mapping_too_big",
        "The mapping needs more memory than it may use.",
    ),
    "calls itself": ("return map_record(record)", "mapping_too_deep", "The mapping calls itself without an end."),
    "returns too much": (
        "return {'Email': 'x' * 2_000_000}",
        "mapping_output_too_large",
        "What the mapping returns for this one is too large.",
    ),
}


def harmful(harm: str, condition: str) -> str:
    """The example's code, which does harm to whom the condition holds for; as if every check had overlooked it."""
    code = GOOD.replace(START, f"    if {condition}:\n        {harm}\n{START}")
    assert code != GOOD
    return code


def publish(sync: Sync, code: str) -> None:
    mapping = sync.mapping
    mapping.published = MappingVersion.objects.create(
        mapping=mapping,
        number=mapping.versions.count() + 1,
        code=code,
        source_fields=sorted(set(source_fields(code) or []) - {"id"}),
    )
    mapping.save()


def some_people(platforms: Platforms, count: int = 3) -> list[str]:
    """Their ids in HubSpot."""
    answer = platforms.http.post("/_control/hubspot/contacts/touch", json={"count": count, "properties": {}})
    ids: list[str] = answer.raise_for_status().json()["ids"]
    return ids


def retry_all(job: SyncJob) -> SyncJob:
    retry_records(FailedRecord.objects.open().filter(job=job).values_list("pk", flat=True), "dana")
    return work_on(job)


def run_again(job: SyncJob) -> SyncJob:
    return work_on(start_job(job.sync_id))


@pytest.mark.parametrize("name", HARM)
def test_code_that_does_harm_to_some_holds_them_and_nobody_else(name: str, sync: Sync, platforms: Platforms) -> None:
    harm, code, words = HARM[name]
    ids = some_people(platforms)
    publish(sync, harmful(harm, f"record['id'] in ({', '.join(map(repr, ids))})"))
    job = work_on(start_job(sync.pk))
    prove_finished(job)
    prove_at_rest()
    assert (job.status, job.fetched, job.failures_open) == (Status.PARTIAL, SMALL, len(ids))
    held = FailedRecord.objects.filter(job=job)
    assert {(row.source_id, row.code, row.message[: len(words)]) for row in held} == {(one, code, words) for one in ids}
    assert not any("@" in row.message for row in held), "their values are not told"
    if name != "loops":  # for five seconds, once more
        job = retry_all(job)
        assert set(held.values_list("code", "status")) == {(code, FailureStatus.OPEN)}, "nothing has changed"
    publish(sync, GOOD)
    mend = run_again if harm.startswith("return") else retry_all
    prove_finished(mend(job))
    prove_at_rest()
    prove_arrived(platforms, SMALL, {sync.pk})
    job.refresh_from_db()
    assert (job.status, job.failures_open) == (Status.SUCCEEDED, 0)


def test_code_that_does_harm_to_everybody_stops_the_job_until_it_starts_over_with_better_code(
    sync: Sync, platforms: Platforms
) -> None:
    publish(sync, harmful(HARM["eats memory"][0], "True"))
    job = work_on(start_job(sync.pk))
    assert (job.status, job.reason_code, job.stage) == (Status.STUCK, "mapping_broken", Stage.MAPPING)
    assert job.reason == "The mapping code does not finish for record after record."
    prove_sums(job)
    prove_at_rest()
    publish(sync, GOOD)
    with pytest.raises(RefusedTransitionError, match="The mapping has changed since this job began"):
        resume_job(job.pk, "dana")
    prove(platforms, [work_on(start_over(job.pk, "dana"))], contacts=SMALL)


def test_code_that_does_not_load_stops_the_job(sync: Sync, platforms: Platforms) -> None:
    publish(sync, "LEADS = 1 / 0\n\n\ndef map_record(record):\n    return {}\n")
    job = work_on(start_job(sync.pk))
    assert (job.status, job.reason_code, job.stage) == (Status.STUCK, "mapping_broken", Stage.MAPPING)
    assert job.reason == "The mapping code cannot be loaded in line 1."
    publish(sync, GOOD)
    prove(platforms, [work_on(start_over(job.pk, "dana"))], contacts=SMALL)


def test_a_retry_does_not_use_new_code_that_reads_what_was_never_fetched(sync: Sync, platforms: Platforms) -> None:
    """Its fields would be emptied."""
    [one] = some_people(platforms, 1)
    publish(sync, harmful("raise ValueError", f"record['id'] == {one!r}"))
    job = work_on(start_job(sync.pk))
    publish(sync, GOOD.replace('record.get("jobtitle")', 'record.get("mobilephone")'))
    job = retry_all(job)
    assert (job.status, job.failures_open) == (Status.PARTIAL, 1)
