"""The properties of contacts, companies, deals and one custom object, as the properties API describes them."""

from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.companies import Company
from integrations.sandbox.generate import LIFECYCLE_STAGES, SOURCES
from integrations.sandbox.hubspot.credentials import PORTAL_ID
from integrations.sandbox.names import SECTORS

READ_ONLY = "read-only"
CALCULATED = "calculated"
UNIQUE = "unique"

_STAGES = ";".join(LIFECYCLE_STAGES)
_SOURCES = ";".join((*SOURCES, "AI_REFERRALS"))
_INDUSTRIES = ";".join(dict.fromkeys(industry for _, industry in SECTORS))
_DEAL_STAGES = "appointmentscheduled;qualifiedtobuy;presentationscheduled;contractsent;closedwon;closedlost"

# name|label|type|field type|flags|options
_ANY = """
createdate|Create Date|datetime|date|read-only|
hs_object_id|Record ID|number|number|read-only|
hubspot_owner_id|Owner|enumeration|select||
hs_createdate|Object Create Date|datetime|date|read-only|
"""
_CONTACT = f"""
email|Email|string|text||
firstname|First Name|string|text||
lastname|Last Name|string|text||
company|Company Name|string|text||
phone|Phone Number|string|phonenumber||
mobilephone|Mobile Phone Number|string|phonenumber||
country|Country/Region|string|text||
city|City|string|text||
state|State/Region|string|text||
zip|Postal Code|string|text||
address|Street Address|string|text||
jobtitle|Job Title|string|text||
website|Website URL|string|text||
industry|Industry|string|text||
lifecyclestage|Lifecycle Stage|enumeration|radio||{_STAGES}
hs_lead_status|Lead Status|enumeration|radio||NEW;OPEN;IN_PROGRESS;OPEN_DEAL;UNQUALIFIED;CONNECTED;BAD_TIMING
hs_analytics_source|Original Source|enumeration|select|read-only|{_SOURCES}
hs_additional_emails|Additional email addresses|enumeration|checkbox||
hs_email_optout|Unsubscribed from all email|bool|booleancheckbox||true;false
hs_persona|Persona|enumeration|select||persona_1;persona_2
hs_buying_role|Buying Role|enumeration|checkbox||BUDGET_HOLDER;CHAMPION;DECISION_MAKER;INFLUENCER
annualrevenue|Annual Revenue|string|text||
numemployees|Number of Employees|enumeration|select||1-5;5-25;25-50;50-100;100-500;500-1000;1000+
date_of_birth|Date of birth|string|text||
message|Message|string|textarea||
hubspotscore|HubSpot Score|number|number|calculated|
num_associated_deals|Number of Associated Deals|number|number|calculated|
closedate|Close Date|datetime|date||
salesforce_campaign_date|Last campaign day|date|date||
lastmodifieddate|Last Modified Date|datetime|date|read-only|
"""
_COMPANY = f"""
name|Company name|string|text||
domain|Company Domain Name|string|text||
city|City|string|text||
country|Country/Region|string|text||
phone|Phone Number|string|phonenumber||
website|Website URL|string|text||
industry|Industry|enumeration|select||{_INDUSTRIES}
numberofemployees|Number of Employees|number|number||
annualrevenue|Annual Revenue|number|number||
lifecyclestage|Lifecycle Stage|enumeration|radio||{_STAGES}
description|Description|string|textarea||
salesforceaccountid|Salesforce Account ID|string|text|unique|
hs_lastmodifieddate|Object Last Modified Date|datetime|date|read-only|
"""
_DEAL = f"""
dealname|Deal Name|string|text||
amount|Amount|number|number||
dealstage|Deal Stage|enumeration|radio||{_DEAL_STAGES}
pipeline|Pipeline|enumeration|select||default
closedate|Close Date|datetime|date||
dealtype|Deal Type|enumeration|radio||newbusiness;existingbusiness
description|Deal Description|string|textarea||
ga_client_id|Google Analytics Client ID|string|text||
hs_lastmodifieddate|Last Modified Date|datetime|date|read-only|
"""
_SUBSCRIPTION = """
subscription_key|Subscription key|string|text|unique|
subscription_name|Name|string|text||
plan|Plan|enumeration|select||free;team;business
seats|Seats|number|number||
renewal_day|Renewal day|date|date||
is_trial|Trial|bool|booleancheckbox||true;false
hs_lastmodifieddate|Object Last Modified Date|datetime|date|read-only|
"""


