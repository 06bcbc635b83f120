"""Records that were combined with another at the source: who is left takes over whom they stood for over there.

Where who is left is over there already, the other one's record over there is one too many: it is treated like that of
somebody who left, and until then holds no key that who is left may need.
"""

from collections.abc import Iterable

from integrations.enums import ChangeKind, Departed
from integrations.models import RecordLink, WaitingChange
from integrations.orchestrator.two_way import rename_agreements
from integrations.orchestrator.work import Work

LOOKED_AT_ANEW = {"source_hash": bytes(16), "content_hash": bytes(16)}


def follow_combined(work: Work, rows: Iterable[WaitingChange]) -> None:
    """Inside the transaction that takes these changes, in the order in which they happened."""
    for row in rows:
        if row.kind == ChangeKind.MERGED and row.new_id and row.new_id != row.record_id:
            _follow(work, row.record_id, row.new_id)


def _follow(work: Work, loser: str, winner: str) -> None:
    links = RecordLink.objects.filter(sync=work.sync.pk)
    if not links.filter(source_id=winner).exists():
        links.filter(source_id=loser).update(source_id=winner, **LOOKED_AT_ANEW)
        if work.two_way:
            rename_agreements(work.two_way.row.pk, work.two_way.column, loser, winner)
    elif work.sync.departed == Departed.NOTHING:
        links.filter(source_id=loser).delete()
    else:
        links.filter(source_id=loser).update(key_hash=0)
