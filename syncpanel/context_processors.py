"""What every page needs."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from integrations.queries.duplicates import count_undecided
from integrations.queries.navigation import count_to_fix
from syncpanel import navigation

THEMES = {"light", "dark"}


def panel(request: HttpRequest) -> dict[str, object]:
    """Demo mode, the theme chosen in this browser, and the navigation. Parts of pages never ask for the counts."""
    match = request.resolver_match
    theme = request.COOKIES.get("theme", "")
    return {
        "is_demo": settings.DEMO,
        "is_open_demo": settings.IS_OPEN_DEMO,
        "theme": theme if theme in THEMES else "",
        "navigation": SimpleLazyObject(navigation.groups),
        "subject": navigation.subject_of(match.url_name or "") if match else "",
        "count_to_fix": SimpleLazyObject(count_to_fix),
        "count_to_decide": SimpleLazyObject(count_undecided),
    }
