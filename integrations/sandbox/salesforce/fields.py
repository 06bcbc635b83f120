"""The fields of Lead, Contact, Account and one custom object: what describe says, and what writes are checked against."""

from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.names import SECTORS

# name|label|type|length|flags|picklist values; flags: r required, x external id, u unique, n no writing,
# d has a default, s restricted picklist, >Object a reference
_SYSTEM = """
Id|Record ID|id|18|n
IsDeleted|Deleted|boolean|0|nd
OwnerId|Owner ID|reference|18|d>User
CreatedDate|Created Date|datetime|0|nd
CreatedById|Created By ID|reference|18|nd>User
LastModifiedDate|Last Modified Date|datetime|0|nd
LastModifiedById|Last Modified By ID|reference|18|nd>User
SystemModstamp|System Modstamp|datetime|0|nd
"""
_LEAD_SOURCES = (
    "Web;Marketing Site;Paid Search;Organic Search;Social Media;Email Marketing;Referral;Event;Partner;Other"
)
_INDUSTRIES = ";".join(dict.fromkeys(industry.replace("_", " ").title() for _, industry in SECTORS))
_LEAD = f"""
LastName|Last Name|string|80|r
FirstName|First Name|string|40|
Salutation|Salutation|picklist|40||Mr.;Ms.;Mrs.;Dr.;Prof.
Name|Full Name|string|121|n
Title|Title|string|128|
Company|Company|string|255|r
Street|Street|textarea|255|
City|City|string|40|
State|State/Province|string|80|
PostalCode|Zip/Postal Code|string|20|
Country|Country|string|80|
Phone|Phone|phone|40|
MobilePhone|Mobile Phone|phone|40|
Email|Email|email|80|
Website|Website|url|255|
Description|Description|textarea|32000|
LeadSource|Lead Source|picklist|255|s|{_LEAD_SOURCES}
Status|Status|picklist|255|ds|Open - Not Contacted;Working - Contacted;Closed - Converted;Closed - Not Converted
Industry|Industry|picklist|255||{_INDUSTRIES}
Rating|Rating|picklist|255|s|Hot;Warm;Cold
AnnualRevenue|Annual Revenue|currency|0|
NumberOfEmployees|Employees|int|0|
HasOptedOutOfEmail|Email Opt Out|boolean|0|d
Birthdate__c|Birthdate|date|0|
Last_Campaign__c|Last campaign|datetime|0|
Lead_Score__c|Lead Score|double|0|
Interests__c|Interests|multipicklist|4099|s|Product;Pricing;Events;Newsletter
Account__c|Account|reference|18|>Account
HubSpot_Email__c|HubSpot Email|email|80|xu
HubSpot_ID__c|HubSpot ID|string|40|xu
Legacy_ID__c|Legacy ID|string|40|x
"""
_CONTACT = f"""
LastName|Last Name|string|80|r
FirstName|First Name|string|40|
Salutation|Salutation|picklist|40||Mr.;Ms.;Mrs.;Dr.;Prof.
Name|Full Name|string|121|n
AccountId|Account ID|reference|18|>Account
Title|Title|string|128|
Department|Department|string|80|
Email|Email|email|80|
Phone|Business Phone|phone|40|
MobilePhone|Mobile Phone|phone|40|
MailingStreet|Mailing Street|textarea|255|
MailingCity|Mailing City|string|40|
MailingState|Mailing State/Province|string|80|
MailingPostalCode|Mailing Zip/Postal Code|string|20|
MailingCountry|Mailing Country|string|80|
Birthdate|Birthdate|date|0|
LeadSource|Lead Source|picklist|255|s|{_LEAD_SOURCES}
Description|Contact Description|textarea|32000|
HasOptedOutOfEmail|Email Opt Out|boolean|0|d
HubSpot_Email__c|HubSpot Email|email|80|xu
HubSpot_ID__c|HubSpot ID|string|40|xu
"""
_ACCOUNT = """
Name|Account Name|string|255|r
Company_Key__c|Company Key|string|255|xu
Website|Website|url|255|
Phone|Account Phone|phone|40|
Industry|Industry|string|255|
BillingCity|Billing City|string|40|
BillingCountry|Billing Country|string|80|
NumberOfEmployees|Employees|int|0|
AnnualRevenue|Annual Revenue|currency|0|
Description|Account Description|textarea|32000|
"""
_SUBSCRIPTION = """
Name|Subscription Name|string|80|r
Subscription_Key__c|Subscription Key|string|40|xu
Plan__c|Plan|picklist|255|s|free;team;business
Seats__c|Seats|double|0|
Renewal_Day__c|Renewal Day|date|0|
Is_Trial__c|Trial|boolean|0|d
Contact_Email__c|Contact Email|email|80|
Account__c|Account|reference|18|>Account
"""

