"""Writing: a hundred records a call, and what became of each.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide (batch upsert, multi-status errors)

Every input carries an objectWriteTraceId; with it one bad record does not refuse the whole batch, and results are
matched by it, since they come in any order. Some answers omit it: then the key property tells.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.hubspot.declaration import LABEL
from integrations.adapters.hubspot.errors import describe, explain, find_schema_error
from integrations.adapters.hubspot.paths import CRM, RECORD_ID, Paths, is_record_id
from integrations.adapters.hubspot.values import to_properties, to_text
from integrations.adapters.wire import dump_json
from integrations.enums import SyncMode
from integrations.exceptions import BatchRefusedError
from integrations.reasons import sentence
from integrations.types import FlatRecord, Result, UploadOutcome

ACTIONS: Mapping[SyncMode, str] = {
    SyncMode.UPSERT: "upsert",
    SyncMode.UPDATE: "update",
    SyncMode.CREATE: "create",
}


class Writer:
    """Writes the records of one connection. Holds nothing between calls, so threads may share it."""

    def __init__(self, client: SignedClient, paths: Paths) -> None:
        self._client = client
        self._paths = paths

    def upload(
        self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str, trace: str
    ) -> UploadOutcome:
        """One call for all records that have a key; those without never leave."""
        inputs = build_inputs(records, mode, key, trace)
        left_here = {i: _unsendable(record, key) for i, record in enumerate(records) if i not in inputs}
        if not inputs:
            return UploadOutcome([left_here[i] for i in range(len(records))])
        path = f"{self._paths.objects(object_name)}/batch/{ACTIONS[mode]}"
        matching = Matching(inputs, key, mode, trace)
        try:
            answer = self._client.write("POST", path, CRM, dump_json({"inputs": list(inputs.values())}))
        except BatchRefusedError as refusal:
            if not matching.take_refusal(refusal):
                raise
            exchanges = tuple(refusal.exchanges)
        else:
            exchanges = (answer.exchange(),)
            with answer.shown_in_errors():
                matching.take(*self._read(answer))
        results = [left_here[i] if i in left_here else matching.result(i) for i in range(len(records))]
        return UploadOutcome(results, exchanges)

    def _read(self, answer: Answer) -> tuple[list[Any], list[Any]]:
        body = self._client.http.read_json(answer)
        if not isinstance(body, dict):
            raise self._client.http.unexpected(answer)
        found, errors = body.get("results", []), body.get("errors", [])
        if not isinstance(found, list) or not isinstance(errors, list):
            raise self._client.http.unexpected(answer)
        return found, errors


def build_inputs(records: Sequence[FlatRecord], mode: SyncMode, key: str, trace: str) -> dict[int, dict[str, Any]]:
    """The inputs of the call by position in the batch; without those that cannot be addressed."""
    inputs: dict[int, dict[str, Any]] = {}
    for i, record in enumerate(records):
        properties = to_properties(record)
        one: dict[str, Any] = {"objectWriteTraceId": f"{trace}-{i}", "properties": properties}
        if mode is not SyncMode.CREATE:
            value = properties.get(key, "").strip()
            if not value or (key == RECORD_ID and not is_record_id(value)):
                continue
            one["id"] = value
            if key == RECORD_ID:
                del properties[key]
            else:
                one["idProperty"] = key
        inputs[i] = one
    return inputs


class Matching:
    """Finds out which result and which error belongs to which record."""

    def __init__(self, inputs: Mapping[int, Mapping[str, Any]], key: str, mode: SyncMode, trace: str) -> None:
        self._inputs = inputs
        self._key = key
        self._mode = mode
        self._by_trace = {f"{trace}-{i}": i for i in inputs}
        self._by_key: dict[str, int] | None = None
        self._results: dict[int, Result] = {}

    def take(self, found: Sequence[Any], errors: Sequence[Any]) -> None:
        """All results, then all errors; an error that names nobody belongs to the one that is left, if it is one."""
        for row in found:
            self._take_result(row)
        nameless = [error for error in errors if isinstance(error, dict) and not self._take_error(error)]
        left = [i for i in self._inputs if i not in self._results]
        if len(nameless) == len(left) == 1:
            self._results[left[0]] = self._refuse(nameless[0])

    def take_refusal(self, refusal: BatchRefusedError) -> bool:
        """True for somebody who is not there, refused alone: that is what became of him, and no trouble of the batch."""
        if len(self._inputs) != 1 or refusal.code != "not_found":
            return False
        self._results[next(iter(self._inputs))] = _fail("not_found", technical=refusal.technical)
        return True

    def result(self, position: int) -> Result:
        """What became of the record at that position. No answer is counted as not sent."""
        return self._results.get(position) or _fail("no_answer")

    def _take_result(self, row: Any) -> None:
        if not isinstance(row, dict) or not row.get("id"):
            return
        position = self._by_trace.get(row.get("objectWriteTraceId", ""))
        if position is None:
            properties = row.get("properties") or {}
            position = self._find_by_key(row["id"] if self._key == RECORD_ID else properties.get(self._key))
        if position is not None:
            self._results[position] = Result(True, str(row["id"]), self._is_created(row))

    def _is_created(self, row: Mapping[str, Any]) -> bool:
        """Answers that omit `new` tell by their times."""
        if self._mode is SyncMode.UPSERT:
            new = row.get("new")
            return bool(new) if new is not None else row.get("createdAt") == row.get("updatedAt")
        return self._mode is SyncMode.CREATE

    def _take_error(self, error: Mapping[str, Any]) -> bool:
        """False when the error does not say which records it is about."""
        if (schema_error := find_schema_error(error.get("message"))) is not None:
            raise schema_error
        context = error.get("context")
        context = context if isinstance(context, dict) else {}
        positions = [self._by_trace.get(str(one)) for one in context.get("objectWriteTraceId") or []]
        positions = positions or [self._find_by_key(one) for one in context.get("ids") or []]
        known = [position for position in positions if position is not None]
        for position in known:
            self._results[position] = self._refuse(error)
        return bool(known)

    def _refuse(self, error: Mapping[str, Any]) -> Result:
        code, field = explain(error)
        if code == "duplicate_value" and self._mode is SyncMode.CREATE:
            code = "already_exists"
        return _fail(code or "refused", field, str(error.get("message") or describe(207, error)))

    def _find_by_key(self, value: object) -> int | None:
        if value is None:
            return None
        if self._by_key is None:
            self._by_key = {
                _fold(one.get("id", one["properties"].get(self._key))): i for i, one in self._inputs.items()
            }
        return self._by_key.get(_fold(value))


def _fold(value: object) -> str:
    """HubSpot stores e-mail addresses in lower case."""
    return to_text(value).strip().casefold()


def _fail(code: str, field: str = "", technical: str = "") -> Result:
    return Result(False, code=code, message=sentence(code, field, LABEL), field=field, technical=technical)


def _unsendable(record: FlatRecord, key: str) -> Result:
    """A record that never leaves: HubSpot would refuse the whole batch because of it."""
    return _fail("malformed_id" if to_text(record.get(key)).strip() else "missing_key", key)
