"""One account at a platform, with its credentials."""

from typing import Any

from django.db import models
from django.db.models import Q

from integrations.enums import ConnectionState
from integrations.models.fields import EncryptedJSONField
from integrations.types import Credentials


class Connection(models.Model):
    """One account at a platform. Secrets and tokens are encrypted; `revision` rises when the
    credentials change, so that a token of the old ones is never kept; `account` is what the platform calls the account,
    `account_id` what tells it from all others, both as the last test found them; the breaker columns keep a dead
    platform from being hammered. `share_samples`: masked values of its records may go to the language model.
    `objects_seen`: what of the account can be synced, as the last test saw it; empty where its platform declares it all."""

    name = models.CharField(max_length=120, unique=True)
    platform = models.CharField(max_length=40)
    method = models.CharField(max_length=40)
    settings = models.JSONField(default=dict, blank=True)
    secrets = EncryptedJSONField(default=dict, blank=True)
    token = EncryptedJSONField(default=dict, blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    token_locked_until = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=20, choices=ConnectionState, default=ConnectionState.UNTESTED)
    state_message = models.CharField(max_length=300, blank=True)
    account = models.CharField(max_length=200, blank=True)
    account_id = models.CharField(max_length=200, blank=True)
    last_checked_at = models.DateTimeField(null=True, blank=True)
    last_check = models.JSONField(default=dict, blank=True)
    testing_until = models.DateTimeField(null=True, blank=True)
    objects_seen = models.JSONField(default=list, blank=True, db_default=[])
    last_used_at = models.DateTimeField(null=True, blank=True)

    share_samples = models.BooleanField(default=True)
    tier = models.CharField(max_length=40, blank=True)
    reserve_percent = models.PositiveSmallIntegerField(default=0)

    breaker_failures = models.PositiveIntegerField(default=0)
    breaker_open_until = models.DateTimeField(null=True, blank=True)
    breaker_reason = models.CharField(max_length=300, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(reserve_percent__lte=90), name="connection_reserve_at_most_90"),
        ]

    def __str__(self) -> str:
        return self.name

    def credentials(self) -> Credentials:
        """What the adapter signs in with."""
        return Credentials(method=self.method, settings=self.settings, secrets=self.secrets)

    @property
    def stream(self) -> str:
        """The name of this connection's event stream."""
        return f"connection:{self.pk}"


class SchemaSnapshot(models.Model):
    """An object's fields as `describe` last returned them, so that pages and jobs need no call to know them."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="schemas")
    object_name = models.CharField(max_length=80)
    schema: Any = models.JSONField()
    digest = models.CharField(max_length=64)
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "object_name"], name="one_schema_per_object")]

    def __str__(self) -> str:
        return f"{self.connection_id}:{self.object_name}"
