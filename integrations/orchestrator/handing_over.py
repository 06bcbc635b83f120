"""Of two records of the source that are one person, the one that goes on takes over whom the other one stood for over there."""

from typing import Any

from django.utils import timezone

from integrations.models import Agreement, RecordLink, Sync
from integrations.orchestrator.two_way import LEFT, Leg, leg_of, lock_agreements

FORGOTTEN = {"source_hash": bytes(16), "content_hash": bytes(16)}
"""The next job looks at such a link anew, whatever was last received and sent."""


def hand_over(sync_id: int, keeps: str, loses: str) -> dict[str, Any]:
    """Joins the caller's transaction. Returns what `hand_back` needs; empty when there was nothing to hand over."""
    leg = leg_of(Sync.objects.get(pk=sync_id))
    if leg:
        lock_agreements(leg.row.pk)
    links = RecordLink.objects.filter(sync=sync_id)
    lost = links.filter(source_id=loses).first()
    if lost is None:
        return {}
    if links.filter(source_id=keeps).exists():
        lost.delete()
        if leg:
            _agreements(leg, loses).delete()
            _partners(leg, lost.destination_id).filter(destination_id=loses).delete()
        return {"link": [lost.destination_id, lost.key_hash, lost.mapping_version, lost.job]}
    links.filter(pk=lost.pk).update(source_id=keeps, **FORGOTTEN)
    if leg:
        _agreements(leg, keeps).delete()
        _agreements(leg, loses).update(**{_column(leg): keeps})
        partners = _partners(leg, lost.destination_id).filter(destination_id=loses)
        partners.update(destination_id=keeps, **FORGOTTEN)
    return {"moved": True}


def hand_back(sync_id: int, keeps: str, loses: str, undo: dict[str, Any]) -> None:
    """The opposite, unless the other one has got a link of his own meanwhile. Joins the caller's transaction."""
    if RecordLink.objects.filter(sync=sync_id, source_id=loses).exists():
        return
    if undo.get("moved"):
        hand_over(sync_id, loses, keeps)
    elif undo.get("link"):
        there, key, version, job = undo["link"]
        RecordLink.objects.create(
            sync=sync_id,
            source_id=loses,
            destination_id=there,
            key_hash=key,
            mapping_version=version,
            job=job,
            updated_at=timezone.now(),
            **FORGOTTEN,
        )


def _column(leg: Leg) -> str:
    return "left_id" if leg.side == LEFT else "right_id"


def _agreements(leg: Leg, source_id: str) -> Any:
    return Agreement.objects.filter(two_way=leg.row, **{_column(leg): source_id})


def _partners(leg: Leg, there: str) -> Any:
    """The links of the other direction from this record, which it reads."""
    return RecordLink.objects.filter(sync=leg.partner_id, source_id=there)
