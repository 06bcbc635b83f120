"""The shared state of the rate limiter, and the signs of life of workers."""

from django.db import models

from integrations.models.connection import Connection


class RateBucket(models.Model):
    """One limit of one connection: permits used in the present window. Changed by compare-and-set on `version`."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="rate_buckets")
    name = models.CharField(max_length=80)
    used = models.FloatField(default=0)
    limit = models.FloatField(default=0)
    window_started_at = models.DateTimeField(null=True, blank=True)
    blocked_until = models.DateTimeField(null=True, blank=True)
    blocked_reason = models.CharField(max_length=200, blank=True)
    reported_remaining = models.FloatField(null=True, blank=True)
    reported_limit = models.FloatField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    state = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="one_bucket_per_limit")]

    def __str__(self) -> str:
        return f"{self.connection_id}:{self.name}"


class RateUse(models.Model):
    """Calls per connection, sync and hour: who uses the limit."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="rate_uses")
    sync = models.BigIntegerField(default=0)
    hour = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "sync", "hour"], name="one_use_row_per_hour")]

    def __str__(self) -> str:
        return f"{self.connection_id}:{self.sync}:{self.hour:%Y-%m-%d %H}"


class RateSlot(models.Model):
    """One running call under a concurrency limit: a leased slot that expires by itself."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="rate_slots")
    name = models.CharField(max_length=80)
    slot = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name", "slot"], name="one_holder_per_slot")]

    def __str__(self) -> str:
        return f"{self.connection_id}:{self.name}:{self.slot}"


class WorkerBeat(models.Model):
    """The last sign of life of one process: a worker group (`kind` "worker"), the beat, the web server. `clock_skew`:
    seconds its host's clock is ahead of the database's."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    at = models.DateTimeField()
    started_at = models.DateTimeField()
    clock_skew = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.name
