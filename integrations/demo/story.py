"""The demo's first sync, "Contacts": HubSpot contacts become Salesforce leads."""

from typing import Any

from integrations.demo.examples import CONTACTS_TO_LEADS, End, publish
from integrations.enums import Kind, ReadMode
from integrations.models import Connection, Mapping, Sync
from integrations.orchestrator.events import append

CONTACTS = "Contacts"


def map_contacts(hubspot: Connection, salesforce: Connection, actor: str = "") -> Mapping:
    """The example mapping, published."""
    return publish(CONTACTS_TO_LEADS, End(hubspot, "contacts"), End(salesforce, "Lead"), actor)


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
