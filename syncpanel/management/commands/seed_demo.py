"""`manage.py seed_demo`: what the demo shows, in the database. Safe to repeat: what is there stays."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from integrations import demo
from integrations.models import Connection, MappingTask, RecordLink, Sync
from integrations.orchestrator.connections import save_connection
from integrations.orchestrator.samples import fetch_samples
from integrations.sandbox.credentials import tell_credentials
from syncpanel.roles import ADMIN, FIXER, VIEWER, give_role

PEOPLE = (
    (settings.DEMO_EMAIL, "Dana", "Demo", ADMIN),
    ("fixer@syncpanel.example", "Finn", "Fixer", FIXER),
    ("viewer@syncpanel.example", "Vera", "Viewer", VIEWER),
)


class Command(BaseCommand):
    """Two connections to the sandbox, the example mapping, the sync "Contacts", and three people who can sign in."""

    help = "Fills the demo's database."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not the demo (DEMO=1); its known passwords have no place here.")
        for email, first_name, last_name, role in PEOPLE:
            add_person(email, first_name, last_name, role)
        hubspot, salesforce = demo.connect(tell_credentials(settings.SANDBOX_URL), actor=settings.DEMO_EMAIL)
        for connection in (hubspot, salesforce):
            follow_sandbox(connection)
        sync = demo.add_sync("Contacts", hubspot, salesforce, actor=settings.DEMO_EMAIL)
        forget_sandbox(sync)
        if not MappingTask.objects.filter(mapping=sync.mapping_id).exists():
            fetch_samples(sync.mapping_id, settings.DEMO_EMAIL)


def add_person(email: str, first_name: str, last_name: str, role: str) -> None:
    """Somebody who can sign in with the demo's password, which may be another one than at the last start."""
    user = User.objects.filter(username=email).first()
    if user is None:
        user = User.objects.create_user(
            email, email=email, password=settings.DEMO_PASSWORD, first_name=first_name, last_name=last_name
        )
        give_role(user, role)
    elif not user.check_password(settings.DEMO_PASSWORD):
        user.set_password(settings.DEMO_PASSWORD)
        user.save(update_fields=["password"])


def forget_sandbox(sync: Sync) -> None:
    """The sandbox keeps nothing over a restart, so what was sent to it is not there any more."""
    RecordLink.objects.filter(sync=sync.pk).delete()


def follow_sandbox(connection: Connection) -> None:
    """The sandbox may have moved to another port since the last start."""
    if connection.settings.get("base_url") != settings.SANDBOX_URL:
        save_connection(
            connection,
            name=connection.name,
            platform=connection.platform,
            method=connection.method,
            settings={**connection.settings, "base_url": settings.SANDBOX_URL},
            secrets={},
            actor="",
            tier=connection.tier,
            reserve_percent=connection.reserve_percent,
        )
