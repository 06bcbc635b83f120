"""A record is known by another id now: its links, and what two sides agree on, follow, on whichever side of a sync it stands."""

from django.db.models import Q

from integrations.models import RecordLink, Sync, TwoWay, WaitingChange
from integrations.orchestrator.two_way import lock_agreements, rename_agreements


def rename(connection_id: int, object_name: str, old: str, new: str) -> None:
    """Inside a transaction. The agreements' locks come first: a job that holds one writes links next."""
    agreeing = _agreeing(connection_id, object_name)
    for two_way_id in sorted({pk for pk, _ in agreeing}):
        lock_agreements(two_way_id)
    here = Q(source=connection_id, source_object=object_name)
    there = Q(destination=connection_id, destination_object=object_name)
    for sync_id, is_source in _sides(here, there):
        if is_source:
            _rename_source(sync_id, old, new)
        else:
            _rename_destination(sync_id, old, new)
    for two_way_id, column in agreeing:
        rename_agreements(two_way_id, column, old, new)


def _agreeing(connection_id: int, object_name: str) -> list[tuple[int, str]]:
    """The two-way syncs that keep this object equal to another, and the column of its ids."""
    left = Q(rightward__source=connection_id, rightward__source_object=object_name)
    right = Q(leftward__source=connection_id, leftward__source_object=object_name)
    found = [(left, "left_id"), (right, "right_id")]
    return [(pk, column) for which, column in found for pk in TwoWay.objects.filter(which).values_list("pk", flat=True)]


def _sides(here: Q, there: Q) -> list[tuple[int, bool]]:
    sources = Sync.objects.filter(here).values_list("pk", flat=True)
    destinations = Sync.objects.filter(there).values_list("pk", flat=True)
    return [*((pk, True) for pk in sources), *((pk, False) for pk in destinations)]


def _rename_source(sync_id: int, old: str, new: str) -> None:
    """Where the new id has a link already, that one is right and the old one is done with."""
    links = RecordLink.objects.filter(sync=sync_id)
    if links.filter(source_id=new).exists():
        links.filter(source_id=old).delete()
    else:
        links.filter(source_id=old).update(source_id=new)
    waiting = WaitingChange.objects.filter(sync=sync_id)
    if waiting.filter(record_id=new).exists():
        waiting.filter(record_id=old).delete()
    else:
        waiting.filter(record_id=old).update(record_id=new)


def _rename_destination(sync_id: int, old: str, new: str) -> None:
    RecordLink.objects.filter(sync=sync_id, destination_id=old).update(destination_id=new)
