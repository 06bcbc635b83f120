"""Before every view: no text that the database cannot take; a sign-in, unless the view is marked; and a part of a page
never swaps in the sign-in page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

View = Callable[..., HttpResponse]


class NulMiddleware:
    """400 for a NUL in an address or a form: PostgreSQL takes none in a text, and nobody types one. And for a form that
    breaks off on its way: nobody waits for the answer, and no view must act on half of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            given = (request.GET, request.POST)
        except UnreadablePostError:
            return HttpResponse(status=400)
        if any("\x00" in text for one in given for _, several in one.lists() for text in several):
            raise BadRequest("NUL")
        return self.get_response(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's, but a view that needs no sign-in costs no query for one: Django looks up the user first."""

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not getattr(view_func, "login_required", True):
            return None
        answer: HttpResponse | None = super().process_view(request, view_func, view_args, view_kwargs)
        return answer


class PrivateMiddleware:
    """Pages hold people's data: no cache on the way, nor the browser's own, may keep them, and no other site may use
    them. None of them needs anything of the machine it is looked at on."""

    HEADERS = {
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class HtmxLoginMiddleware:
    """Turns a redirect to the sign-in page into one of the whole page, when htmx asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        login = resolve_url(settings.LOGIN_URL)
        if request.htmx and response.status_code == 302 and response["Location"].startswith(login):
            here = request.htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)
            return HttpResponseClientRedirect(f"{login}?{urlencode({'next': here})}")
        return response
