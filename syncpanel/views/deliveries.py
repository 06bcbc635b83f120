"""Incoming events: who can call on the left, what came in the middle, one event right."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from integrations.enums import DeliveryStatus
from integrations.models import WebhookDelivery
from integrations.queries.deliveries import DeliveryFilter, DeliveryPage, list_deliveries, show_delivery
from integrations.queries.incoming import Source, address_of, find_quiet, sources
from syncpanel.hooks import PREFIX, public_base
from syncpanel.views.numbers import number_in
from syncpanel.views.rendering import is_unchanged, render_page, unchanged, wants_part
from syncpanel.words.bodies import readable
from syncpanel.words.incoming import PROOFS, STATUSES, jobs_in, quiet_note, row_words, source_line

HIDDEN = "••••••••••••"


def filter_from(query: Mapping[str, str]) -> DeliveryFilter:
    """What a URL asks for; nonsense in it asks for nothing."""
    status = query.get("status", "")
    return DeliveryFilter(
        connection=number_in(query, "source"),
        status=status if status in DeliveryStatus.values else "",
        job=number_in(query, "job"),
        words=query.get("q", "").strip()[:120],
    )


@require_GET
def delivery_list(request: HttpRequest) -> HttpResponse:
    """The workspace; htmx may ask for one of its parts alone."""
    part = PARTS.get(request.htmx.target or "") if wants_part(request) else None
    if part is not None:
        template, make = part
        context = make(request)
        if is_unchanged(request, context.get("version", "-")):
            return unchanged()
        return render_page(request, "", part=template, context=context)
    context = bench_context(request)
    response = render_page(request, "deliveries/list.html", part="deliveries/_bench.html", context=context)
    if wants_part(request):
        response["HX-Push-Url"] = request.get_full_path()
    return response


@require_GET
def delivery_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A short address for one event: it leads to its place in the list."""
    get_object_or_404(WebhookDelivery.objects.only("pk"), pk=pk)
    return redirect(f"{reverse('delivery-list')}?record={pk}")


def bench_context(request: HttpRequest) -> dict[str, Any]:
    """All three panes. Without an event asked for, the first of the list is shown beside it."""
    now, rows = timezone.now(), rows_context(request)
    record, page = number_in(request.GET, "record"), rows["page"]
    shown = record or (page.rows[0].delivery.pk if page.rows else None)
    panes = {**sources_context(request), **rows, "v_rows": rows["version"], "is_open": bool(record)}
    panes |= {"quiet": _quiet(rows["asked"], now), "statuses": STATUSES}
    chosen = next(
        (line.source for line in panes["lines"] if line.source.connection.pk == rows["asked"].connection), None
    )
    panes |= {"chosen": chosen, "address": address_for(request, chosen) if chosen else ""}
    return {**panes, **(drawer_context(request, shown) if shown else {})}


def _quiet(asked: DeliveryFilter, now: datetime) -> list[Any]:
    return [quiet_note(one, now) for one in find_quiet(now) if asked.connection in (None, one.connection_id)]


def address_for(request: HttpRequest, source: Source) -> str:
    """Where the platform calls; its secret part is for those who may change connections. Empty when there is none."""
    if source.address is None:
        return ""
    may_see = request.user.has_perm("integrations.change_connection")
    token = address_of(source.connection.pk) if may_see else HIDDEN
    return f"{public_base(request.META)}{PREFIX}{token}/"


def sources_context(request: HttpRequest) -> dict[str, Any]:
    """The left pane."""
    now, asked = timezone.now(), filter_from(request.GET)
    lines = [source_line(source, now) for source in sources(now)]
    shown = [
        (line.source.connection.pk, line.source.quarters, line.source.refused, line.state, str(line.when))
        for line in lines
    ]
    return {"asked": asked, "lines": lines, "version": _version(shown), "v_sources": _version(shown)}


def rows_context(request: HttpRequest) -> dict[str, Any]:
    """The table in the middle. It asks again by itself while it shows the newest and nothing in it can be ticked."""
    asked, before = filter_from(request.GET), number_in(request.GET, "before")
    page = list_deliveries(asked, before)
    can_act = request.user.has_perm("integrations.operate_job") and asked.status == DeliveryStatus.SET_ASIDE
    return {
        "asked": asked,
        "page": page,
        "rows": [row_words(row) for row in page.rows],
        "record": number_in(request.GET, "record"),
        "before": before,
        "can_act": can_act,
        "is_live": not before and not can_act,
        "version": _rows_version(page),
    }


def _rows_version(page: DeliveryPage) -> str:
    return _version(
        [
            (
                (row.delivery.pk, row.delivery.status, row.delivery.repeated, row.delivery.sent_again),
                [(job.pk, job.status, job.failures_open) for job in row.effect.jobs],
                row.effect.waits_for,
            )
            for row in page.rows
        ]
    )


def _version(shown: object) -> str:
    return blake2b(repr(shown).encode(), digest_size=8).hexdigest()


def drawer_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    """One event. What it said is people's data, so it is shown to those who may operate jobs."""
    try:
        detail = show_delivery(pk)
    except WebhookDelivery.DoesNotExist as exc:
        raise Http404 from exc
    may_read = request.user.has_perm("integrations.operate_job") and detail.body is not None
    kind = str(detail.delivery.headers.get("content-type", ""))
    state, status = STATUSES[detail.delivery.status]
    return {
        "asked": filter_from(request.GET),
        "detail": detail,
        "delivery": detail.delivery,
        "state": state,
        "status": status,
        "proof": PROOFS[detail.delivery.proof],
        "jobs": jobs_in([effect.jobs for _, effect in detail.changes]),
        "waits_for": sorted({one for _, effect in detail.changes for one in effect.waits_for}),
        "body": readable(detail.body or b"", kind) if may_read else None,
    }


def _drawer(request: HttpRequest) -> dict[str, Any]:
    return drawer_context(request, number_in(request.GET, "record") or 0)


PARTS = {
    "drawer": ("deliveries/_drawer.html", _drawer),
    "rows": ("deliveries/_rows.html", rows_context),
    "sources": ("deliveries/_sources.html", sources_context),
}
"""What htmx may ask for, by the id it puts it in."""
