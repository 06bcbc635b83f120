"""Connections to the sandbox, with what `GET /_control/credentials` tells. Existing ones are kept as they are."""

from collections.abc import Mapping as Plain
from dataclasses import dataclass, field
from typing import Any

from integrations.models import Connection
from integrations.orchestrator.connections import save_connection

Told = Plain[str, Plain[str, Any]]


@dataclass(frozen=True, slots=True)
class Account:
    """How one connection signs in. `settings` and `secrets` name what was told; `choices` are settings of its own."""

    name: str
    platform: str
    method: str
    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    choices: Plain[str, str] = field(default_factory=dict)


HUBSPOT = Account("HubSpot", "hubspot", "token", secrets=("access_token",))
SALESFORCE = Account("Salesforce", "salesforce", "client_credentials", ("client_id",), ("client_secret",))
MAILCHIMP = Account("Mailchimp", "mailchimp", "api_key", secrets=("api_key",), choices={"archived_people": "add"})
SEGMENT = Account("Segment", "segment", "write_key", ("space_id",), ("write_key", "public_token", "space_token"))
ANALYTICS = Account(
    "Google Analytics",
    "google_analytics",
    "service_account",
    ("property_id", "measurement_id"),
    ("service_account", "api_secret"),
)
ACCOUNTS = (HUBSPOT, SALESFORCE, MAILCHIMP, SEGMENT, ANALYTICS)


def open_account(
    account: Account, credentials: Told, *, actor: str = "", tier: str = "", timeout: int = 10
) -> Connection:
    """The connection of that name, made if there is none."""
    told = credentials[account.platform]
    named = {name: str(told[name]) for name in account.settings}
    return Connection.objects.filter(name=account.name).first() or save_connection(
        None,
        name=account.name,
        platform=account.platform,
        method=account.method,
        settings={"base_url": told["base_url"], **named, **account.choices, "timeout": str(timeout)},
        secrets={name: told[name] for name in account.secrets},
        actor=actor,
        tier=tier,
    )


def connect(credentials: Told, *, actor: str = "", tier: str = "", timeout: int = 10) -> tuple[Connection, Connection]:
    """HubSpot and Salesforce."""
    hubspot, salesforce = (
        open_account(one, credentials, actor=actor, tier=tier, timeout=timeout) for one in (HUBSPOT, SALESFORCE)
    )
    return hubspot, salesforce