@dataclass(slots=True)
class Property:
    """One property of an object; free options mean that any value is taken."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    read_only: bool = False
    calculated: bool = False
    unique: bool = False
    built_in: bool = True
    options: list[tuple[str, str]] = field(default_factory=list)

    @property
    def writable(self) -> bool:
        return not self.read_only and not self.calculated

    def describe(self) -> dict[str, Any]:
        fixed = self.built_in
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": "",
            "groupName": self.group,
            "options": [
                {"label": label, "value": value, "displayOrder": i, "hidden": False}
                for i, (value, label) in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": False,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": self.built_in,
            "archived": False,
            "formField": self.writable,
            "modificationMetadata": {
                "archivable": not fixed,
                "readOnlyDefinition": fixed,
                "readOnlyValue": not self.writable,
                "readOnlyOptions": fixed,
            },
        }


def _read_property(line: str, group: str) -> Property:
    name, label, kind, field_type, flag, options = line.split("|")
    return Property(
        name=name,
        label=label,
        type=kind,
        field_type=field_type,
        group=group,
        read_only=flag == READ_ONLY,
        calculated=flag == CALCULATED,
        unique=flag == UNIQUE,
        options=[(value, value.replace("_", " ").capitalize()) for value in options.split(";") if value],
    )


def make_schema(lines: str, group: str) -> dict[str, Property]:
    """By name; fresh objects, since properties can be added and changed."""
    read = [_read_property(line, group) for line in (lines + _ANY.lstrip()).strip().splitlines()]
    return {one.name: one for one in read}


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """What differs between the objects. `required`: what a new record cannot be without."""

    name: str
    singular: str
    type_id: str
    modified: str
    key: str
    """The property whose values the ledger counts."""
    defaults: tuple[str, ...]
    first_id: int
    unique: tuple[str, ...]
    lines: str
    required: tuple[str, ...] = ()
    is_custom: bool = False

    def make_schema(self) -> dict[str, Property]:
        return make_schema(self.lines, f"{self.singular}information")


CONTACTS = ObjectKind(
    name="contacts",
    singular="contact",
    type_id="0-1",
    modified="lastmodifieddate",
    key="email",
    defaults=("email", "firstname", "lastname"),
    first_id=1_000_101,
    unique=("email",),
    lines=_CONTACT,
)
COMPANIES = ObjectKind(
    name="companies",
    singular="company",
    type_id="0-2",
    modified="hs_lastmodifieddate",
    key="domain",
    defaults=("name", "domain"),
    first_id=20_000_101,
    unique=(),
    lines=_COMPANY,
)
DEALS = ObjectKind(
    name="deals",
    singular="deal",
    type_id="0-3",
    modified="hs_lastmodifieddate",
    key="hs_object_id",
    defaults=("dealname", "amount", "dealstage", "pipeline", "closedate"),
    first_id=30_000_101,
    unique=(),
    lines=_DEAL,
)
SUBSCRIPTIONS = ObjectKind(
    name="subscriptions",
    singular="subscription",
    type_id="2-3442345",
    modified="hs_lastmodifieddate",
    key="subscription_key",
    defaults=("subscription_key", "subscription_name"),
    first_id=40_000_101,
    unique=(),
    lines=_SUBSCRIPTION,
    required=("subscription_key",),
    is_custom=True,
)
KINDS = (CONTACTS, COMPANIES, DEALS, SUBSCRIPTIONS)


def full_name(kind: ObjectKind) -> str:
    """A custom object's name with the account in it; the others have none."""
    return f"p{PORTAL_ID}_{kind.name}" if kind.is_custom else ""


DEAL_STAGES = tuple(_DEAL_STAGES.split(";"))


def describe_company(company: Company) -> tuple[str | None, ...]:
    """The values of `COMPANY_COLUMNS`."""
    website = f"https://www.{company.domain}"
    place = (company.city, company.country.name)
    return (company.name, company.domain, *place, website, company.industry, str(company.employees))


COMPANY_COLUMNS = ("name", "domain", "city", "country", "website", "industry", "numberofemployees")
