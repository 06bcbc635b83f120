"""The custom objects of the account. https://developers.hubspot.com/docs/api-reference/crm-custom-objects-v3/guide"""

from typing import Any

from integrations.sandbox.hubspot.errors import NOT_FOUND, refuse
from integrations.sandbox.hubspot.schema import KINDS, full_name
from integrations.sandbox.hubspot.stores import ALIASES, Shelf, Stores
from integrations.sandbox.wire import Answer, Call, Route, answer_json

PREFIXES = ("/crm/v3/schemas", *(f"/crm-object-schemas/{version}/schemas" for version in ("v3", "2026-03", "2026-09")))
READ = "crm.schemas.custom.read"


class SchemasApi:
    """Lists them, and describes each; they are made when the account is."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def routes(self) -> list[Route]:
        return [
            route
            for prefix in PREFIXES
            for route in (
                Route("GET", prefix, self.list_schemas, READ),
                Route("GET", f"{prefix}/{{object}}", self.read_schema, READ),
            )
        ]

    def list_schemas(self, call: Call) -> Answer:
        return answer_json({"results": [describe(self._stores.named(kind.name)) for kind in KINDS if kind.is_custom]})

    def read_schema(self, call: Call) -> Answer:
        wanted = ALIASES.get(call.params["object"])
        found = next((kind for kind in KINDS if kind.is_custom and kind.name == wanted), None)
        if found is None:
            raise refuse(404, f"Object schema {call.params['object']} does not exist", NOT_FOUND)
        return answer_json(describe(self._stores.named(found.name)))


def describe(shelf: Shelf) -> dict[str, Any]:
    kind = shelf.store.kind
    label = kind.singular.capitalize()
    return {
        "id": kind.type_id.partition("-")[2],
        "objectTypeId": kind.type_id,
        "fullyQualifiedName": full_name(kind),
        "name": kind.name,
        "labels": {"singular": label, "plural": f"{label}s"},
        "metaType": "PORTAL_SPECIFIC",
        "primaryDisplayProperty": kind.defaults[0],
        "requiredProperties": list(kind.required),
        "searchableProperties": list(kind.defaults),
        "archived": False,
        "properties": [one.describe() for one in shelf.store.schema.values()],
        "associations": [],
    }
