"""Which objects an org has. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_describeGlobal.htm

An org has a thousand, most of them shares, histories and settings. Offered are its own, and those of Salesforce's that hold
what people in marketing and sales work with, as far as our sign-in may read and write them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.salesforce.declaration import CAPABILITIES
from integrations.adapters.salesforce.names import OTHER, USUAL, full
from integrations.adapters.salesforce.paths import API, Paths
from integrations.enums import SyncMode
from integrations.types import ObjectCapability

STANDARD = frozenset(
    {
        "Asset",
        "Campaign",
        "CampaignMember",
        "Case",
        "Contract",
        "Event",
        "Individual",
        "Opportunity",
        "OpportunityContactRole",
        "OpportunityLineItem",
        "Order",
        "Product2",
        "Quote",
        "Task",
    }
)
CUSTOM = "__c"
"""The end of an org's own objects; those of another kind (settings, events, big objects) end otherwise or say so."""


class Catalogue:
    """Knows which objects an org has."""

    def __init__(self, client: SignedClient, paths: Paths) -> None:
        self._client = client
        self._paths = paths

    def list_objects(self) -> list[ObjectCapability]:
        """The usual ones, then the others by name. Their keys are told by their description, one call for each."""
        answer = self._client.call("GET", self._paths.sobjects(), API)
        body = self._client.http.read_json(answer)
        found = body.get("sobjects") if isinstance(body, dict) else None
        if not isinstance(found, list):
            raise self._client.http.unexpected(answer)
        listed = {str(one.get("name")): one for one in found if isinstance(one, dict) and _is_usable(one)}
        usual = [_limit(CAPABILITIES.object(name), listed[name]) for name in USUAL if name in listed]
        others = [describe_object(one) for name, one in listed.items() if name not in USUAL]
        return usual + sorted(others, key=lambda one: one.label)


def _is_usable(found: Mapping[str, Any]) -> bool:
    name = str(found.get("name"))
    is_meant = name in USUAL or name in STANDARD or (found.get("custom") and name.endswith(CUSTOM))
    is_hidden = found.get("customSetting") or found.get("deprecatedAndHidden")
    return bool(is_meant and not is_hidden and found.get("queryable") and _modes(found))


def describe_object(found: Mapping[str, Any]) -> ObjectCapability:
    """An object that only this org's list names."""
    one = str(found.get("label") or found["name"])
    label = str(found.get("labelPlural") or one)
    kind = replace(
        CAPABILITIES.object(OTHER),
        name=full(str(found["name"])),
        label=label,
        noun=(one.lower(), label.lower()),
        stands_for_many=False,
    )
    return _limit(kind, found)


def _limit(capability: ObjectCapability, found: Mapping[str, Any]) -> ObjectCapability:
    """What our sign-in may do with it."""
    return replace(capability, modes=_modes(found), can_archive=bool(found.get("deletable")))


def _modes(found: Mapping[str, Any]) -> tuple[SyncMode, ...]:
    adds, changes = bool(found.get("createable")), bool(found.get("updateable"))
    can = {SyncMode.UPSERT: adds and changes, SyncMode.UPDATE: changes, SyncMode.CREATE: adds}
    return tuple(mode for mode, is_possible in can.items() if is_possible)
