"""For whom does a record over there stand already? Two of ours never become one over there without a person saying so."""

from threading import Lock
from typing import Any

from integrations.mappings.hashing import key_hash
from integrations.models import RecordLink
from integrations.models.bulk import key_owners, signed
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord


class Owners:
    """What the links know, and who was found in this slice. May be asked by several threads at once."""

    def __init__(self, work: Work) -> None:
        self._sync_id, self._has_links = work.sync.pk, work.has_links
        self._lock = Lock()
        self._claimed: dict[str, str] = {}

    def owner_of(self, record: FlatRecord, key: Any) -> str:
        """The source record that it stands for; empty when it stands for none of ours. `key`: its key over there."""
        if not self._has_links:
            return ""
        wanted = signed(key_hash(key)) if key else 0
        by_key = key_owners(self._sync_id, [wanted]).get(wanted, "") if key else ""
        return by_key or self._owner_by_id(str(record["id"]))

    def claim(self, there: str, source_id: str) -> str:
        """It is this one's from now on, unless somebody else took it in this slice: then his id."""
        with self._lock:
            owner = self._claimed.setdefault(there, source_id)
        return "" if owner == source_id else owner

    def _owner_by_id(self, there: str) -> str:
        links = RecordLink.objects.filter(sync=self._sync_id, destination_id=there)
        return next(iter(links.values_list("source_id", flat=True)[:1]), "")
