"""The simulated platforms call the panel: each connection's address, the secret its calls are checked with, the subscription."""

import secrets
from collections.abc import Sequence
from typing import Any

from integrations.adapters.registry import capabilities
from integrations.demo import accounts
from integrations.models import Connection, WebhookAddress
from integrations.sandbox.client import SandboxClient
from integrations.sandbox.mailchimp.credentials import NEWSLETTER
from integrations.webhooks.commands import give_address, save_webhook_secrets

CONTACT_FIELDS = ("email", "firstname", "lastname", "company", "phone", "country", "lifecyclestage")
COMPANY_FIELDS = ("name", "domain", "website", "industry", "city", "numberofemployees")
EVENTS = ("contact.creation", "contact.propertyChange", "company.creation", "company.propertyChange")

WISHES: dict[str, dict[str, Any]] = {
    # Signed over the body alone, as private apps do: the panel may be known by another name than the one called here.
    accounts.HUBSPOT.platform: {
        "signature": "v1",
        "types": EVENTS,
        "properties": sorted({*CONTACT_FIELDS, *COMPANY_FIELDS}),
    },
    accounts.SALESFORCE.platform: {"objects": ["Account"], "own_writes": False},
    accounts.MAILCHIMP.platform: {
        "list": NEWSLETTER,
        "events": dict.fromkeys(("subscribe", "unsubscribe", "profile", "cleaned", "upemail"), True),
        "sources": {"user": True, "admin": True},
    },
    accounts.SEGMENT.platform: {"mode": "extensible", "types": ["identify"]},
}
"""What each is asked to call about. Of HubSpot's contacts not the job title: everybody's is changed with one button."""


def listen(sandbox: SandboxClient, panel_url: str, connections: Sequence[Connection], actor: str) -> None:
    """From now on these call the panel. The sandbox forgets it when it stops, so this is asked at every start."""
    for connection in connections:
        if connection.platform in WISHES:
            url = f"{panel_url}/hooks/{_address(connection, actor)}/"
            sandbox.subscribe(connection.platform, url, **_proof(connection, actor), **WISHES[connection.platform])


def _address(connection: Connection, actor: str) -> str:
    row = WebhookAddress.objects.filter(connection=connection).first() or give_address(connection.pk, actor)
    return str(row.token)


def _proof(connection: Connection, actor: str) -> dict[str, str]:
    """What the calls prove with that they are genuine, by the name the sandbox has for it; kept with the connection."""
    webhook = capabilities(connection.platform).webhook
    if webhook is None or not webhook.setup.secrets:
        return {}
    name = webhook.setup.secrets[0].name
    if not connection.secrets.get(name):
        save_webhook_secrets(connection.pk, {name: secrets.token_urlsafe(24)}, actor)
        connection.refresh_from_db()
    return {name.removeprefix("webhook_"): connection.secrets[name]}
