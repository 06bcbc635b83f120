"""Paths are plural nouns, the action last; names are noun-verb. One flat list, sorted by path."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from syncpanel.views import activity, auth, connections, health, limits, sandbox, welcome

urlpatterns: list[URLPattern] = [
    path("activity/", activity.activity_list, name="activity-list"),
    path("connections/", connections.connection_list, name="connection-list"),
    path("connections/<int:pk>/", connections.connection_detail, name="connection-detail"),
    path("connections/<int:pk>/delete/", connections.connection_delete, name="connection-delete"),
    path("connections/<int:pk>/edit/", connections.connection_edit, name="connection-edit"),
    path("connections/<int:pk>/test/", connections.connection_test, name="connection-test"),
    path("connections/add/", connections.connection_add, name="connection-add"),
    path("connections/add/<slug:platform>/", connections.connection_create, name="connection-create"),
    path("healthz", health.healthz, name="healthz"),
    path("limits/", limits.limit_list, name="limit-list"),
    path("metrics", health.metrics, name="metrics"),
    path("sandbox/", sandbox.sandbox, name="sandbox"),
    path("sandbox/normal/", sandbox.sandbox_calm, name="sandbox-calm"),
    path("sandbox/switches/<slug:name>/", sandbox.sandbox_switch, name="sandbox-switch"),
    path("sign-in/", auth.SignInView.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("welcome/", welcome.welcome, name="welcome"),
    path("welcome/next/", welcome.next_steps, name="welcome-next"),
]

handler400 = "syncpanel.views.errors.bad_request"
handler403 = "syncpanel.views.errors.forbidden"
handler404 = "syncpanel.views.errors.not_found"
handler500 = "syncpanel.views.errors.failed"
