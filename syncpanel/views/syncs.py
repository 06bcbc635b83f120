"""Syncs: the list, one sync, and starting, switching on and off."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from integrations.models import Sync
from integrations.orchestrator import commands
from integrations.queries.jobs import JobFilter, list_jobs
from integrations.queries.syncs import list_syncs, show_sync
from syncpanel.access import needs
from syncpanel.views.job_actions import asked
from syncpanel.views.rendering import render_page
from syncpanel.words.code import coloured
from syncpanel.words.jobs import row_of
from syncpanel.words.reasons import shares
from syncpanel.words.syncs import look, sentence

RECENT = 10


@require_GET
def sync_list(request: HttpRequest) -> HttpResponse:
    """Every sync with its health."""
    words = request.GET.get("q", "").strip()[:100]
    page = list_syncs(after=request.GET.get("after", ""), words=words)
    rows = [(health, look(health)) for health in page.rows]
    return render_page(request, "syncs/list.html", context={"page": page, "rows": rows, "words": words})


@require_GET
def sync_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One sync: what it does, its jobs, the people to fix, its settings and its mapping."""
    now = timezone.now()
    try:
        detail = show_sync(pk, now)
    except Sync.DoesNotExist as exc:
        raise Http404 from exc
    health = detail.health
    published = health.sync.mapping.published
    context = {
        "detail": detail,
        "health": health,
        "sync": health.sync,
        "look": look(health),
        "sentence": sentence(health.sync, health.source, health.destination),
        "rows": [row_of(row, now) for row in list_jobs(JobFilter(sync=pk)).rows[:RECENT]],
        "reasons": shares(detail.reasons),
        "version": published,
        "code": coloured(published.code) if published else "",
    }
    return render_page(request, "syncs/detail.html", context=context)


@require_POST
@needs("integrations.operate_job")
def sync_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a job now; leads to it. While one is active the answer says so."""
    started: list[int] = []

    def start() -> None:
        started.append(commands.start_job(pk, actor=request.user.get_username()).pk)

    try:
        asked(request, start, "Started.")
    except Sync.DoesNotExist as exc:
        raise Http404 from exc
    return redirect("job-detail", started[0]) if started else redirect("sync-detail", pk)


@require_POST
@needs("integrations.operate_job")
def sync_enable(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch the schedule on."""
    return _switch(request, pk, enabled=True)


@require_POST
@needs("integrations.operate_job")
def sync_disable(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch the schedule off; a job under way goes on."""
    return _switch(request, pk, enabled=False)


def _switch(request: HttpRequest, pk: int, *, enabled: bool) -> HttpResponse:
    said = "Switched on. It starts on schedule again." if enabled else "Switched off. It starts only by hand now."
    actor = request.user.get_username()
    try:
        asked(request, lambda: commands.set_enabled(pk, enabled=enabled, actor=actor), said)
    except Sync.DoesNotExist as exc:
        raise Http404 from exc
    return redirect("sync-detail", pk)
