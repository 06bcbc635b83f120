"""Syncs: the list, and starting, switching on and off. One sync's pages are in `sync_pages`."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from integrations.models import Sync
from integrations.orchestrator import commands
from integrations.queries.connections import platforms_in_use
from integrations.queries.overview import page_version
from integrations.queries.sync_list import BY_NAME, BY_PROBLEM, STATES, SyncFilter, list_syncs
from syncpanel.access import needs
from syncpanel.views.job_actions import asked
from syncpanel.views.rendering import is_unchanged, render_page, unchanged, wants_part
from syncpanel.words.syncs import STATE_WORDS, look

SORTS = {BY_PROBLEM: "Problems first", BY_NAME: "By name"}


def filter_from(request: HttpRequest) -> SyncFilter:
    """What the address asks for; nonsense in it asks for nothing."""
    state, sort = request.GET.get("state", ""), request.GET.get("sort", "")
    return SyncFilter(
        words=request.GET.get("q", "").strip()[:100],
        state=state if state in STATES else "",
        platform=request.GET.get("system", "")[:40],
        sort=sort if sort in SORTS else BY_PROBLEM,
        after=request.GET.get("after", ""),
    )


@require_GET
def sync_list(request: HttpRequest) -> HttpResponse:
    """Every sync with its health; the table asks again by itself, and gets 204 while nothing has happened anywhere."""
    version = page_version(timezone.now())
    if wants_part(request) and is_unchanged(request, version):
        return unchanged()
    wanted = filter_from(request)
    page = list_syncs(wanted)
    context: dict[str, Any] = {
        "asked": wanted,
        "page": page,
        "rows": [(health, look(health)) for health in page.rows],
        "version": version,
        "states": STATE_WORDS,
        "systems": platforms_in_use(),
        "sorts": SORTS,
        "here": _here(request),
    }
    part = "syncs/_table.html" if request.htmx.target == "syncs-table" else "syncs/_list.html"
    return render_page(request, "syncs/list.html", part=part, context=context)


def _here(request: HttpRequest) -> str:
    """The address of this list, without what only a poll asks for."""
    kept = request.GET.copy()
    kept.pop("v", None)
    return f"{reverse('sync-list')}?{kept.urlencode()}" if kept else reverse("sync-list")


@require_POST
@needs("integrations.operate_job")
def sync_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a job now, of a two-way sync in both directions; leads to it. While one is active the answer says so."""
    started: list[int] = []

    def start() -> None:
        started.append(commands.start_both(pk, request.user.get_username()).pk)

    _ask(request, start, "Started.")
    return redirect("job-detail", started[0]) if started else _back(request, pk)


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
    """Both directions of a two-way sync."""
    said = "Switched on. It starts on schedule again." if enabled else "Switched off. It starts only by hand now."
    actor = request.user.get_username()
    _ask(request, lambda: commands.set_enabled(pk, enabled=enabled, actor=actor), said)
    return _back(request, pk)


def _ask(request: HttpRequest, command: Callable[[], object], said: str) -> None:
    try:
        asked(request, command, said)
    except Sync.DoesNotExist as exc:
        raise Http404 from exc


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page that the button was on: the list says where it is, otherwise it was the sync's own."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back) if is_ours else redirect("sync-detail", pk)
