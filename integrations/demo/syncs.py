"""The demo's other syncs: all five platforms, started in every way there is. Those that are there already stay as they are."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from integrations.demo import accounts
from integrations.demo.accounts import Account, Told, open_account
from integrations.demo.examples import (
    ACCOUNTS_TO_COMPANIES,
    AUDIENCE_TO_CONTACTS,
    COMPANIES_TO_ACCOUNTS,
    COMPANIES_TO_GROUPS,
    CONTACTS_TO_MEMBERS,
    DEALS_TO_EVENTS,
    MEMBERS_TO_CONTACTS,
    USERS_TO_CONTACTS,
    End,
    Example,
    publish,
)
from integrations.enums import EmptyValues, ReadMode, SyncMode, Way, Winner
from integrations.models import Sync, TwoWay
from integrations.orchestrator.syncs import SyncPlan, create_sync, create_two_way
from integrations.orchestrator.timing import Timing, set_timing
from integrations.sandbox.mailchimp.credentials import NEWSLETTER
from integrations.webhooks.commands import set_listening

AUDIENCE, NEWS = "audience:79", f"members:{NEWSLETTER}"
COMPANIES, BACK = "Companies", "Companies (back)"
BY_HAND = Timing()


@dataclass(frozen=True, slots=True)
class Standing:
    """One sync. `more` are further settings of its plan; `follows` names the sync it comes after."""

    name: str
    example: Example
    source: tuple[Account, str]
    destination: tuple[Account, str]
    key: str
    more: dict[str, Any] = field(default_factory=dict)
    timing: Timing = BY_HAND
    follows: str = ""
    listens: bool = False


STANDING = (
    Standing(
        "Newsletter",
        CONTACTS_TO_MEMBERS,
        (accounts.HUBSPOT, "contacts"),
        (accounts.MAILCHIMP, NEWS),
        "email_address",
        {
            "read_mode": ReadMode.INCREMENTAL,
            "empty_values": EmptyValues.KEEP,
            "conditions": ({"field": "hs_email_optout", "operator": "is_not", "value": "true"},),
        },
        Timing(cron="0 3 * * *", time_zone="Europe/Berlin"),
        listens=True,
    ),
    Standing(
        "Unsubscribed",
        MEMBERS_TO_CONTACTS,
        (accounts.MAILCHIMP, NEWS),
        (accounts.HUBSPOT, "contacts"),
        "email",
        {
            "write_mode": SyncMode.UPDATE,
            "read_mode": ReadMode.INCREMENTAL,
            "conditions": ({"field": "status", "operator": "is", "value": "unsubscribed"},),
        },
        Timing(every_minutes=30),
        listens=True,
    ),
    Standing(
        "Companies to Segment",
        COMPANIES_TO_GROUPS,
        (accounts.HUBSPOT, "companies"),
        (accounts.SEGMENT, "groups"),
        "groupId",
        {"empty_values": EmptyValues.KEEP},
        follows=COMPANIES,
    ),
    Standing(
        "Website users",
        USERS_TO_CONTACTS,
        (accounts.SEGMENT, "users"),
        (accounts.HUBSPOT, "contacts"),
        "email",
        {"empty_values": EmptyValues.KEEP},
        listens=True,
    ),
    Standing(
        "Won deals",
        DEALS_TO_EVENTS,
        (accounts.HUBSPOT, "deals"),
        (accounts.ANALYTICS, "events"),
        "event_id",
        {
            "write_mode": SyncMode.CREATE,
            "read_mode": ReadMode.INCREMENTAL,
            "conditions": ({"field": "dealstage", "operator": "is", "value": "closedwon"},),
        },
        Timing(every_minutes=15),
    ),
    Standing(
        "Demo requests",
        AUDIENCE_TO_CONTACTS,
        (accounts.ANALYTICS, AUDIENCE),
        (accounts.HUBSPOT, "contacts"),
        "hs_object_id",
        {"write_mode": SyncMode.UPDATE},
        Timing(cron="30 6 * * 1-5", time_zone="Europe/Dublin"),
    ),
)
"""All but "Contacts" and the two that keep companies equal."""


def add_all(credentials: Told, actor: str = "", *, tier: str = "") -> list[Sync]:
    """Every sync there is beside "Contacts", and the connections they need."""
    keep_companies_equal(credentials, actor, tier)
    for standing in STANDING:
        if not Sync.objects.filter(name=standing.name).exists():
            _add(standing, credentials, actor, tier)
    return list(Sync.objects.exclude(name="Contacts"))


def _add(standing: Standing, credentials: Told, actor: str, tier: str) -> None:
    source, destination = (
        End(open_account(account, credentials, actor=actor, tier=tier), name)
        for account, name in (standing.source, standing.destination)
    )
    plan = _plan(standing.name, standing.example, source, destination, standing.key, actor, **standing.more)
    sync = create_sync(plan, actor)
    after = Sync.objects.filter(name=standing.follows).values_list("pk", flat=True).first()
    set_timing(sync.pk, Timing(after=after) if after else standing.timing, actor)
    set_listening(sync.pk, listens=standing.listens, actor=actor)


def _plan(name: str, example: Example, source: End, destination: End, key: str, actor: str, **more: Any) -> SyncPlan:
    return SyncPlan(
        name=name,
        source=source.connection,
        source_object=source.object_name,
        destination=destination.connection,
        destination_object=destination.object_name,
        destination_key=key,
        mapping=publish(example, source, destination, actor),
        **more,
    )


PAIRS = (
    ("name", "Name", Way.RIGHT),
    ("industry", "Industry", Way.RIGHT),
    ("website", "Website", Way.BOTH),
    ("phone", "Phone", Way.BOTH),
    ("city", "BillingCity", Way.BOTH),
    ("country", "BillingCountry", Way.BOTH),
    ("numberofemployees", "NumberOfEmployees", Way.BOTH),
)


def keep_companies_equal(credentials: Told, actor: str = "", tier: str = "") -> None:
    """HubSpot's companies and Salesforce's accounts, in both directions: whoever changed a field last wins."""
    if Sync.objects.filter(name__in=[COMPANIES, BACK]).exists():
        return
    hubspot, salesforce = accounts.connect(credentials, actor=actor, tier=tier)
    left, right = End(hubspot, "companies"), End(salesforce, "Account")
    rightward = _plan(COMPANIES, COMPANIES_TO_ACCOUNTS, left, right, "Company_Key__c", actor)
    leftward = _plan(BACK, ACCOUNTS_TO_COMPANIES, right, left, "salesforceaccountid", actor, match_fields=("name",))
    pairs = [{"left": here, "right": there, "way": way.value, "wins": ""} for here, there, way in PAIRS]
    row = create_two_way(rightward, leftward, pairs, Winner.NEWER, actor)
    _switch_on(row)
    set_timing(row.rightward_id, Timing(every_minutes=30), actor)
    set_timing(row.leftward_id, Timing(after=row.rightward_id), actor)
    for sync_id in (row.rightward_id, row.leftward_id):
        set_listening(sync_id, listens=True, actor=actor)


def _switch_on(row: TwoWay) -> None:
    Sync.objects.filter(Q(as_rightward=row) | Q(as_leftward=row)).update(is_enabled=True)
