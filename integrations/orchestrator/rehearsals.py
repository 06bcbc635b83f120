"""A rehearsal: a draft run over all that one job fetched, beside the published version. Nothing is sent."""

import time
from contextlib import ExitStack
from typing import Any

import orjson

from integrations.adapters.registry import capabilities
from integrations.enums import Kind, MappingTaskKind
from integrations.exceptions import RefusedTransitionError
from integrations.mappings.checks import source_fields
from integrations.mappings.rehearsal import Comparison, outcomes
from integrations.mappings.runner import MappingRunner
from integrations.mappings.validation import Validator, compile_validator
from integrations.models import MappingTask, SourcePage, SyncJob
from integrations.models.blobs import unpack, unpack_bytes
from integrations.orchestrator.drafts import open_draft
from integrations.orchestrator.events import append
from integrations.orchestrator.mapping_tasks import TaskHold, start_task
from integrations.orchestrator.schemas import known

SLICE_SECONDS = 20.0


def start_rehearsal(mapping_id: int, job_id: int, actor: str) -> MappingTask:
    """Ask for a rehearsal of the draft as it is now over a job's records. Refused when they are no longer kept."""
    job = SyncJob.objects.select_related("sync").filter(pk=job_id, sync__mapping=mapping_id).first()
    draft = open_draft(mapping_id, actor)
    if job is None or not SourcePage.objects.filter(job=job).exists():
        raise RefusedTransitionError("The records of this job are no longer kept. Choose a later job.")
    if draft.mapping.published is None:
        raise RefusedTransitionError("There is no published version to compare with yet.")
    if not draft.code.strip():
        raise RefusedTransitionError("There is no code to rehearse yet.")
    request = {
        "job": job_id,
        "revision": draft.revision,
        "code": draft.code,
        "version": draft.mapping.published.number,
        "published_code": draft.mapping.published.code,
    }
    return start_task(mapping_id, MappingTaskKind.REHEARSE, request, actor)


def run_rehearsal(hold: TaskHold) -> dict[str, Any]:
    """{"comparison": …, "pages": number done, "not_fetched": fields the draft reads and that job did not fetch}."""
    request, started = hold.task.request, time.monotonic()
    job = SyncJob.objects.select_related("sync__destination", "mapping_version").get(pk=request["job"])
    so_far = unpack(hold.task.result) or {}
    comparison = Comparison.load(so_far.get("comparison") or Comparison().dump())
    pages = int(so_far.get("pages", 0))
    validate = _validator(job)
    with ExitStack() as stack:
        old, new = (stack.enter_context(MappingRunner(request[code])) for code in ("published_code", "code"))
        while (page := SourcePage.objects.filter(job=job, number__gte=pages).order_by("number").first()) is not None:
            _compare_page(comparison, unpack_bytes(page.records), old, new, validate)
            pages = page.number + 1
            hold.tell(f"{comparison.records:,} of {job.fetched:,} rehearsed", comparison.records, job.fetched)
            if time.monotonic() - started > SLICE_SECONDS:
                hold.put_back({"pages": pages, "comparison": comparison.dump()})
    return {"pages": pages, "comparison": comparison.dump(), "not_fetched": _not_fetched(job, request["code"])}


def keep_rehearsal(task: MappingTask, result: dict[str, Any]) -> None:
    """The activity log says that somebody looked before publishing, and how much would change."""
    told = result["comparison"]
    counted = {name: told[name] for name in ("records", "changed", "newly_held", "newly_left_out")}
    append(task.mapping.stream, Kind.MAPPING_REHEARSED, {"job": task.request["job"], **counted}, task.actor)


def _compare_page(
    comparison: Comparison, records_json: bytes, old: MappingRunner, new: MappingRunner, validate: Validator
) -> None:
    records = orjson.loads(records_json)
    before = outcomes(old.map_batch(records_json), validate)
    after = outcomes(new.map_batch(records_json), validate)
    for record, one, other in zip(records, before, after, strict=True):
        comparison.add(record, one, other)


def _validator(job: SyncJob) -> Validator:
    sync = job.sync
    schema = known(sync.destination, sync.destination_object)
    if schema is None:
        raise RefusedTransitionError("The destination's fields were never read. Fetch people to try it on first.")
    label = capabilities(sync.destination.platform).label
    return compile_validator(schema, sync.destination_key, sync.write_mode, platform_label=label)


def _not_fetched(job: SyncJob, code: str) -> list[str]:
    """A job fetches only what its own version reads; what a draft reads beside that counts as empty here."""
    fetched = job.mapping_version.source_fields
    return sorted(set(source_fields(code) or ()) - {*fetched, "id"}) if fetched else []
