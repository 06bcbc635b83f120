"""What comes in: each connection's address, the deliveries as they came, and how many per minute."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from integrations.enums import DeliveryStatus, Proof
from integrations.models.connection import Connection
from integrations.models.fields import EncryptedJSONField


class WebhookAddressQuerySet(models.QuerySet["WebhookAddress"]):
    """Filters that have a name."""

    def quiet(self, now: datetime) -> "WebhookAddressQuerySet":
        """Nothing has come for longer than usual, and nobody has said that this is to be expected."""
        silent = self.filter(quiet_after__lte=now, last_received_at__lt=F("quiet_after"))
        return silent.filter(Q(expected_until=None) | Q(expected_until__lte=now))


class WebhookAddress(models.Model):
    """Where the platform of one connection calls: /hooks/<token>/. The token is looked up by its hash.

    `usual_gap` is the 90th percentile of the seconds between the last deliveries, `silences` the longer ones of two weeks as
    [began, seconds], and after `quiet_after` it is unusual that nothing came; the beat works them out. Until `expected_until`
    nobody is told: a person has said that it is to be expected.
    """

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="webhook_address"
    )
    token = EncryptedJSONField()
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    received = models.PositiveBigIntegerField(default=0, db_default=0)
    last_received_at = models.DateTimeField(null=True, blank=True)
    refused = models.PositiveBigIntegerField(default=0)
    last_refused_at = models.DateTimeField(null=True, blank=True)
    last_refusal = models.CharField(max_length=300, blank=True)

    gaps_known_at = models.DateTimeField(null=True, blank=True)
    usual_gap = models.FloatField(null=True, blank=True)
    silences = models.JSONField(default=list, blank=True)
    quiet_after = models.DateTimeField(null=True, blank=True)
    expected_until = models.DateTimeField(null=True, blank=True)

    objects = WebhookAddressQuerySet.as_manager()

    def __str__(self) -> str:
        return f"address of connection {self.connection_id}"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Filters that have a name."""

    def waiting(self) -> "WebhookDeliveryQuerySet":
        """Stored, and not read yet."""
        return self.filter(status__one_of=(DeliveryStatus.WAITING.value,))

    def set_aside(self) -> "WebhookDeliveryQuerySet":
        """Nobody could read them."""
        return self.filter(status__one_of=(DeliveryStatus.SET_ASIDE.value,))


class WebhookDelivery(models.Model):
    """One received call, stored before it was answered. `body` is compressed; `headers` are those that say how to read it.
    `has_body` until it is forgotten (see `retention.py`).

    `changes` is how many changes it told of, `repeated` how many of those were known already, `what` the first one in words.
    `tries` counts attempts to read it that killed a worker; `sent_again` how often a person put it back to the start.
    A connection may be removed before its deliveries, of which there may be a million: the sweep follows.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.DO_NOTHING, db_constraint=False, related_name="deliveries", db_index=False
    )
    received_at = models.DateTimeField()
    headers = models.JSONField(default=dict)
    size = models.PositiveIntegerField()
    body = models.BinaryField()
    proof = models.CharField(max_length=10, choices=Proof)

    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    read_at = models.DateTimeField(null=True, blank=True)
    changes = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    what = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_again = models.PositiveSmallIntegerField(default=0)
    has_body = models.BooleanField(default=True, db_default=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["connection", "-id"], name="delivery_by_connection"),
            models.Index(
                fields=["id"],
                condition=Q(status__one_of=(DeliveryStatus.WAITING.value,)),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["connection", "-id"],
                condition=Q(status__one_of=(DeliveryStatus.SET_ASIDE.value,)),
                name="delivery_set_aside",
            ),
            models.Index(fields=["id"], condition=Q(has_body=True), name="delivery_to_forget"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class WebhookMinute(models.Model):
    """How many calls of a connection were stored, and how many refused, in the minute that `began` then (UTC)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="webhook_minutes", db_index=False)
    began = models.DateTimeField()
    received = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "began"], name="one_row_per_webhook_minute")]
        indexes = [models.Index(fields=["began"], name="webhook_minute_by_time")]

    def __str__(self) -> str:
        return f"{self.connection_id}:{self.began:%Y-%m-%d %H:%M}"


class Turn(models.Model):
    """Work that one worker at a time does, for a while: who has `token` until then. `losses` counts workers that were gone
    before they gave it back."""

    name = models.CharField(max_length=40, primary_key=True)
    token = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(null=True, blank=True)
    losses = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
