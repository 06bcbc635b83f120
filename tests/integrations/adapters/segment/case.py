"""Segment in the contract suite."""

from collections.abc import Mapping
from typing import Any

from integrations.types import Credentials
from tests.integrations.adapters.cases import Case

_TOKENS = ("write_key", "public_token", "space_token")


def sign_in(known: Mapping[str, Any]) -> Credentials:
    """By the write key, with all tokens that are optional."""
    settings = {"base_url": known["base_url"], "space_id": known.get("space_id", "")}
    return Credentials("write_key", settings, {name: known.get(name, "x") for name in _TOKENS})


CASE = Case(
    platform="segment",
    object_name="users",
    key="email",
    fields=("email", "firstName", "lastName"),
    make_record=lambda i: {"email": f"person{i}@example.org", "firstName": "Ann", "lastName": f"O'Brien {i} 🎉"},
    bad_records=(),
    read_route="/v1/spaces",
    write_route="/v1/batch",
    sign_in=sign_in,
    wrong_secret="write_key",
    groups=frozenset({"track"}),
    traits=frozenset({"acknowledges", "refuses", "pauses"}),
    slow_down={"kind": "status", "status": 429},
    check_lines=5,
    count_calls=0,
)
