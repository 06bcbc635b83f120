"""Jobs: the list, the live page, everything that happened, and the batches with the exact calls."""

from typing import Any

from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from integrations.enums import Status, Trigger
from integrations.models import Batch, SyncJob
from integrations.queries.batches import calls_of, keys_in, list_batches, show_batch, took
from integrations.queries.causes import causes_of_job
from integrations.queries.ends import destination_of, source_of
from integrations.queries.jobs import (
    JobFilter,
    all_events,
    list_jobs,
    live_job,
    load_job,
    sync_names,
)
from syncpanel.access import needs
from syncpanel.polls import holds_newest
from syncpanel.templatetags.ui import status_state
from syncpanel.views.numbers import number_in
from syncpanel.views.rendering import render_page, unchanged
from syncpanel.words.cards import card
from syncpanel.words.departures import may_do, who_left
from syncpanel.words.facts import facts
from syncpanel.words.jobs import asked_by, cancel_question, job_name, ledger, milestone, progress, row_of, undecided
from syncpanel.words.reasons import shares
from syncpanel.words.ruler import ruler
from syncpanel.words.steps import steps
from syncpanel.words.timeline import Scene, timeline


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """All jobs, newest first; one sync's or one status's when asked."""
    status = request.GET.get("status", "")
    asked = JobFilter(
        sync=number_in(request.GET, "sync"),
        status=status if status in Status.values else "",
        before=number_in(request.GET, "before"),
    )
    page = list_jobs(asked)
    now = timezone.now()
    rows = [row_of(row, now) for row in page.rows]
    context = {"page": page, "rows": rows, "asked": asked, "syncs": sync_names(), "statuses": Status.choices}
    return render_page(request, "jobs/list.html", part="jobs/_table.html", context=context)


@require_GET
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One job, live."""
    context = live_context(request, pk)
    return render_page(request, "jobs/detail.html", part="jobs/_live.html", context=context)


@login_not_required  # only for the 204, which `holds_newest` gives to nobody who is not signed in
@require_GET
def job_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The live part of a job: 204 after one query while nothing is new."""
    if holds_newest(request, pk):
        return unchanged()
    answer: HttpResponse = login_required(job_detail)(request, pk)
    return answer


def found_job(pk: int) -> SyncJob:
    """The job, or our 404 page."""
    try:
        return load_job(pk)
    except SyncJob.DoesNotExist as exc:
        raise Http404 from exc


def live_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What the live page says."""
    job = found_job(pk)
    now, everything = timezone.now(), request.GET.get("events") == "all"
    live = live_job(job, now, everything=everything)
    went, became = ledger(job)
    noun = (live.source.one, live.source.many)
    return {
        "live": live,
        "job": job,
        "job_label": job_name(job),
        "noun": noun,
        "everything": everything,
        "said": milestone(job),
        "asked_by": asked_by(job),
        "cancel_question": cancel_question(job, noun, live.destination.label),
        "card": card(live),
        "progress": progress(job, live.source.many),
        "bar_state": "paused" if job.status == Status.STUCK else status_state(job.status),
        "steps": steps(live, now),
        "facts": facts(live, now),
        "ruler": ruler(live),
        "went": went,
        "became": became,
        "left": who_left(job, live.source),
        "may_do": may_do(job.sync),
        "undecided": undecided(job),
        "reasons": shares(live.reasons),
        "lines": timeline(Scene(job, live.source, live.destination), live.events),
        "causes": causes_of_job(job.pk) if job.trigger == Trigger.WEBHOOK else None,
    }


@require_GET
def job_events(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened to a job, page by page."""
    job = found_job(pk)
    events = all_events(job, before=number_in(request.GET, "before"))
    scene = Scene(job, source_of(job.sync), destination_of(job.sync))
    older = events[-1].version if events and events[-1].version > 1 else None
    context = {"job": job, "job_label": job_name(job), "lines": timeline(scene, events), "older": older}
    return render_page(request, "jobs/events.html", context=context)


@require_GET
def batch_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The batches of a job, newest first."""
    job = found_job(pk)
    page = list_batches(pk, before=number_in(request.GET, "before"))
    context = {"job": job, "job_label": job_name(job), "page": page, "source": source_of(job.sync)}
    return render_page(request, "jobs/batches.html", context=context)


@require_GET
@needs("integrations.operate_job")
def batch_detail(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One batch with the exact calls it was sent by: personal data, so it needs the right to operate jobs."""
    try:
        batch = show_batch(pk, number)
    except Batch.DoesNotExist as exc:
        raise Http404 from exc
    sync = batch.job.sync
    context = {
        "batch": batch,
        "job": batch.job,
        "job_label": job_name(batch.job),
        "batch_label": f"Batch {batch.number:,}",
        "calls": calls_of(batch),
        "keys": keys_in(batch),
        "took": took(batch),
        "source": source_of(sync),
        "destination": destination_of(sync),
    }
    return render_page(request, "jobs/batch.html", context=context)
