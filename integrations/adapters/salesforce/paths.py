"""Salesforce's addresses. The version is part of the path and a setting of the connection.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_list.htm
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from integrations.adapters.salesforce.declaration import LABEL
from integrations.exceptions import ConfigurationError

# Groups of calls, as the rate-limit policy names them.
API = "api"
BULK = "bulk"

VERSIONS = "/services/data/"
TOKEN = "/services/oauth2/token"  # noqa: S105 a path
USER = "/services/oauth2/userinfo"

_NAME = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Paths:
    """The addresses of one version, such as "62.0"."""

    version: str

    @property
    def base(self) -> str:
        """What every address starts with."""
        return f"{VERSIONS}v{self.version.removeprefix('v')}"

    def query(self, soql: str) -> str:
        """A SOQL query."""
        return f"{self.base}/query?q={quote(soql, safe='')}"

    def sobjects(self) -> str:
        """Which objects there are."""
        return f"{self.base}/sobjects"

    def describe(self, object_name: str) -> str:
        """An object's fields."""
        return f"{self.base}/sobjects/{check_name(object_name)}/describe"

    def collections(self, object_name: str = "", key: str = "") -> str:
        """Up to 200 records in one call; with object and key an upsert."""
        path = f"{self.base}/composite/sobjects"
        return f"{path}/{check_name(object_name)}/{check_name(key)}" if object_name else path

    def deletion(self, ids: Sequence[str]) -> str:
        """Up to 200 records to be deleted, each for itself."""
        return f"{self.collections()}?ids={','.join(ids)}&allOrNone=false"

    def ingest(self, job_id: str = "", part: str = "") -> str:
        """Bulk jobs, one of them, or one of its parts."""
        return "/".join(filter(None, (f"{self.base}/jobs/ingest", quote(job_id, safe=""), part)))


def check_name(name: str) -> str:
    """The name of an object or a field; anything else has no place in an address or a query."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{LABEL} has no field or object of this name: {name[:80]!r}.", code="bad_name")
    return name
