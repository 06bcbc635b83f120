"""What the demo shows: connections to the sandbox, example mappings, and syncs between all platforms. Safe to repeat."""

from integrations.demo.accounts import ACCOUNTS, connect
from integrations.demo.beginning import begin
from integrations.demo.examples import CONTACTS_TO_LEADS
from integrations.demo.story import CONTACTS, add_sync, map_contacts
from integrations.demo.syncs import add_all

MAPPING = CONTACTS_TO_LEADS.file
UNLIMITED = "unlimited"
NAMES = tuple(account.name for account in ACCOUNTS)

__all__ = ["CONTACTS", "MAPPING", "NAMES", "UNLIMITED", "add_all", "add_sync", "begin", "connect", "map_contacts"]
