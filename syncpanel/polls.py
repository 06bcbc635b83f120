"""The answer to a live page that has nothing new, for one query in all: session and version are read together."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import Subquery
from django.http import HttpRequest
from django.utils import timezone

from integrations.models import SyncJob
from integrations.queries.jobs import VERSION_COLUMNS, version_text


def holds_newest(request: HttpRequest, job_id: int) -> bool:
    """True when somebody signed in asks with `?v=` for a job page that has not changed since.

    False says nothing: the caller goes the ordinary way, with its sign-in and its rights.
    """
    key, held = request.COOKIES.get(settings.SESSION_COOKIE_NAME), request.GET.get("v")
    if not key or not held:
        return False
    sessions = Session.objects.filter(session_key=key, expire_date__gt=timezone.now()).values("session_data")
    jobs = SyncJob.objects.filter(pk=job_id).annotate(session_data=Subquery(sessions[:1]))
    found = jobs.values_list("session_data", *VERSION_COLUMNS).first()
    if found is None or found[0] is None or version_text(*found[1:]) != held:
        return False
    return SESSION_KEY in SessionStore().decode(found[0])
