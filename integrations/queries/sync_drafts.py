"""Unfinished syncs, for the list of who made them."""

from integrations.models import SyncDraft

MOST = 20


def my_drafts(actor: str) -> list[SyncDraft]:
    """Somebody's own, the one touched last first."""
    return list(SyncDraft.objects.filter(made_by=actor, sync=None).order_by("-updated_at")[:MOST])
