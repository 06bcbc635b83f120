"""`manage.py seed_demo`: what the demo shows, in the database. Safe to repeat: what is there stays."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from integrations import demo
from integrations.models import Agreement, Connection, MappingTask, RecordLink, Sync
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
    """Connections to the sandbox, example mappings, syncs between all platforms, and three people who can sign in."""

    help = "Fills the demo's database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--one-sync", action="store_true", help="only “Contacts”, and the two connections it needs")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not the demo (DEMO=1); its known passwords have no place here.")
        for email, first_name, last_name, role in PEOPLE:
            add_person(email, first_name, last_name, role)
        credentials = tell_credentials(settings.SANDBOX_URL)
        hubspot, salesforce = demo.connect(credentials, actor=settings.DEMO_EMAIL)
        sync = demo.add_sync(demo.CONTACTS, hubspot, salesforce, actor=settings.DEMO_EMAIL)
        if not options["one_sync"]:
            demo.add_all(credentials, settings.DEMO_EMAIL)
        for connection in Connection.objects.filter(name__in=demo.NAMES):
            follow_sandbox(connection)
        forget_sandbox()
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


def forget_sandbox() -> None:
    """It keeps nothing over a restart: what was sent to it is not there any more, and what had changed there is as before."""
    with transaction.atomic():
        at_sandbox = Connection.objects.filter(settings__base_url=settings.SANDBOX_URL)
        syncs = Sync.objects.filter(destination__in=at_sandbox)
        RecordLink.objects.filter(sync__in=syncs.values("pk")).delete()
        Agreement.objects.filter(two_way__rightward__in=syncs).delete()
        Sync.objects.filter(source__in=at_sandbox).update(read_until=None)


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
