"""The query call and its pages. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm"""

import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.salesforce.errors import refuse
from integrations.sandbox.salesforce.evaluate import Evaluator
from integrations.sandbox.salesforce.soql import Parser, Query
from integrations.sandbox.salesforce.tables import PREFIX, Tables
from integrations.sandbox.wire import Answer, Call, Route, answer_json

PAGE = 2_000
SMALLEST_PAGE = 200
OPEN_CURSORS = 50
_BATCH_SIZE = re.compile(r"batchSize=(\d+)")


@dataclass(slots=True)
class Cursor:
    """A query's result, found once; its pages are rendered when they are fetched."""

    evaluator: Evaluator
    slots: list[int]
    path: str
    page: int


class QueryApi:
    """query, queryAll and nextRecordsUrl."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._cursors: OrderedDict[str, Cursor] = OrderedDict()

    def routes(self) -> list[Route]:
        return [
            route
            for word in ("query", "queryAll")
            for route in (
                Route("GET", f"{PREFIX}/{word}", self.query),
                Route("GET", f"{PREFIX}/{word}/", self.query),
                Route("GET", f"{PREFIX}/{word}/{{locator}}", self.fetch_more),
            )
        ]

    def query(self, call: Call) -> Answer:
        word = call.path.rstrip("/").rpartition("/")[2]
        if "q" not in call.query:
            raise refuse(400, "MALFORMED_QUERY", "A query string has to be specified")
        query, evaluator = self.prepare(call.query["q"])
        slots = evaluator.find(with_deleted=word == "queryAll")
        if query.fields[0].upper() == "COUNT()":
            return answer_json({"totalSize": len(slots), "done": True, "records": []})
        path = f"/services/data/v{call.params['version']}/{word}"
        return self._answer(Cursor(evaluator, slots, path, read_page_size(call)), 0, "", call)

    def prepare(self, text: str) -> tuple[Query, Evaluator]:
        query = Parser(text).parse()
        if query.entity.lower() not in {name.lower() for name in self._tables.all}:
            message = f"sObject type '{query.entity}' is not supported."
            raise refuse(400, "INVALID_TYPE", message)
        return query, Evaluator(query, self._tables.table(query.entity), self._tables.all)

    def fetch_more(self, call: Call) -> Answer:
        locator, _, start = call.params["locator"].rpartition("-")
        cursor = self._cursors.get(locator)
        if cursor is None or not start.isdigit():
            raise refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._answer(cursor, int(start), locator, call)

    def _answer(self, cursor: Cursor, start: int, locator: str, call: Call) -> Answer:
        end = start + cursor.page
        records = cursor.evaluator.render(cursor.slots[start:end], call.params["version"])
        body: dict[str, Any] = {"totalSize": len(cursor.slots), "done": end >= len(cursor.slots)}
        if not body["done"]:
            body["nextRecordsUrl"] = f"{cursor.path}/{locator or self._keep(cursor)}-{end}"
        return answer_json({**body, "records": records})

    def _keep(self, cursor: Cursor) -> str:
        locator = f"01g{secrets.token_hex(6)}AAA"
        self._cursors[locator] = cursor
        if len(self._cursors) > OPEN_CURSORS:
            self._cursors.popitem(last=False)
        return locator


def read_page_size(call: Call) -> int:
    found = _BATCH_SIZE.search(call.headers.get("Sforce-Query-Options", ""))
    return min(max(int(found[1]), SMALLEST_PAGE), PAGE) if found else PAGE
