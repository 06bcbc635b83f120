"""Taking records away, into HubSpot's recycle bin for 90 days.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/archive-contacts

HubSpot's answer says nothing of single records, and an id that was merged into another record stands for that one from then
on. So we look before, who is there under this very id, and after, who is left.
"""

from collections.abc import Sequence

from integrations.adapters.auth import SignedClient
from integrations.adapters.hubspot.declaration import BATCH, LABEL
from integrations.adapters.hubspot.paths import CRM, RECORD_ID, Paths, is_record_id
from integrations.adapters.hubspot.reading import Reader
from integrations.adapters.wire import dump_json
from integrations.reasons import sentence
from integrations.types import Exchange, Result, UploadOutcome


class Archiver:
    """Archives records of one connection."""

    def __init__(self, client: SignedClient, paths: Paths, reader: Reader) -> None:
        self._client = client
        self._paths = paths
        self._reader = reader

    def archive(self, object_name: str, ids: Sequence[str]) -> UploadOutcome:
        """Who is gone already is a success. Safe to repeat."""
        known = list(dict.fromkeys(one for one in ids if is_record_id(one)))
        there = self._who_is_there(object_name, known)
        left: set[str] = set()
        exchanges: list[Exchange] = []
        for start in range(0, len(there), BATCH):
            chunk = there[start : start + BATCH]
            body = dump_json({"inputs": [{"id": one} for one in chunk]})
            answer = self._client.write("POST", f"{self._paths.objects(object_name)}/batch/archive", CRM, body)
            exchanges.append(answer.exchange())
            with answer.shown_in_errors():
                left |= set(self._who_is_there(object_name, chunk))
        return UploadOutcome([_judge(one, left) for one in ids], tuple(exchanges))

    def _who_is_there(self, object_name: str, ids: Sequence[str]) -> list[str]:
        """Those of whom HubSpot gives out a record with this very id."""
        found = {record["id"] for record in self._reader.read(object_name, ids, (RECORD_ID,))}
        return [one for one in ids if one in found]


def _judge(record_id: str, left: set[str]) -> Result:
    if not is_record_id(record_id):
        return Result(False, record_id, code="malformed_id", message=sentence("malformed_id", RECORD_ID, LABEL))
    if record_id in left:
        told = f"{LABEL} said yes, and the record is still there."
        return Result(False, record_id, code="refused", message=sentence("refused", "", LABEL), technical=told)
    return Result(True, record_id)
