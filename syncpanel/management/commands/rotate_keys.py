"""`manage.py rotate_keys`: everything encrypted, again under the newest key."""

import os
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model, TextField, Value
from django.db.models.functions import Cast

from integrations.models.crypto import rotate
from integrations.models.fields import EncryptedJSONField
from integrations.supervisor.lock import AlreadyRunningError, only_instance
from syncpanel.keys import new_encryption_key, replace_encryption_keys


class Command(BaseCommand):
    """Safe to repeat and to interrupt: every key stays until `--drop-old` removes those that are no longer used."""

    help = "Encrypts all saved credentials again with the newest key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new", action="store_true", help="make a new key first; the panel must be stopped")
        parser.add_argument("--drop-old", action="store_true", help="afterwards, forget all keys but the newest")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new"] or options["drop_old"]:
            self._refuse_configured_keys()
        if not options["new"]:
            self._rotate(options["drop_old"])
            return
        # Running processes read the keys at their start and could not open what the new one locks.
        try:
            with only_instance(settings.DATA_DIR):
                self._change_keys([new_encryption_key(), *settings.SYNCPANEL_ENCRYPTION_KEYS])
                self._rotate(options["drop_old"])
        except AlreadyRunningError as exc:
            raise CommandError(f"{exc} Stop it first.") from exc

    def _refuse_configured_keys(self) -> None:
        if os.environ.get("ENCRYPTION_KEYS"):
            raise CommandError(
                "The keys are in ENCRYPTION_KEYS. Put this new one in front of them on every host, restart, "
                f"then run rotate_keys without options: {new_encryption_key()}"
            )

    def _rotate(self, drop_old: bool) -> None:
        count = sum(rotate_column(model, field) for model, field in encrypted_columns())
        self.stdout.write(f"{count} values are encrypted with the newest key.")
        if drop_old:
            self._change_keys(settings.SYNCPANEL_ENCRYPTION_KEYS[:1])
            self.stdout.write("The older keys are forgotten. Backups made with them need them.")

    def _change_keys(self, keys: list[str]) -> None:
        replace_encryption_keys(settings.DATA_DIR, keys)
        settings.SYNCPANEL_ENCRYPTION_KEYS = keys


def encrypted_columns() -> list[tuple[type[Model], str]]:
    """Every encrypted column of every model."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, EncryptedJSONField)
    ]


def rotate_column(model: type[Model], field: str) -> int:
    """Re-encrypt one column, row by row; a row that changes meanwhile is taken again. Returns how many."""
    raw = model._default_manager.annotate(raw=Cast(field, TextField()))
    count = 0
    for pk in list(raw.exclude(raw="").values_list("pk", flat=True)):
        while old := raw.filter(pk=pk).values_list("raw", flat=True).first():
            new = Value(rotate(old), output_field=TextField())
            if raw.filter(pk=pk, raw=old).update(**{field: new}):
                count += 1
                break
    return count
