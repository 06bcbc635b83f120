"""On which page did a job pack a key? One pass over the keys of all pages, for as many as are looked for."""

from collections.abc import Iterable

from integrations.mappings.hashing import read_keys
from integrations.models import SourcePage


def pages_of_keys(job_id: int, keys: Iterable[int]) -> dict[int, int]:
    """Key hash → number of the page from which this job packed a record with it, of those that it packed."""
    left, found = set(keys), dict[int, int]()
    pages = SourcePage.objects.filter(job_id=job_id, key_hashes__isnull=False).values_list("number", "key_hashes")
    for number, blob in pages.iterator(chunk_size=500) if left else ():
        met = left.intersection(read_keys(blob or b""))
        found |= dict.fromkeys(met, number)
        left -= met
        if not left:
            break
    return found
