"""Who did what, and when: the events of the engine and of people."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from integrations.queries.activity import ENGINE, SUBJECTS, ActivityFilter, list_activity
from syncpanel.views.rendering import render_page


@require_GET
def activity_list(request: HttpRequest) -> HttpResponse:
    """Newest first, filtered by what it is about and by person, both in the address."""
    asked = ActivityFilter(
        subject=request.GET.get("about", "") if request.GET.get("about") in SUBJECTS else "",
        actor=request.GET.get("by", ""),
        before=_number(request.GET.get("before", "")),
    )
    people = {user.username: user.get_full_name() or user.username for user in User.objects.order_by("username")}
    context = {
        "asked": asked,
        "page": list_activity(asked),
        "people": people,
        "subjects": SUBJECTS,
        "engine": ENGINE,
        "today": timezone.localdate(),
    }
    return render_page(request, "activity/list.html", part="activity/_list.html", context=context)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None
