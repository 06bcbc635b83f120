"""One answer for both askers: a browser gets the page, htmx gets the part of it that it asked for."""

from collections.abc import Mapping
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers


def wants_part(request: HttpRequest) -> bool:
    """True when htmx asks for a part and not for a whole page (boosted link, history restored)."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def render_page(
    request: HttpRequest, template: str, *, part: str = "", context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """The full page, or only `part` when htmx asks. Messages travel with the part as out-of-band toasts."""
    if part and wants_part(request):
        html = render_to_string(part, context, request)
        if len(get_messages(request)):
            html += render_to_string("_messages_oob.html", {}, request)
        response = HttpResponse(html, status=status)
    else:
        response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def is_unchanged(request: HttpRequest, version: int | str) -> bool:
    """True when a live part asks again (`?v=<version>`) and holds that version already."""
    return request.GET.get("v") == str(version)


def unchanged() -> HttpResponse:
    """204: htmx leaves the page as it is and goes on asking."""
    response = HttpResponse(status=204)
    patch_vary_headers(response, ["HX-Request"])
    return response
