"""Paths are plural nouns, the action last; names are noun-verb. One flat list, sorted by path."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from syncpanel.views import auth, health, welcome

urlpatterns: list[URLPattern] = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
    path("sign-in/", auth.SignInView.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("welcome/", welcome.welcome, name="welcome"),
    path("welcome/next/", welcome.next_steps, name="welcome-next"),
]

handler400 = "syncpanel.views.errors.bad_request"
handler403 = "syncpanel.views.errors.forbidden"
handler404 = "syncpanel.views.errors.not_found"
handler500 = "syncpanel.views.errors.failed"
