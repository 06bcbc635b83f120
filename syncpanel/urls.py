"""Paths are plural nouns, the action last; names are noun-verb. One flat list, sorted by path."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from syncpanel.views import (
    activity,
    auth,
    connections,
    failure_actions,
    failure_bulk,
    failures,
    health,
    job_actions,
    jobs,
    limits,
    overview,
    sandbox,
    syncs,
    welcome,
)

urlpatterns: list[URLPattern] = [
    path("", overview.overview, name="overview"),
    path("activity/", activity.activity_list, name="activity-list"),
    path("connections/", connections.connection_list, name="connection-list"),
    path("connections/<int:pk>/", connections.connection_detail, name="connection-detail"),
    path("connections/<int:pk>/delete/", connections.connection_delete, name="connection-delete"),
    path("connections/<int:pk>/edit/", connections.connection_edit, name="connection-edit"),
    path("connections/<int:pk>/test/", connections.connection_test, name="connection-test"),
    path("connections/add/", connections.connection_add, name="connection-add"),
    path("connections/add/<slug:platform>/", connections.connection_create, name="connection-create"),
    path("failures/", failures.failure_list, name="failure-list"),
    path("failures/<int:pk>/", failures.failure_detail, name="failure-detail"),
    path("failures/<int:pk>/dismiss/", failure_actions.failure_dismiss, name="failure-dismiss"),
    path("failures/<int:pk>/fix/", failure_actions.failure_fix, name="failure-fix"),
    path("failures/<int:pk>/restore/", failure_actions.failure_restore, name="failure-restore"),
    path("failures/<int:pk>/retry/", failure_actions.failure_retry, name="failure-retry"),
    path("failures/<int:pk>/withdraw/", failure_actions.failure_withdraw, name="failure-withdraw"),
    path("failures/bulk/", failure_bulk.failure_bulk, name="failure-bulk"),
    path("failures/undo/", failure_actions.failure_undo, name="failure-undo"),
    path("healthz", health.healthz, name="healthz"),
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/<int:pk>/", jobs.job_detail, name="job-detail"),
    path("jobs/<int:pk>/batches/", jobs.batch_list, name="batch-list"),
    path("jobs/<int:pk>/batches/<int:number>/", jobs.batch_detail, name="batch-detail"),
    path("jobs/<int:pk>/cancel/", job_actions.job_cancel, name="job-cancel"),
    path("jobs/<int:pk>/events/", jobs.job_events, name="job-events"),
    path("jobs/<int:pk>/live/", jobs.job_live, name="job-live"),
    path("jobs/<int:pk>/pause/", job_actions.job_pause, name="job-pause"),
    path("jobs/<int:pk>/release/", job_actions.job_release, name="job-release"),
    path("jobs/<int:pk>/restart/", job_actions.job_restart, name="job-restart"),
    path("jobs/<int:pk>/resume/", job_actions.job_resume, name="job-resume"),
    path("limits/", limits.limit_list, name="limit-list"),
    path("live/", overview.overview_live, name="overview-live"),
    path("metrics", health.metrics, name="metrics"),
    path("sandbox/", sandbox.sandbox, name="sandbox"),
    path("sandbox/normal/", sandbox.sandbox_calm, name="sandbox-calm"),
    path("sandbox/switches/<slug:name>/", sandbox.sandbox_switch, name="sandbox-switch"),
    path("sign-in/", auth.SignInView.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("syncs/", syncs.sync_list, name="sync-list"),
    path("syncs/<int:pk>/", syncs.sync_detail, name="sync-detail"),
    path("syncs/<int:pk>/disable/", syncs.sync_disable, name="sync-disable"),
    path("syncs/<int:pk>/enable/", syncs.sync_enable, name="sync-enable"),
    path("syncs/<int:pk>/start/", syncs.sync_start, name="sync-start"),
    path("welcome/", welcome.welcome, name="welcome"),
    path("welcome/next/", welcome.next_steps, name="welcome-next"),
]

handler400 = "syncpanel.views.errors.bad_request"
handler403 = "syncpanel.views.errors.forbidden"
handler404 = "syncpanel.views.errors.not_found"
handler500 = "syncpanel.views.errors.failed"
