"""The first page: is everything all right, and what do I do first?"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from integrations.queries.connections import how_many
from integrations.queries.limits import daily_limits
from integrations.queries.overview import hours, page_version
from integrations.queries.overview import overview as read_overview
from syncpanel.views.rendering import is_unchanged, render_page, unchanged
from syncpanel.words.overview import chart, figures, greeting, needs, running, summary
from syncpanel.words.syncs import look

SHOWN_SYNCS = 12


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The whole page; htmx gets its live part."""
    context = overview_context(request)
    return render_page(request, "overview/overview.html", part="overview/_live.html", context=context)


@require_GET
def overview_live(request: HttpRequest) -> HttpResponse:
    """The live part: 204 after three queries while nothing has happened anywhere."""
    if "v" in request.GET and is_unchanged(request, page_version(timezone.now())):
        return unchanged()
    return overview(request)


def overview_context(request: HttpRequest) -> dict[str, Any]:
    """Everything the page says."""
    now = timezone.now()
    found, by_hour = read_overview(now), hours(now)
    looks = sorted(((health, look(health)) for health in found.syncs), key=lambda pair: URGENCY.get(pair[1].state, 9))
    wanted = needs(found, now)
    return {
        "overview": found,
        "connected": 0 if found.syncs else how_many(),
        "greeting": greeting(now, request.user.first_name),
        "summary": summary(found),
        "needs": wanted,
        "running": running(found),
        "figures": figures(found, by_hour, now),
        "looks": looks[:SHOWN_SYNCS],
        "chart": chart(by_hour),
        "limits": daily_limits(now),
        "said": f"{len(wanted)} things need you" if wanted else "Nothing needs you",
    }


URGENCY = {"failed": 0, "warn": 1, "waiting": 2, "running": 3, "paused": 4, "idle": 5, "ok": 6}
