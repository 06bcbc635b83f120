"""Google Analytics in the contract suite: its events, from a connection that also reads.

It confirms nothing and gives back nothing of what was sent, so most of its promises are in the tests beside this file.
"""

from collections.abc import Mapping
from typing import Any

from integrations.types import Credentials
from tests.integrations.adapters.cases import Case

ORPHAN = {"event_id": "e-1", "name": "generate_lead", "client_id": "1.1"}


def sign_in(known: Mapping[str, Any]) -> Credentials:
    settings = {
        "base_url": known["base_url"],
        "property_id": known.get("property_id", "1"),
        "measurement_id": known.get("measurement_id", "G-TEST0001"),
    }
    secrets = {"service_account": known.get("service_account", "x"), "api_secret": known.get("api_secret", "x")}
    return Credentials("service_account", settings, secrets)


def make_record(number: int) -> dict[str, Any]:
    return {"event_id": f"event-{number}.", "name": "generate_lead", "client_id": f"{number}.1767225600", "value": 10}


CASE = Case(
    platform="google_analytics",
    object_name="events",
    key="event_id",
    fields=("event_id", "lead_source", "method"),
    make_record=make_record,
    bad_records=(
        ({**ORPHAN, "name": "session_start"}, "reserved_name", "name"),
        ({**ORPHAN, "user_id": "ann@example.org"}, "personal_value", "user_id"),
        ({**ORPHAN, "event_id": ""}, "missing_key", "event_id"),
    ),
    read_route="runReport",
    write_route="/mp/collect",
    sign_in=sign_in,
    wrong_secret="service_account",
    groups=frozenset({"collect", "reports"}),
    traits=frozenset({"refuses"}),
    token_route="/token",
    required=frozenset({"event_id", "name", "client_id"}),
    check_lines=6,
    count_calls=0,
    good_status=204,
    mark="event-{}.",
)
