"""The first start: create the first administrator, then say what to do next."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from integrations.models import Connection, Sync
from syncpanel.clients import has_guessed_too_often, note_wrong_guess
from syncpanel.first_run import (
    create_first_administrator,
    has_shown_token,
    is_first_run,
    is_setup_token,
    remember_token,
)
from syncpanel.forms.auth import FirstAdministratorForm


@login_not_required
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Creates the first administrator for whoever holds the set-up token; afterwards it leads to the sign-in page."""
    answer = _welcome(request) if is_first_run() else redirect("login")
    # "no-referrer" would make browsers send the form with "Origin: null", which is refused as forged
    answer["Referrer-Policy"] = "same-origin"
    return answer


def _welcome(request: HttpRequest) -> HttpResponse:
    if "token" in request.GET:
        return _exchange(request, request.GET["token"])
    if not has_shown_token(request):
        return _refuse(request)
    form = FirstAdministratorForm(request.POST or None)
    if not form.is_valid():
        return render(request, "welcome/first.html", {"form": form}, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    user = create_first_administrator(values["name"], values["email"], values["password"])
    if user is None:
        return redirect("login")
    request.session.flush()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("welcome-next")


def _exchange(request: HttpRequest, token: str) -> HttpResponse:
    """The token of the link for a note in the session, and on to an address without it."""
    if has_guessed_too_often(request, "setup"):
        return _refuse(request, is_wrong=True, status=429)
    if not is_setup_token(token):
        note_wrong_guess(request, "setup")
        return _refuse(request, is_wrong=True)
    remember_token(request)
    return redirect("welcome")


def _refuse(request: HttpRequest, *, is_wrong: bool = False, status: int = 403) -> HttpResponse:
    return render(request, "welcome/token.html", {"is_wrong": is_wrong, "is_closed": status == 429}, status=status)


@require_GET
def next_steps(request: HttpRequest) -> HttpResponse:
    """What to do first, each step ticked once it is done."""
    return render(
        request,
        "welcome/next.html",
        {"has_connection": Connection.objects.exists(), "has_sync": Sync.objects.exists()},
    )
