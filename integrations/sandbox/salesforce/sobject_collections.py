"""
sObject Collections: up to 200 rows in one call, answered row by row in the same order.
https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from typing import Any

import orjson

from integrations.sandbox.salesforce.errors import read_json, refuse, row_error
from integrations.sandbox.salesforce.table import Record, Table
from integrations.sandbox.salesforce.tables import PREFIX, Tables
from integrations.sandbox.salesforce.writer import Outcome
from integrations.sandbox.wire import Answer, Call, Route

MOST = 200


class CollectionsApi:
    """Insert, update and delete may mix object types; upsert is for one."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def routes(self) -> list[Route]:
        path = f"{PREFIX}/composite/sobjects"
        return [
            Route("PATCH", f"{path}/{{object}}/{{key}}", self.upsert),
            Route("POST", path, self.insert),
            Route("PATCH", path, self.update),
            Route("DELETE", path, self.delete),
        ]

    def upsert(self, call: Call) -> Answer:
        rows, all_or_none = read_rows(call.body)
        name = self._tables.table(call.params["object"]).entity.name
        kinds = [row.pop("attributes", None) or {} for row in rows]
        if (
            any(kind.get("type", name) != name for kind in kinds if kind != kinds[0])
            or kinds[0].get("type", name) != name
        ):
            raise refuse(400, "INVALID_INPUT", f"All records of an upsert must be of type {name}")
        return answer_outcomes(self._tables.writers[name].upsert(rows, call.params["key"], all_or_none), upsert=True)

    def insert(self, call: Call) -> Answer:
        rows, all_or_none = read_rows(call.body)
        return self._write(rows, "insert", all_or_none)

    def update(self, call: Call) -> Answer:
        rows, all_or_none = read_rows(call.body)
        return self._write(rows, "update", all_or_none)

    def _write(self, rows: list[Record], verb: str, all_or_none: bool) -> Answer:
        """Rows of one type are written together; the answer has the order of the request."""
        names = [str(row.pop("attributes", {}).get("type", "")) for row in rows]
        outcomes: dict[int, Outcome] = {}
        for name in dict.fromkeys(names):
            places = [i for i, other in enumerate(names) if other == name]
            write = getattr(self._tables.writer(name), verb)
            outcomes.update(zip(places, write([rows[i] for i in places], all_or_none), strict=True))
        return answer_outcomes([outcomes[i] for i in range(len(rows))])

    def delete(self, call: Call) -> Answer:
        ids = [record_id for record_id in call.query.get("ids", "").split(",") if record_id]
        if not ids or len(ids) > MOST:
            raise refuse_count(len(ids))
        if call.query.get("allOrNone") == "true" and None in map(self._find, ids):
            return answer_outcomes([_missing() for _ in ids])
        return answer_outcomes([self._delete_one(record_id) for record_id in ids])

    def _find(self, record_id: str) -> tuple[Table, int] | None:
        table = self._tables.table_of_id(record_id)
        slot = None if table is None else table.find_slot(record_id)
        return None if table is None or slot is None else (table, slot)

    def _delete_one(self, record_id: str) -> Outcome:
        found = self._find(record_id)
        if found is None:
            return _missing()
        table, slot = found
        table.delete(slot)
        return record_id, False, None


def _missing() -> Outcome:
    return "", False, [row_error("ENTITY_IS_DELETED", "entity is deleted")]


def read_rows(body: bytes) -> tuple[list[Record], bool]:
    given = read_json(body)
    rows = given.get("records") if isinstance(given, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refuse(400, "JSON_PARSER_ERROR", "The request body needs a list of records at [line:1, column:1]")
    if not rows or len(rows) > MOST:
        raise refuse_count(len(rows))
    return rows, bool(given.get("allOrNone"))


def refuse_count(number: int) -> Exception:
    return refuse(400, "INVALID_INPUT", f"A request takes between 1 and {MOST} records, this one has {number}")


def answer_outcomes(outcomes: list[Outcome], upsert: bool = False) -> Answer:
    """Joined from ready-made pieces: most rows of most calls differ in nothing but the id."""
    created = ',"created":true}' if upsert else "}"
    updated = ',"created":false}' if upsert else "}"
    pieces = [
        f'{{"id":"{record_id}","success":true,"errors":[]{created if new else updated}'
        if errors is None
        else render_failure(errors)
        for record_id, new, errors in outcomes
    ]
    return Answer(200, f"[{','.join(pieces)}]".encode())


def render_failure(errors: Any) -> str:
    return orjson.dumps({"success": False, "errors": errors}).decode()