TEXT_TYPES = {"string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "reference", "id"}
NUMBER_TYPES = {"int", "double", "currency", "percent"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object."""

    name: str
    label: str
    type: str
    length: int
    required: bool = False
    external_id: bool = False
    unique: bool = False
    read_only: bool = False
    defaulted: bool = False
    restricted: bool = False
    refers_to: str = ""
    picklist: tuple[str, ...] = ()

    @property
    def relationship(self) -> str:
        """Account__c is followed as Account__r, AccountId as Account."""
        if not self.refers_to:
            return ""
        return f"{self.name[:-1]}r" if self.name.endswith("__c") else self.name.removesuffix("Id")

    def describe(self) -> dict[str, Any]:
        number = self.type in NUMBER_TYPES
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "length": self.length,
            "precision": 18 if number and self.type != "int" else 0,
            "scale": 2 if self.type == "currency" else 0,
            "digits": 8 if self.type == "int" else 0,
            "nillable": not self.required and not self.defaulted and self.type != "id",
            "defaultedOnCreate": self.defaulted or self.type == "id",
            "createable": not self.read_only,
            "updateable": not self.read_only,
            "calculated": False,
            "custom": self.name.endswith("__c"),
            "externalId": self.external_id,
            "idLookup": self.external_id or self.name == "Id",
            "unique": self.unique,
            "caseSensitive": False,
            "referenceTo": [self.refers_to] if self.refers_to else [],
            "relationshipName": self.relationship or None,
            "picklistValues": self._describe_picklist(),
            "restrictedPicklist": self.restricted,
            "encrypted": False,
            "permissionable": not self.required,
            "filterable": self.type != "textarea",
            "sortable": self.type not in ("textarea", "multipicklist"),
        }

    def _describe_picklist(self) -> list[dict[str, Any]]:
        return [
            {
                "value": value,
                "label": value,
                "active": True,
                "defaultValue": self.defaulted and i == 0,
                "validFor": None,
            }
            for i, value in enumerate(self.picklist)
        ]


def _read_field(line: str) -> Field:
    name, label, kind, length, flags, *picklist = line.split("|")
    signs, _, target = flags.partition(">")
    return Field(
        name=name,
        label=label,
        type=kind,
        length=int(length),
        required="r" in signs,
        external_id="x" in signs,
        unique="u" in signs,
        read_only="n" in signs,
        defaulted="d" in signs,
        restricted="s" in signs,
        refers_to=target,
        picklist=tuple(picklist[0].split(";")) if picklist else (),
    )


def _read_fields(lines: str) -> dict[str, Field]:
    found = [_read_field(line) for line in (_SYSTEM + lines.lstrip()).strip().splitlines()]
    return {one.name: one for one in found}


@dataclass(frozen=True, slots=True)
class Entity:
    """One object type of the org."""

    name: str
    label: str
    prefix: str
    key: str
    """The external id whose values the ledger counts when a row is written without one."""
    fields: dict[str, Field] = field(repr=False)

    @property
    def custom(self) -> bool:
        """The org's own."""
        return self.name.endswith("__c")

    @property
    def defaults(self) -> dict[str, Any]:
        """What an untouched field of a new record holds."""
        picklists = {one.name: one.picklist[0] for one in self.fields.values() if one.defaulted and one.picklist}
        flags = {one.name: False for one in self.fields.values() if one.defaulted and one.type == "boolean"}
        return {**flags, **picklists}


LEAD = Entity("Lead", "Lead", "00Q", "HubSpot_Email__c", _read_fields(_LEAD))
CONTACT = Entity("Contact", "Contact", "003", "HubSpot_Email__c", _read_fields(_CONTACT))
ACCOUNT = Entity("Account", "Account", "001", "Company_Key__c", _read_fields(_ACCOUNT))
SUBSCRIPTION = Entity("Subscription__c", "Subscription", "a0S", "Subscription_Key__c", _read_fields(_SUBSCRIPTION))
ENTITIES = (LEAD, CONTACT, ACCOUNT, SUBSCRIPTION)
