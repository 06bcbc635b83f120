"""The demo's rows: two connections to a sandbox, the example mapping, and the sync "Contacts". Safe to repeat."""

from collections.abc import Mapping as Plain
from importlib import resources
from typing import Any

from integrations.enums import Kind, ReadMode, RuleOrigin
from integrations.mappings.checks import source_fields
from integrations.models import Connection, Mapping, MappingVersion, Sync
from integrations.orchestrator.connections import save_connection
from integrations.orchestrator.events import append

MAPPING = "hubspot_contacts_to_salesforce_leads.txt"
INSTRUCTIONS = (
    "Map HubSpot contacts to Salesforce leads. Use the company name for the account lookup. "
    "Set lead source to 'Marketing Site' if the original source field is empty."
)
RULES = (
    ("Email", "Lower case, no spaces.", "Email"),
    ("FirstName", "Tidied, with capital first letters.", "First name"),
    ("LastName", "Tidied, with capital first letters.", "Last name"),
    ("Company", "As HubSpot has it. It also finds the account.", "Company name"),
    ("Phone", "International format; a number we cannot read goes out as it is.", "Phone number, Country"),
    ("LeadSource", "In Salesforce's words. Empty becomes “Marketing Site”.", "Original source"),
    ("HubSpot_Email__c", "The address again: it tells who is who.", "Email"),
)
UNLIMITED = "unlimited"


def connect(
    credentials: Plain[str, Any], *, actor: str = "", tier: str = "", timeout: int = 10
) -> tuple[Connection, Connection]:
    """HubSpot and Salesforce, with what `GET /_control/credentials` told; existing ones are kept as they are."""
    told = credentials["hubspot"]
    hubspot = Connection.objects.filter(name="HubSpot").first() or save_connection(
        None,
        name="HubSpot",
        platform="hubspot",
        method="token",
        settings={"base_url": told["base_url"], "timeout": str(timeout)},
        secrets={"access_token": told["access_token"]},
        actor=actor,
        tier=tier,
    )
    told = credentials["salesforce"]
    settings = {"base_url": told["base_url"], "client_id": told["client_id"], "timeout": str(timeout)}
    salesforce = Connection.objects.filter(name="Salesforce").first() or save_connection(
        None,
        name="Salesforce",
        platform="salesforce",
        method="client_credentials",
        settings=settings,
        secrets={"client_secret": told["client_secret"]},
        actor=actor,
        tier=tier,
    )
    return hubspot, salesforce


def map_contacts(hubspot: Connection, salesforce: Connection, actor: str = "") -> Mapping:
    """The example mapping, published."""
    mapping = Mapping.objects.filter(name="Contacts to leads").first()
    if mapping is not None:
        return mapping
    code = resources.files("integrations.mappings").joinpath("examples", MAPPING).read_text()
    mapping = Mapping.objects.create(
        name="Contacts to leads",
        source_platform="hubspot",
        source_object="contacts",
        source_connection=hubspot,
        destination_platform="salesforce",
        destination_object="Lead",
        destination_connection=salesforce,
    )
    append(mapping.stream, Kind.MAPPING_CREATED, {"name": mapping.name}, actor)
    fields = sorted(source_fields(code) or [])
    mapping.published = MappingVersion.objects.create(
        mapping=mapping,
        number=1,
        instructions=INSTRUCTIONS,
        code=code,
        rules=[{"field": field, "text": text, "uses": uses, "by": RuleOrigin.MODEL} for field, text, uses in RULES],
        source_fields=[f for f in fields if f != "id"],
    )
    mapping.save(update_fields=["published"])
    append(mapping.stream, Kind.MAPPING_PUBLISHED, {"number": 1}, actor)
    return mapping


def add_sync(
    name: str,
    hubspot: Connection,
    salesforce: Connection,
    *,
    actor: str = "",
    read_mode: ReadMode = ReadMode.FULL,
    **more: Any,
) -> Sync:
    """HubSpot contacts to Salesforce leads; an existing sync of that name is kept as it is."""
    sync = Sync.objects.filter(name=name).first()
    if sync is None:
        sync = Sync.objects.create(
            name=name,
            source=hubspot,
            source_object="contacts",
            destination=salesforce,
            destination_object="Lead",
            destination_key="HubSpot_Email__c",
            mapping=map_contacts(hubspot, salesforce, actor),
            read_mode=read_mode,
            **more,
        )
        append(sync.stream, Kind.SYNC_CREATED, {"name": name}, actor)
    return sync
