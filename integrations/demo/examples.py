"""The example mappings: what was asked for, and each rule in words. Their code is in `mappings/examples`."""

from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

from integrations.enums import Kind, RuleOrigin
from integrations.mappings.checks import source_fields
from integrations.models import Connection, Mapping, MappingVersion
from integrations.orchestrator.events import append


class End(NamedTuple):
    """One end of a mapping or of a sync: the connection, and its object."""

    connection: Connection
    object_name: str


@dataclass(frozen=True, slots=True)
class Example:
    """One mapping. `rules`: field of the destination, what happens to it in words, and the fields of the source by label."""

    file: str
    name: str
    instructions: str
    rules: tuple[tuple[str, str, str], ...]

    @property
    def code(self) -> str:
        """As it is published."""
        return resources.files("integrations.mappings").joinpath("examples", self.file).read_text()


CONTACTS_TO_LEADS = Example(
    "hubspot_contacts_to_salesforce_leads.txt",
    "Contacts to leads",
    "Map HubSpot contacts to Salesforce leads. Use the company name for the account lookup. "
    "Set lead source to 'Marketing Site' if the original source field is empty.",
    (
        ("Email", "Lower case, no spaces.", "Email"),
        ("FirstName", "Tidied, with capital first letters.", "First name"),
        ("LastName", "Tidied, with capital first letters.", "Last name"),
        ("Company", "As HubSpot has it. It also finds the account.", "Company name"),
        ("Phone", "International format; a number we cannot read goes out as it is.", "Phone number, Country"),
        ("LeadSource", "In Salesforce's words. Empty becomes “Marketing Site”.", "Original source"),
        ("HubSpot_Email__c", "The address again: it tells who is who.", "Email"),
    ),
)
CONTACTS_TO_MEMBERS = Example(
    "hubspot_contacts_to_mailchimp_members.txt",
    "Contacts to newsletter",
    "Map HubSpot contacts to the members of our newsletter. Leave out people without a working e-mail address. "
    "Do not touch whether somebody is subscribed.",
    (
        ("email_address", "Lower case, no spaces. It tells who is who.", "Email"),
        ("FNAME", "Tidied.", "First name"),
        ("LNAME", "Tidied.", "Last name"),
        ("COMPANY", "Tidied.", "Company name"),
        ("STAGE", "As HubSpot has it.", "Lifecycle stage"),
        ("PHONE", "International format; a number we cannot read is left out.", "Phone number, Country"),
        ("COUNTRY", "The name of the country.", "Country"),
    ),
)
MEMBERS_TO_CONTACTS = Example(
    "mailchimp_members_to_hubspot_contacts.txt",
    "Unsubscribed members to contacts",
    "Who unsubscribed from the newsletter must not get marketing e-mail from HubSpot either.",
    (
        ("email", "Lower case, no spaces. It tells who is who.", "Email address"),
        ("hs_email_optout", "Always yes: only people who unsubscribed are in this sync.", ""),
    ),
)
COMPANIES_TO_ACCOUNTS = Example(
    "hubspot_companies_to_salesforce_accounts.txt",
    "Companies to accounts",
    "Map HubSpot companies to Salesforce accounts. The name tells which company is which.",
    (
        ("Name", "Tidied.", "Company name"),
        ("Company_Key__c", "The name again: it tells which company is which.", "Company name"),
        ("Website", "As HubSpot has it.", "Website URL"),
        ("Industry", "In words: COMPUTER_SOFTWARE becomes “Computer Software”.", "Industry"),
        ("Phone", "As HubSpot has it.", "Phone number"),
        ("BillingCity", "Tidied.", "City"),
        ("BillingCountry", "Tidied.", "Country"),
        ("NumberOfEmployees", "A whole number.", "Number of employees"),
    ),
)
ACCOUNTS_TO_COMPANIES = Example(
    "salesforce_accounts_to_hubspot_companies.txt",
    "Accounts to companies",
    "Map Salesforce accounts to HubSpot companies, and keep the account's id with the company.",
    (
        ("salesforceaccountid", "The account's id: it tells which company is which.", "Record ID"),
        ("name", "Tidied.", "Account name"),
        ("website", "As Salesforce has it.", "Website"),
        ("phone", "As Salesforce has it.", "Account phone"),
        ("city", "Tidied.", "Billing city"),
        ("country", "Tidied.", "Billing country"),
        ("numberofemployees", "A whole number.", "Employees"),
    ),
)
COMPANIES_TO_GROUPS = Example(
    "hubspot_companies_to_segment_groups.txt",
    "Companies to groups",
    "Map HubSpot companies to Segment groups, so that every tool behind Segment knows them.",
    (
        ("groupId", "HubSpot's number of the company: it tells which company is which.", "Record ID"),
        ("anonymousId", "Made of the number. Segment wants somebody who is in the company.", "Record ID"),
        ("name", "Tidied.", "Company name"),
        ("website", "As HubSpot has it.", "Website URL"),
        ("industry", "As HubSpot has it.", "Industry"),
        ("employees", "A whole number.", "Number of employees"),
        ("phone", "As HubSpot has it.", "Phone number"),
        ("address.city", "Tidied.", "City"),
        ("address.country", "The name of the country.", "Country"),
    ),
)
USERS_TO_CONTACTS = Example(
    "segment_users_to_hubspot_contacts.txt",
    "Website users to contacts",
    "Who says on the website who they are becomes a HubSpot contact. Leave out people without a working e-mail address.",
    (
        ("email", "Lower case, no spaces. It tells who is who.", "Email"),
        ("firstname", "Tidied.", "First name"),
        ("lastname", "Tidied.", "Last name"),
        ("phone", "As it was typed.", "Phone"),
        ("jobtitle", "Tidied.", "Job title"),
        ("company", "Tidied.", "Company name"),
        ("country", "The name of the country.", "Country"),
    ),
)
DEALS_TO_EVENTS = Example(
    "hubspot_deals_to_google_analytics_events.txt",
    "Won deals to events",
    "Send each won deal to Google Analytics as close_convert_lead, with its amount in euros, for the visit it began with. "
    "Leave out deals that did not begin on the website.",
    (
        ("event_id", "Made of the deal's number: no deal counts twice.", "Record ID"),
        ("name", "Always close_convert_lead.", ""),
        ("client_id", "The browser in which the deal began.", "Google Analytics Client ID"),
        ("value", "The amount as a number.", "Amount"),
        ("currency", "Always EUR.", ""),
    ),
)
AUDIENCE_TO_CONTACTS = Example(
    "google_analytics_audience_to_hubspot_contacts.txt",
    "Demo requests to contacts",
    "Who is in the audience “Asked for a demo” gets the lead status “Open” in HubSpot. The website knows people by "
    "their HubSpot number.",
    (
        ("hs_object_id", "The user ID: it tells who is who.", "User ID"),
        ("hs_lead_status", "Always “Open”.", ""),
    ),
)
EXAMPLES = (
    CONTACTS_TO_LEADS,
    CONTACTS_TO_MEMBERS,
    MEMBERS_TO_CONTACTS,
    COMPANIES_TO_ACCOUNTS,
    ACCOUNTS_TO_COMPANIES,
    COMPANIES_TO_GROUPS,
    USERS_TO_CONTACTS,
    DEALS_TO_EVENTS,
    AUDIENCE_TO_CONTACTS,
)


def publish(example: Example, source: End, destination: End, actor: str = "") -> Mapping:
    """The mapping, published; one of that name that is there already stays as it is."""
    mapping = Mapping.objects.filter(name=example.name).first()
    if mapping is not None:
        return mapping
    mapping = Mapping.objects.create(
        name=example.name,
        source_platform=source.connection.platform,
        source_object=source.object_name,
        source_connection=source.connection,
        destination_platform=destination.connection.platform,
        destination_object=destination.object_name,
        destination_connection=destination.connection,
    )
    append(mapping.stream, Kind.MAPPING_CREATED, {"name": mapping.name}, actor)
    mapping.published = MappingVersion.objects.create(
        mapping=mapping,
        number=1,
        instructions=example.instructions,
        code=example.code,
        rules=[
            {"field": field, "text": text, "uses": uses, "by": RuleOrigin.MODEL} for field, text, uses in example.rules
        ],
        source_fields=sorted((source_fields(example.code) or frozenset()) - {"id"}),
    )
    mapping.save(update_fields=["published"])
    append(mapping.stream, Kind.MAPPING_PUBLISHED, {"number": 1}, actor)
    return mapping
