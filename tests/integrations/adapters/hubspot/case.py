"""HubSpot in the contract suite."""

from collections.abc import Mapping
from typing import Any

from integrations.enums import Operator
from integrations.types import Credentials
from tests.integrations.adapters.cases import DATED, PRESENT, SAME, TRAITS, Case


def _token(known: Mapping[str, Any]) -> Credentials:
    return Credentials("token", {"base_url": known["base_url"]}, {"access_token": known["access_token"]})


def _oauth(known: Mapping[str, Any]) -> Credentials:
    oauth = known["oauth"]
    secrets = {"client_secret": oauth["client_secret"], "refresh_token": oauth["refresh_token"]}
    return Credentials("oauth", {"base_url": known["base_url"], "client_id": oauth["client_id"]}, secrets)


def _give_one_time(sandbox: Any, adapter: Any, count: int) -> None:
    sandbox.ask("POST", "/hubspot/contacts/touch", {"count": count})


CASE = Case(
    platform="hubspot",
    object_name="contacts",
    key="email",
    fields=("email", "firstname", "lastname"),
    make_record=lambda i: {"email": f"person{i}@example.org", "firstname": "Ann", "lastname": f"O'Brien {i} 🎉"},
    bad_records=(
        ({"email": "no-address", "firstname": "Ann"}, "invalid_email", "email"),
        ({"email": "stage@example.org", "lifecyclestage": "emperor"}, "not_in_list", "lifecyclestage"),
        ({"email": "", "firstname": "Ann"}, "missing_key", "email"),
    ),
    read_route="/crm/v3/objects/contacts",
    write_route="/crm/v3/objects/contacts/batch/upsert",
    sign_in=_token,
    wrong_secret="access_token",
    groups=frozenset({"crm"}),
    traits=TRAITS - {"large_loads"},
    token_route="/oauth/v1/token",
    renewing_sign_in=_oauth,
    slow_down={"kind": "status", "status": 429},
    give_one_time=_give_one_time,
    archive_route="/crm/v3/objects/contacts/batch/archive",
    varied={
        "firstname": ("Ann", "ANN", "Ann-Lee", None, "O'Brien", "100% Zoë"),
        "lifecyclestage": ("lead", "customer", None),
        "hs_email_optout": (True, False, None),
        "numemployees": ("1-5", None, "1000+"),
        "hs_buying_role": (["CHAMPION"], ["CHAMPION", "INFLUENCER"], None),
        "closedate": ("2026-01-02T10:00:00.123Z", "2026-02-03T00:00:00Z", None),
        "salesforce_campaign_date": ("2026-01-02", "2026-02-03", "2026-05-06", None),
        "phone": ("+49 30 1", None),
        "message": ("Hello", "hello", None),
        "hs_object_id": (),
        "createdate": (),
    },
    counted=frozenset(
        {
            *((name, one) for name in ("firstname", "lifecyclestage") for one in PRESENT | SAME),
            *((name, one) for name in ("hs_buying_role", "phone", "message") for one in PRESENT),
            *((name, one) for name in ("hs_email_optout", "numemployees") for one in SAME),
            *((name, one) for name in ("closedate", "salesforce_campaign_date") for one in PRESENT | DATED),
            ("hs_object_id", Operator.ABOVE),
            ("createdate", Operator.BEFORE),
        }
    ),
)
