"""Writing: two hundred records a call, answered in the order they were sent.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.salesforce.paths import API, Paths
from integrations.adapters.salesforce.reading import Reader
from integrations.adapters.salesforce.row_errors import judge_outcome, refuse
from integrations.adapters.salesforce.values import key_of, to_wire
from integrations.adapters.wire import dump_json
from integrations.enums import SyncMode
from integrations.types import FlatRecord, Result, UploadOutcome

Rows = dict[int, dict[str, Any]]
"""What is sent, by the record's position in the batch."""


class Writer:
    """Writes the records of one connection. Holds nothing between calls, so threads may share it."""

    def __init__(self, client: SignedClient, paths: Paths, reader: Reader) -> None:
        self._client = client
        self._paths = paths
        self._reader = reader

    def upload(self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str) -> UploadOutcome:
        """One call for all records that can be sent; the others never leave."""
        settled: dict[int, Result] = {}
        rows: Rows = {}
        for i, record in enumerate(records):
            if mode is SyncMode.CREATE or key_of(record, key):
                rows[i] = to_wire(record)
            else:
                settled[i] = refuse("missing_key", key)
        if mode is SyncMode.UPDATE and key != "Id":
            self._replace_keys(object_name, rows, settled, key)
        if not rows:
            return UploadOutcome([settled[i] for i in range(len(records))])
        answer = self._send(object_name, rows, mode, key)
        with answer.shown_in_errors():
            outcomes = self._read(answer)
            for place, i in enumerate(rows):
                settled[i] = _judge(outcomes, place, records[i], mode)
        return UploadOutcome([settled[i] for i in range(len(records))], (answer.exchange(),))

    def _send(self, object_name: str, rows: Rows, mode: SyncMode, key: str) -> Answer:
        attributes = {"type": object_name}
        body = dump_json({"allOrNone": False, "records": [{"attributes": attributes, **row} for row in rows.values()]})
        if mode is SyncMode.UPSERT:
            return self._client.write("PATCH", self._paths.collections(object_name, key), API, body)
        method = "PATCH" if mode is SyncMode.UPDATE else "POST"
        return self._client.write(method, self._paths.collections(), API, body)

    def _read(self, answer: Answer) -> list[Any]:
        outcomes = self._client.http.read_json(answer)
        if not isinstance(outcomes, list):
            raise self._client.http.unexpected(answer)
        return outcomes

    def _replace_keys(self, object_name: str, rows: Rows, settled: dict[int, Result], key: str) -> None:
        """Collections update by Salesforce's own id only, so the ids are looked up first."""
        ids = self._find_ids(object_name, [str(row[key]) for row in rows.values()], key)
        for i, row in list(rows.items()):
            found = ids.get(str(row[key]).strip().casefold(), [])
            if len(found) == 1:
                rows[i] = {"Id": found[0], **{name: value for name, value in row.items() if name != key}}
            else:
                settled[i] = refuse("ambiguous_key" if found else "not_found", key)
                del rows[i]

    def _find_ids(self, object_name: str, values: Sequence[str], key: str) -> Mapping[str, list[str]]:
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for record in self._reader.read(object_name, values, (key,), column=key):
            ids[str(record[key]).casefold()].append(record["id"])
        return ids


def _judge(outcomes: Sequence[Any], place: int, record: FlatRecord, mode: SyncMode) -> Result:
    """Answers are matched by position; a row the answer does not reach counts as not sent."""
    outcome = outcomes[place] if place < len(outcomes) else None
    return judge_outcome(outcome, record, mode) if isinstance(outcome, dict) else refuse("no_answer")
