"""HubSpot's addresses. Three families answer with the same bodies; the version is a setting of the connection.

https://developers.hubspot.com/docs/api-reference/overview
"""

from dataclasses import dataclass
from urllib.parse import quote

# Groups of calls, as the rate-limit policy names them.
CRM = "crm"
SEARCH = "search"

RECORD_ID = "hs_object_id"
"""HubSpot's own id: as the key it is named nowhere else, since it can neither be an idProperty nor be written."""
OTHER = "object"
"""What the name of an object starts with that only the account itself knows: "object:2-3442345"."""

ACCOUNT = "/account-info/v3/details"
TOKEN = "/oauth/v1/token"  # noqa: S105 a path


@dataclass(frozen=True, slots=True)
class Paths:
    """The addresses of one version: "v3", or a date such as "2026-09"."""

    version: str

    def objects(self, object_name: str) -> str:
        """Records of an object: `contacts`, `companies`, `p_custom`, `2-123`."""
        name = quote(bare(object_name), safe="")
        return f"/crm/v3/objects/{name}" if self.version == "v3" else f"/crm/objects/{self.version}/{name}"

    def properties(self, object_name: str) -> str:
        """Its properties."""
        name = quote(bare(object_name), safe="")
        return f"/crm/v3/properties/{name}" if self.version == "v3" else f"/crm/properties/{self.version}/{name}"

    def schemas(self, object_name: str = "") -> str:
        """The custom objects of the account, or one of them."""
        path = f"/crm-object-schemas/{self.version}/schemas"
        return f"{path}/{quote(bare(object_name), safe='')}" if object_name else path


def bare(object_name: str) -> str:
    """The name as HubSpot knows it."""
    kind, _, name = object_name.partition(":")
    return name if kind == OTHER and name else object_name


def is_record_id(text: str) -> bool:
    """False for what cannot be the id of any record."""
    return text.isascii() and text.isdigit()


def modified_property(object_name: str) -> str:
    """The property that says when a record last changed; contacts have their own name for it."""
    return "lastmodifieddate" if object_name in ("contacts", "0-1") else "hs_lastmodifieddate"
