"""Taking records away, into Salesforce's recycle bin for 15 days.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_delete.htm
"""

from collections.abc import Sequence
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.salesforce.declaration import BATCH
from integrations.adapters.salesforce.names import is_record_id
from integrations.adapters.salesforce.paths import API, Paths
from integrations.adapters.salesforce.row_errors import judge_outcome, refuse
from integrations.enums import SyncMode
from integrations.types import Exchange, Result, UploadOutcome

ID = "Id"
GONE = frozenset({"deleted", "not_found"})


class Archiver:
    """Archives records of one connection."""

    def __init__(self, client: SignedClient, paths: Paths) -> None:
        self._client = client
        self._paths = paths

    def archive(self, ids: Sequence[str]) -> UploadOutcome:
        """Who is gone already is a success; whom our sign-in may not delete is refused alone. Safe to repeat."""
        known = list(dict.fromkeys(one for one in ids if is_record_id(one)))
        results: dict[str, Result] = {}
        exchanges: list[Exchange] = []
        for start in range(0, len(known), BATCH):
            chunk = known[start : start + BATCH]
            answer = self._client.write("DELETE", self._paths.deletion(chunk), API, b"")
            exchanges.append(answer.exchange())
            with answer.shown_in_errors():
                outcomes = self._client.http.read_json(answer)
                if not isinstance(outcomes, list):
                    raise self._client.http.unexpected(answer)
                results |= {one: _judge(outcomes, place, one) for place, one in enumerate(chunk)}
        return UploadOutcome([results.get(one) or refuse("malformed_id", ID) for one in ids], tuple(exchanges))


def _judge(outcomes: Sequence[Any], place: int, record_id: str) -> Result:
    outcome = outcomes[place] if place < len(outcomes) else None
    if not isinstance(outcome, dict):
        return refuse("no_answer")
    result = judge_outcome(outcome, {ID: record_id}, SyncMode.UPDATE)
    return Result(True, record_id) if result.ok or result.code in GONE else result
