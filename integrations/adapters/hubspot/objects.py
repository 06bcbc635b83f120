"""The custom objects of an account. https://developers.hubspot.com/docs/api-reference/crm-custom-objects-v3/guide

An account without the right to them, or whose plan has none, still has the usual objects.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.hubspot.declaration import CAPABILITIES
from integrations.adapters.hubspot.paths import CRM, OTHER, Paths
from integrations.exceptions import PermissionMissingError
from integrations.types import ObjectCapability

Schema = Mapping[str, Any]


class Catalogue:
    """Knows which objects an account has."""

    def __init__(self, client: SignedClient, paths: Paths) -> None:
        self._client = client
        self._paths = paths

    def list_objects(self) -> list[ObjectCapability]:
        """The usual ones, then the account's own, by name."""
        usual = [one for one in CAPABILITIES.objects if not one.stands_for_many]
        found: list[Any] = []
        with suppress(PermissionMissingError):
            answer = self._client.call("GET", self._paths.schemas(), CRM)
            body = self._client.http.read_json(answer)
            found = body.get("results", body) if isinstance(body, dict) else body
            if not isinstance(found, list):
                raise self._client.http.unexpected(answer)
        own = [describe_object(one) for one in found if _is_usable(one)]
        return usual + sorted(own, key=lambda one: one.label)

    def find_schema(self, object_name: str) -> Schema:
        """What is known of one custom object; nothing where we may not ask."""
        with suppress(PermissionMissingError):
            body = self._client.get(self._paths.schemas(object_name), CRM)
            return body if isinstance(body, dict) else {}
        return {}


def _is_usable(found: object) -> bool:
    return isinstance(found, dict) and bool(found.get("objectTypeId")) and not found.get("archived")


def describe_object(found: Schema) -> ObjectCapability:
    """By its type id, which never changes and which webhooks name."""
    label = read_label(found)
    one = str(_read_labels(found).get("singular") or label)
    kind = CAPABILITIES.object(OTHER)
    return replace(
        kind,
        name=f"{OTHER}:{found['objectTypeId']}",
        label=label,
        noun=(one.lower(), label.lower()),
        default_key=_find_key(found),
        stands_for_many=False,
    )


def read_label(found: Schema) -> str:
    """What people call it; empty when it is not known."""
    return str(_read_labels(found).get("plural") or found.get("name") or found.get("objectTypeId") or "")


def _read_labels(found: Schema) -> Mapping[str, Any]:
    labels = found.get("labels")
    return labels if isinstance(labels, dict) else {}


def _find_key(found: Schema) -> str:
    """The unique property that also names a record, else any unique one."""
    properties = [one for one in found.get("properties") or [] if isinstance(one, dict)]
    unique = [str(one.get("name")) for one in properties if one.get("hasUniqueValue") and not one.get("archived")]
    shown = found.get("primaryDisplayProperty")
    return str(shown) if shown in unique else next(iter(unique), "")
