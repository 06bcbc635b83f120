"""Signing in and out."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from syncpanel.clients import has_failed_too_often
from syncpanel.first_run import is_first_run
from syncpanel.forms.auth import SignInForm


class SignInView(LoginView):
    """E-mail and password. While there is nobody to sign in, the first-run page comes instead."""

    authentication_form = SignInForm
    redirect_authenticated_user = True
    template_name = "registration/login.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("welcome") if is_first_run() else super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Asked before any password is looked at: that costs a tenth of a second of a processor."""
        return locked_out(request, is_all=True) if has_failed_too_often(request) else super().post(request)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Without "Keep me signed in" the session ends with the browser."""
        answer = super().form_valid(form)
        self.request.session.set_expiry(settings.SESSION_COOKIE_AGE if form.cleaned_data["stay"] else 0)
        return answer


def locked_out(request: HttpRequest, *args: Any, is_all: bool = False, **kwargs: Any) -> HttpResponse:
    """Too many wrong passwords: of one account (django-axes calls this instead of letting anyone try again), or of
    all that were tried from there."""
    context = {"minutes": round(settings.AXES_COOLOFF_TIME * 60), "is_all": is_all}
    return render(request, "registration/locked_out.html", context, status=429)
