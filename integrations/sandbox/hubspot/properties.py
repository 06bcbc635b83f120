"""The properties API. https://developers.hubspot.com/docs/api/crm/properties"""

import re
from typing import Any

from integrations.sandbox.hubspot.errors import NOT_FOUND, read_json, refuse, refuse_invalid
from integrations.sandbox.hubspot.schema import Property
from integrations.sandbox.hubspot.stores import Shelf, Stores
from integrations.sandbox.wire import Answer, Call, Route, answer_json

PREFIXES = ("/crm/v3/properties/{object}", "/crm/properties/2026-03/{object}", "/crm/properties/2026-09/{object}")
READ = "crm.schemas.{object}.read"
WRITE = "crm.schemas.{object}.write"
REQUIRED = ("name", "label", "type", "fieldType", "groupName")
TYPES = {"string", "number", "date", "datetime", "enumeration", "bool", "phone_number", "json", "object_coordinates"}
MOST_UNIQUE = 10
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class PropertiesApi:
    """Tells, adds and removes properties."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def routes(self) -> list[Route]:
        return [route for prefix in PREFIXES for route in self._routes_under(prefix)]

    def _routes_under(self, prefix: str) -> list[Route]:
        return [
            Route("GET", prefix, self.list_properties, READ),
            Route("POST", prefix, self.create_property, WRITE),
            Route("GET", f"{prefix}/{{name}}", self.read_property, READ),
            Route("DELETE", f"{prefix}/{{name}}", self.delete_property, WRITE),
        ]

    def list_properties(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        if call.query.get("archived") == "true":
            return answer_json({"results": []})
        return answer_json({"results": [one.describe() for one in shelf.store.schema.values()]})

    def read_property(self, call: Call) -> Answer:
        return answer_json(self._find(self._stores.shelf(call), call.params["name"]).describe())

    def create_property(self, call: Call) -> Answer:
        shelf, body = self._stores.shelf(call), read_json(call.body)
        self._check_new(shelf, body)
        made = Property(
            name=body["name"],
            label=body["label"],
            type=body["type"],
            field_type=body["fieldType"],
            group=body["groupName"],
            unique=bool(body.get("hasUniqueValue")),
            built_in=False,
            options=[(str(one["value"]), str(one["label"])) for one in body.get("options") or []],
        )
        shelf.store.schema[made.name] = made
        shelf.views.forget()
        return answer_json(made.describe(), 201)

    def _check_new(self, shelf: Shelf, body: dict[str, Any]) -> None:
        if missing := [name for name in REQUIRED if not body.get(name)]:
            raise refuse_invalid(f"Some required fields were not set: {missing}", context={"missingFields": missing})
        if not _NAME.fullmatch(body["name"]) or body["type"] not in TYPES:
            raise refuse_invalid(f"Invalid name or type: {body['name']}, {body['type']}")
        if body["name"] in shelf.store.schema:
            raise refuse(409, f"A property named '{body['name']}' already exists.", "OBJECT_ALREADY_EXISTS")
        if body.get("hasUniqueValue") and sum(one.unique for one in shelf.store.schema.values()) >= MOST_UNIQUE:
            raise refuse_invalid(f"At most {MOST_UNIQUE} properties with unique values per object")

    def delete_property(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        if self._find(shelf, call.params["name"]).built_in:
            raise refuse_invalid("HubSpot's own properties cannot be archived")
        del shelf.store.schema[call.params["name"]]
        shelf.views.forget()
        return Answer(204)

    def _find(self, shelf: Shelf, name: str) -> Property:
        if name not in shelf.store.schema:
            raise refuse(404, f"Property {name} does not exist", NOT_FOUND)
        return shelf.store.schema[name]
