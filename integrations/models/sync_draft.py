"""A sync that somebody is making: what was chosen so far, kept with every change."""

from django.db import models

from integrations.models.sync import Sync


class SyncDraft(models.Model):
    """An unfinished sync. `choices` holds what was chosen, by setting (`orchestrator/sync_drafts.py` says the shape); `sync` is
    set once it was turned on."""

    choices = models.JSONField(default=dict)
    made_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    sync = models.ForeignKey(Sync, null=True, blank=True, on_delete=models.SET_NULL, related_name="drafts")

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return f"draft {self.pk}"
