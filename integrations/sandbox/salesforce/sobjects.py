"""Records one by one, and what objects there are. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/"""

from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from integrations.sandbox.clock import parse_instant
from integrations.sandbox.salesforce.errors import (
    RowError,
    read_json,
    refuse,
    refuse_missing_record,
    refuse_unknown_field,
)
from integrations.sandbox.salesforce.fields import Entity
from integrations.sandbox.salesforce.table import Record, Table
from integrations.sandbox.salesforce.tables import PREFIX, Tables
from integrations.sandbox.salesforce.writer import Outcome
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json


class SObjectsApi:
    """Describe, create, read, change, upsert and delete."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def routes(self) -> list[Route]:
        base = f"{PREFIX}/sobjects"
        return [
            Route("GET", base, self.list_objects),
            Route("GET", f"{base}/", self.list_objects),
            Route("GET", f"{base}/{{object}}/describe", self.describe),
            Route("GET", f"{base}/{{object}}/describe/", self.describe),
            Route("GET", f"{base}/{{object}}/deleted", self.list_deleted),
            Route("GET", f"{base}/{{object}}/deleted/", self.list_deleted),
            Route("POST", f"{base}/{{object}}", self.create),
            Route("POST", f"{base}/{{object}}/", self.create),
            Route("GET", f"{base}/{{object}}/{{id}}", self.read),
            Route("PATCH", f"{base}/{{object}}/{{id}}", self.update),
            Route("DELETE", f"{base}/{{object}}/{{id}}", self.delete),
            Route("GET", f"{base}/{{object}}/{{key}}/{{value}}", self.read_by_key),
            Route("PATCH", f"{base}/{{object}}/{{key}}/{{value}}", self.upsert),
            Route("DELETE", f"{base}/{{object}}/{{key}}/{{value}}", self.delete_by_key),
        ]

    def list_objects(self, call: Call) -> Answer:
        objects = [describe_entity(table.entity) for table in self._tables.all.values()]
        return answer_json({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})

    def describe(self, call: Call) -> Answer:
        table = self._tables.table(call.params["object"])
        entity, since = table.entity, call.headers.get("If-Modified-Since")
        if since and parsedate_to_datetime(since) >= table.described_at:
            return Answer(304)
        fields = [field.describe() for field in entity.fields.values()]
        master = {"name": "Master", "master": True, "available": True, "defaultRecordTypeMapping": True, "active": True}
        body = {**describe_entity(entity), "fields": fields, "recordTypeInfos": [master]}
        return answer_json(body, headers={"Last-Modified": format_datetime(table.described_at, usegmt=True)})

    def list_deleted(self, call: Call) -> Answer:
        table = self._tables.table(call.params["object"])
        start, end = (read_instant(call.query.get(name, "")) for name in ("start", "end"))
        slots = [slot for slot in sorted(table.deleted) if start <= table.stamps[slot] * 1_000 <= end]
        records = [
            {"id": table.ids.make(slot), "deletedDate": table.read_system(slot)["SystemModstamp"]} for slot in slots
        ]
        covered = table.read_system(slots[-1])["SystemModstamp"] if slots else call.query["end"]
        return answer_json(
            {"deletedRecords": records, "earliestDateAvailable": call.query["start"], "latestDateCovered": covered}
        )

    def create(self, call: Call) -> Answer:
        outcome = self._tables.writer(call.params["object"]).insert([read_row(call.body)])[0]
        return answer_outcome(outcome, 201, {"id": outcome[0], "success": True, "errors": []})

    def read(self, call: Call) -> Answer:
        table = self._tables.table(call.params["object"])
        slot = table.find_slot(call.params["id"])
        if slot is None:
            raise refuse_missing_record()
        return answer_json(self._show(table, slot, call))

    def read_by_key(self, call: Call) -> Answer:
        table = self._tables.table(call.params["object"])
        slots = find_by_key(table, call)
        if len(slots) > 1:
            return answer_choices(table, slots, call)
        if not slots:
            raise refuse_missing_record()
        return answer_json(self._show(table, slots[0], call))

    def _show(self, table: Table, slot: int, call: Call) -> Record:
        values = table.read(slot)
        wanted = call.query.get("fields", "")
        names = wanted.split(",") if wanted else list(table.entity.fields)
        for name in names:
            if table.find_field(name) is None:
                raise refuse_unknown_field(name, table.entity.name)
        attributes = {"type": table.entity.name, "url": make_url(table, slot, call)}
        return {"attributes": attributes, **{name: values.get(name) for name in names}}

    def update(self, call: Call) -> Answer:
        row = {**read_row(call.body), "Id": call.params["id"]}
        if self._tables.table(call.params["object"]).find_slot(call.params["id"]) is None:
            raise refuse_missing_record()
        return answer_outcome(self._tables.writer(call.params["object"]).update([row])[0], 204, None)

    def upsert(self, call: Call) -> Answer:
        table, writer = self._tables.table(call.params["object"]), self._tables.writer(call.params["object"])
        key = call.params["key"]
        slots = find_by_key(table, call)
        if len(slots) > 1:
            return answer_choices(table, slots, call)
        if not slots and (call.query.get("updateOnly") == "true" or key == "Id"):
            raise refuse_missing_record()
        outcome = writer.upsert([{**read_row(call.body), key: call.params["value"]}], key)[0]
        body = {"id": outcome[0], "success": True, "errors": [], "created": outcome[1]}
        return answer_outcome(outcome, 201 if outcome[1] else 200, body)

    def delete(self, call: Call) -> Answer:
        table = self._tables.table(call.params["object"])
        slot = table.find_slot(call.params["id"])
        if slot is None:
            raise refuse_missing_record()
        table.delete(slot)
        return Answer(204)

    def delete_by_key(self, call: Call) -> Answer:
        table = self._tables.table(call.params["object"])
        slots = find_by_key(table, call)
        if len(slots) > 1:
            return answer_choices(table, slots, call)
        if not slots:
            raise refuse_missing_record()
        table.delete(slots[0])
        return Answer(204)


def describe_entity(entity: Entity) -> dict[str, Any]:
    return {
        "name": entity.name,
        "label": entity.label,
        "labelPlural": f"{entity.label}s",
        "custom": entity.custom,
        "customSetting": False,
        "deprecatedAndHidden": False,
        "createable": True,
        "updateable": True,
        "deletable": True,
        "queryable": True,
        "searchable": True,
        "keyPrefix": entity.prefix,
    }


def find_by_key(table: Table, call: Call) -> list[int]:
    field = table.find_field(call.params["key"])
    if field is None or not (field.external_id or field.name == "Id"):
        raise refuse_missing_record()
    return table.find_by_key(field.name, call.params["value"])


def make_url(table: Table, slot: int, call: Call) -> str:
    return f"/services/data/v{call.params['version']}/sobjects/{table.entity.name}/{table.ids.make(slot)}"


def answer_choices(table: Table, slots: list[int], call: Call) -> Answer:
    """More than one record has this external id: the caller may choose."""
    return answer_json([make_url(table, slot, call) for slot in slots], 300)


def answer_outcome(outcome: Outcome, status: int, body: Any) -> Answer:
    if outcome[2] is not None:
        raise _refuse_row(outcome[2])
    return Answer(status) if body is None else answer_json(body, status)


def _refuse_row(errors: list[RowError]) -> Refusal:
    """Outside collections the key is errorCode."""
    listed = [{"message": one["message"], "errorCode": one["statusCode"], "fields": one["fields"]} for one in errors]
    return Refusal(400, listed)


def read_row(body: bytes) -> Record:
    row = read_json(body)
    if not isinstance(row, dict):
        raise refuse(400, "JSON_PARSER_ERROR", "The request body is no object at [line:1, column:1]")
    row.pop("attributes", None)
    return row


def read_instant(text: str) -> int:
    try:
        return parse_instant(text.replace(" ", "+"))
    except ValueError as exc:
        raise refuse(400, "INVALID_REPLICATION_DATE", f"{text} is no date") from exc
