"""The org's tables with their writers, and the way from a path to one of them."""

from dataclasses import replace
from functools import lru_cache

from integrations.sandbox.clock import Clock
from integrations.sandbox.companies import COMPANIES, Company, make_companies
from integrations.sandbox.field_changes import Change, change_fields
from integrations.sandbox.salesforce.errors import refuse
from integrations.sandbox.salesforce.fields import ENTITIES
from integrations.sandbox.salesforce.table import Record, Table
from integrations.sandbox.salesforce.writer import Writer

PREFIX = r"/services/data/v{version:\d+\.\d+}"


class Tables:
    """Starts with an account per company Salesforce knows, and nobody in it."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.all = {entity.name: Table(replace(entity, fields=dict(entity.fields)), clock) for entity in ENTITIES}
        self.writers = {name: Writer(table, self.all) for name, table in self.all.items()}
        self._names = {name.lower(): name for name in self.all}
        accounts = describe_accounts(seed)
        keys = {"Company_Key__c": [account["Company_Key__c"].lower() for account in accounts]}
        self.all["Account"].insert(accounts, keys, frozenset(accounts[0]))

    def table(self, name: str) -> Table:
        """Object names are not case-sensitive."""
        try:
            return self.all[self._names[name.lower()]]
        except KeyError as exc:
            raise refuse(404, "NOT_FOUND", "The requested resource does not exist") from exc

    def change_field(self, name: str, change: Change) -> None:
        """As an administrator does; values of a field that is gone stay where nobody sees them."""
        table = self.all[name]
        at_first = next(entity.fields for entity in ENTITIES if entity.name == name)
        change_fields(table.entity.fields, at_first, change)
        table.note_fields()
        self.writers = {name: Writer(table, self.all) for name, table in self.all.items()}

    def writer(self, name: str) -> Writer:
        return self.writers[self.table(name).entity.name]

    def table_of_id(self, record_id: str) -> Table | None:
        for table in self.all.values():
            if table.ids.find_slot(record_id) is not None:
                return table
        return None


@lru_cache(maxsize=4)
def describe_accounts(seed: int) -> list[Record]:
    return [describe_account(company) for company in make_companies(seed)[:COMPANIES]]


def describe_account(company: Company) -> Record:
    return {
        "Name": company.name,
        "Company_Key__c": company.name,
        "Website": f"https://www.{company.domain}",
        "Industry": company.industry.replace("_", " ").title(),
        "BillingCity": company.city,
        "BillingCountry": company.country.name,
        "NumberOfEmployees": company.employees,
    }
