"""Mailchimp in the contract suite."""

from collections.abc import Mapping
from typing import Any

from integrations.sandbox.mailchimp.credentials import NEWSLETTER
from integrations.types import Credentials
from tests.integrations.adapters.cases import TRAITS, Case

MEMBERS = f"members:{NEWSLETTER}"


def _sign_in(known: Mapping[str, Any]) -> Credentials:
    secrets = {"api_key": known.get("api_key", "0123456789abcdef-us21")}
    return Credentials("api_key", {"base_url": known["base_url"]}, secrets)


def _make_record(i: int) -> dict[str, Any]:
    return {"email_address": f"person{i}@example.org", "FNAME": "Ann", "LNAME": f"O'Brien {i} 🎉"}


def _give_one_time(sandbox: Any, adapter: Any, count: int) -> None:
    """The audience holds a part of the portal's people; as many are added as are missing."""
    there = sandbox.ask("GET", f"/mailchimp/{MEMBERS}/summary")["stored"]
    for start in range(0, count - there, 100):
        records = [_make_record(i) for i in range(start, min(start + 100, count - there))]
        adapter.upload_batch(MEMBERS, records, "create", "email_address", trace=f"7-{start}")
    sandbox.ask("POST", f"/mailchimp/{MEMBERS}/touch", {"count": count})


CASE = Case(
    platform="mailchimp",
    object_name=MEMBERS,
    key="email_address",
    fields=("email_address", "FNAME", "LNAME"),
    make_record=_make_record,
    bad_records=(
        ({"email_address": "no-address", "FNAME": "Ann"}, "invalid_email", "email_address"),
        ({"email_address": "stage@example.org", "STAGE": "emperor"}, "not_in_list", "STAGE"),
        ({"email_address": "birth@example.org", "BIRTHDAY": "31/02"}, "invalid_date", "BIRTHDAY"),
        ({"email_address": "score@example.org", "SCORE": "a lot"}, "invalid_number", "SCORE"),
        ({"email_address": "home@example.org", "ADDRESS:city": "Cork"}, "required_missing", "ADDRESS:addr1"),
        ({"email_address": "topic@example.org", "group:9e5d2c7b10": "Moon"}, "not_in_list", "group:9e5d2c7b10"),
        ({"email_address": "", "FNAME": "Ann"}, "missing_key", "email_address"),
    ),
    read_route="/members",
    write_route="/members/",
    sign_in=_sign_in,
    wrong_secret="api_key",
    groups=frozenset({"api"}),
    traits=TRAITS - {"renews", "days", "answers_in_rows", "finds_by_any_field", "starts_over", "counts_conditions"},
    slow_down={"kind": "status", "status": 429},
    give_one_time=_give_one_time,
    fill_first=900,
)
