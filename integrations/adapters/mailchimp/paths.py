"""Mailchimp's addresses, and how an audience and its members are named in them.

https://mailchimp.com/developer/marketing/api/
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from integrations.exceptions import ConfigurationError

# Groups of calls, as the rate-limit policy names them.
API = "api"
DOWNLOAD = "download"

BASE = "/3.0"
ACCOUNT = f"{BASE}/"
PING = f"{BASE}/ping"
LISTS = f"{BASE}/lists"
BATCHES = f"{BASE}/batches"
WITHOUT_REQUIRED = {"skip_merge_validation": "true"}
"""A profile may lack what a sign-up form requires."""

_OBJECT = re.compile(r"members:([A-Za-z0-9]{1,40})", re.ASCII)


def read_audience(object_name: str) -> str:
    """The id of the audience in "members:<id>"; ConfigurationError for anything else."""
    found = _OBJECT.fullmatch(object_name)
    if found is None:
        raise ConfigurationError("Choose one of Mailchimp's audiences for this sync.", code="not_there")
    return found[1]


def name_object(audience_id: str) -> str:
    """The object that holds an audience's members."""
    return f"members:{audience_id}"


def hash_address(address: object) -> str:
    """By this Mailchimp knows a member; empty without an address. It changes when the address does."""
    text = str(address or "").strip().lower()
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest() if text else ""


def of_list(audience_id: str, part: str = "", **query: Any) -> str:
    """An audience, or a part of it."""
    return with_query("/".join(filter(None, (LISTS, quote(audience_id, safe=""), part))), query)


def of_member(audience_id: str, who: str, part: str = "", **query: Any) -> str:
    """A member, by the hash of the address or by contact id."""
    return of_list(audience_id, "/".join(filter(None, ("members", quote(who, safe=""), part))), **query)


def with_query(path: str, query: Mapping[str, Any]) -> str:
    """The path with its query, if there is one."""
    return f"{path}?{urlencode(query)}" if query else path
