"""Salesforce: leads, contacts, accounts and custom objects."""

from integrations.adapters.salesforce.adapter import SalesforceAdapter

ADAPTER = SalesforceAdapter
