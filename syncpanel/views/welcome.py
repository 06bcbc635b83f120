"""The first start: create the first administrator, then say what to do next."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from integrations.models import Connection, Sync
from syncpanel.first_run import create_first_administrator, is_first_run, is_setup_token
from syncpanel.forms.auth import FirstAdministratorForm


@login_not_required
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Creates the first administrator for whoever holds the set-up token; afterwards it leads to the sign-in page."""
    if not is_first_run():
        return redirect("login")
    token = request.POST.get("token") or request.GET.get("token", "")
    if not is_setup_token(token):
        return render(request, "welcome/token.html", {"is_wrong": bool(token)}, status=403)
    form = FirstAdministratorForm(request.POST or None, initial={"token": token})
    if not form.is_valid():
        return render(request, "welcome/first.html", {"form": form}, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    user = create_first_administrator(values["name"], values["email"], values["password"])
    if user is None:
        return redirect("login")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("welcome-next")


@require_GET
def next_steps(request: HttpRequest) -> HttpResponse:
    """What to do first, each step ticked once it is done."""
    return render(
        request,
        "welcome/next.html",
        {"has_connection": Connection.objects.exists(), "has_sync": Sync.objects.exists()},
    )
