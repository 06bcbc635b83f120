"""After everybody has arrived: whose second address is the address of somebody else?"""

import re
from collections.abc import Iterator

from django.utils import timezone

from integrations.mappings.hashing import key_hash
from integrations.models import SourcePage
from integrations.models.blobs import unpack
from integrations.models.bulk import key_owners, signed
from integrations.orchestrator.identity import are_enough, note_other_keys, unnoticed
from integrations.orchestrator.stages.reading_here import read_here
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord

MOST_NOTED = 500
_BETWEEN = re.compile(r"[;,\s]+")


def look_for_them(work: Work) -> None:
    """Notes whom a person should look at. Nothing is held because of it. Only when somebody new has come."""
    if not work.other_keys_here or not work.job.created or are_enough(work.sync.pk):
        return
    found: list[tuple[FlatRecord, str]] = []
    for records in _pages(work):
        seconds = {signed(key_hash(key)): record for record in records for key in _keys(record, work.other_keys_here)}
        owners = key_owners(work.sync.pk, list(seconds))
        pairs = [(seconds[key], owner) for key, owner in owners.items() if owner != seconds[key]["id"]]
        new = unnoticed(work.sync.pk, [(record["id"], owner) for record, owner in pairs])
        found += [(record, owner) for record, owner in pairs if (record["id"], owner) in new]
        if len(found) >= MOST_NOTED:
            break
    found = found[:MOST_NOTED]
    read = read_here(work, [owner for _, owner in found])
    note_other_keys(work.job, [(record, read.get(owner, {"id": owner})) for record, owner in found], timezone.now())


def _pages(work: Work) -> Iterator[list[FlatRecord]]:
    """Only the records that have second keys, page by page."""
    blobs = SourcePage.objects.filter(job_id=work.job.pk).order_by("number").values_list("records", flat=True)
    for blob in blobs.iterator(chunk_size=50):
        records = [record for record in unpack(blob) if record.get(work.other_keys_here)]
        if records:
            yield records


def _keys(record: FlatRecord, name: str) -> list[str]:
    return [key for key in _BETWEEN.split(str(record[name])) if key]
