"""HubSpot: contacts, companies, deals and custom objects."""

from integrations.adapters.hubspot.adapter import HubSpotAdapter

ADAPTER = HubSpotAdapter
