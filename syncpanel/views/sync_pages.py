"""One sync: its jobs, the people to fix, its settings, and what was changed; on top, live, how it is."""

from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from integrations.enums import FailureStatus
from integrations.models import Sync
from integrations.queries.activity import ActivityFilter, list_activity
from integrations.queries.failures import FailureFilter, list_failures
from integrations.queries.incoming import has_address
from integrations.queries.jobs import JobFilter, list_jobs, past_jobs, usual_of
from integrations.queries.overview import Running, with_time_left
from integrations.queries.reasons import reasons
from integrations.queries.syncs import SyncHealth, show_sync
from integrations.queries.two_ways import Both, count_agreements, two_ways_of
from syncpanel.views.numbers import number_in
from syncpanel.views.rendering import is_unchanged, render_page, unchanged, wants_part
from syncpanel.words.code import coloured
from syncpanel.words.departures import may_do
from syncpanel.words.jobs import row_of
from syncpanel.words.overview import live
from syncpanel.words.reasons import shares
from syncpanel.words.syncs import conditions, guards, look, sentence, starts
from syncpanel.words.timing import next_times
from syncpanel.words.two_ways import agreed_words, equal_sentence, pair_rows, wins_words


@require_GET
def sync_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Its jobs: how long the last ones took, and all of them in a table."""
    context, now = _head(_found(pk)), timezone.now()
    if wants_part(request) and is_unchanged(request, context["version"]):
        return unchanged()
    past, page = past_jobs(pk, now), list_jobs(JobFilter(sync=pk, before=number_in(request.GET, "before")))
    context |= {"past": past, "usual": usual_of(past), "page": page, "rows": [row_of(row, now) for row in page.rows]}
    context["before"] = number_in(request.GET, "before")
    return render_page(request, "syncs/jobs.html", part="syncs/_jobs.html", context=context)


@require_GET
def sync_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The top of all its pages: 204 while nothing is new."""
    context = _head(_found(pk))
    if is_unchanged(request, context["version"]):
        return unchanged()
    return render_page(request, "syncs/_head.html", part="syncs/_head.html", context=context)


@require_GET
def sync_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who waits to be fixed, and why."""
    health = _found(pk)
    page = list_failures(FailureFilter(status=FailureStatus.OPEN, sync=pk), before=number_in(request.GET, "before"))
    context = {**_head(health), "page": page, "reasons": shares(reasons(sync=pk))}
    return render_page(request, "syncs/people.html", context=context)


@require_GET
def sync_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """From where, to where, when, how careful, and by which mapping."""
    health = _found(pk)
    published = health.sync.mapping.published
    context = {
        **_head(health),
        "guards": guards(health.sync),
        "times": next_times(health.sync, timezone.now()),
        "conditions": conditions(health.sync),
        "may_do": may_do(health.sync),
        **_both_ways(two_ways_of([pk]).get(pk)),
        "has_address": health.sync.on_webhook and has_address(health.sync.source_id),
        "mapping": published,
        "code": coloured(published.code) if published else "",
    }
    return render_page(request, "syncs/settings.html", context=context)


def _both_ways(both: Both | None) -> dict[str, Any]:
    """Of a two-way sync: its pairs of fields, who wins, and how many are known on both sides."""
    if both is None:
        return {}
    agreed = agreed_words(both, count_agreements(both.row.pk))
    return {"pairs": pair_rows(both), "wins": wins_words(both, both.row.wins), "agreed": agreed}


@require_GET
def sync_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed the sync, its mapping or one of its connections, and when."""
    health = _found(pk)
    sync = health.sync
    streams = (sync.stream, sync.mapping.stream, sync.source.stream, sync.destination.stream)
    page = list_activity(ActivityFilter(streams=streams, before=number_in(request.GET, "before")))
    names = User.objects.filter(username__in={line.actor for line in page.lines})
    people = {user.username: user.get_full_name() or user.username for user in names}
    return render_page(request, "syncs/changes.html", context={**_head(health), "page": page, "people": people})


def _found(pk: int) -> SyncHealth:
    try:
        return show_sync(pk)
    except Sync.DoesNotExist as exc:
        raise Http404 from exc


def _head(health: SyncHealth) -> dict[str, Any]:
    """What the top of every page says. `version` changes with all of it."""
    sync, job = health.sync, health.active
    running = with_time_left([(health, job)], timezone.now())[0] if job else None
    both = two_ways_of([sync.pk]).get(sync.pk)
    partner = show_sync(both.partner_of(sync.pk).pk) if both else None
    version = _version(health, running)
    return {
        "health": health,
        "sync": sync,
        "look": look(health),
        "both": both,
        "partner": partner,
        "partner_look": look(partner) if partner else None,
        "sentence": _sentence(health, both),
        "running": live(running) if running else None,
        "version": f"{version}.{_version(partner, None)}" if partner else version,
    }


def _sentence(health: SyncHealth, both: Both | None) -> str:
    if both is None:
        return sentence(health.sync, health.source, health.destination)
    return equal_sentence(both, starts(both.rightward))


def _version(health: SyncHealth, running: Running | None) -> str:
    sync, latest = health.sync, health.latest
    job = f"{running.job.pk}.{running.job.version}" if running else f"{latest.pk}.{latest.status}" if latest else ""
    return f"{job}.{health.to_fix}.{bool(health.late)}.{sync.is_enabled}.{sync.source.state}.{sync.destination.state}"
