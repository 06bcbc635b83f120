"""Signing in and out."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from syncpanel.first_run import is_first_run
from syncpanel.forms.auth import SignInForm


class SignInView(LoginView):
    """E-mail and password. While there is nobody to sign in, the first-run page comes instead."""

    authentication_form = SignInForm
    redirect_authenticated_user = True
    template_name = "registration/login.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("welcome") if is_first_run() else super().get(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Without "Keep me signed in" the session ends with the browser."""
        answer = super().form_valid(form)
        self.request.session.set_expiry(settings.SESSION_COOKIE_AGE if form.cleaned_data["stay"] else 0)
        return answer


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many wrong passwords (django-axes calls this instead of letting anyone try again)."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "registration/locked_out.html", {"minutes": minutes}, status=429)
