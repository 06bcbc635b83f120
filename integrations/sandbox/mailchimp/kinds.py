"""The two audiences: what they ask of people, which groups and tags they have, and who is in them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.generate import LIFECYCLE_STAGES
from integrations.sandbox.mailchimp.credentials import NEWSLETTER, PRODUCT_NEWS


@dataclass(slots=True)
class MergeField:
    """One field of an audience."""

    tag: str
    name: str
    type: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A group of choices; `interests` are (id, name)."""

    id: str
    title: str
    type: str
    interests: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One audience as it begins. `includes` says which people of the portal are in it."""

    id: str
    name: str
    double_optin: bool
    includes: Callable[[int], bool]
    categories: tuple[Category, ...] = ()
    permissions: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ("lead", "customer", "webinar-2026", "vip-club")


@dataclass(slots=True)
class Layout:
    """What can be changed about an audience while it runs."""

    merge_fields: list[MergeField] = field(default_factory=list)

    def find(self, tag: str) -> MergeField | None:
        return next((one for one in self.merge_fields if one.tag == tag), None)


def make_layout() -> Layout:
    """A field of every type there is."""
    return Layout(
        [
            MergeField("FNAME", "First Name", "text"),
            MergeField("LNAME", "Last Name", "text"),
            MergeField("ADDRESS", "Address", "address"),
            MergeField("PHONE", "Phone Number", "phone"),
            MergeField("BIRTHDAY", "Birthday", "birthday"),
            MergeField("COMPANY", "Company", "text"),
            MergeField("JOBTITLE", "Job Title", "text"),
            MergeField("STAGE", "Lifecycle Stage", "dropdown", choices=LIFECYCLE_STAGES),
            MergeField("SALUTATION", "Salutation", "radio", choices=("Ms", "Mr", "Mx")),
            MergeField("SCORE", "Score", "number"),
            MergeField("SINCE", "Customer since", "date"),
            MergeField("WEBSITE", "Website", "url"),
            MergeField("PHOTO", "Photo", "imageurl"),
            MergeField("USZIP", "Zip code", "zip"),
            MergeField("COUNTRY", "Country", "text", required=True),
        ]
    )


_TOPICS = Category(
    "9e5d2c7b10",
    "Topics",
    "checkboxes",
    (("6b8f3a21c0", "Product news"), ("7c904b32d1", "Events"), ("8da15c43e2", "Offers, coupons; and gifts")),
)
_PACE = Category("af6e3d8c21", "How often", "radio", (("9eb26d54f3", "Weekly"), ("afc37e6504", "Monthly")))
_PERMISSIONS = (("0d4819da60", "Email"), ("1e592aeb71", "Customized online advertising"))

KINDS = (
    Kind(NEWSLETTER, "Newsletter", False, lambda i: i % 3 != 0, categories=(_TOPICS, _PACE)),
    Kind(PRODUCT_NEWS, "Product news", True, lambda i: i % 5 == 1, permissions=_PERMISSIONS),
)


def describe_merge_field(one: MergeField, number: int, list_id: str) -> dict[str, Any]:
    options: dict[str, Any] = {"size": 25} if one.type == "text" else {}
    if one.choices:
        options["choices"] = list(one.choices)
    options |= _OPTIONS.get(one.type, {})
    return {
        "merge_id": number,
        "tag": one.tag,
        "name": one.name,
        "type": one.type,
        "required": one.required,
        "default_value": "",
        "public": False,
        "display_order": number,
        "options": options,
        "help_text": "",
        "list_id": list_id,
        "_links": [],
    }


_OPTIONS: dict[str, dict[str, Any]] = {
    "birthday": {"date_format": "MM/DD"},
    "date": {"date_format": "MM/DD/YYYY"},
    "phone": {"phone_format": "none"},
    "address": {"default_country": 164},
}
