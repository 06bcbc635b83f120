"""A handful of people at the source, and small mappings, for what happens at the edge."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations import demo
from integrations.enums import EmptyValues, Winner
from integrations.models import Sync, SyncJob, TwoWay
from integrations.orchestrator.state_machine import differences
from integrations.sandbox.hubspot.credentials import TOKEN
from integrations.sandbox.server import SandboxServer
from tests.factories import make_mapping
from tests.integrations.orchestrator.conftest import Control, adds_up

PEOPLE = 40
CODE = """def map_record(record):
    if not record["email"] or "@" not in record["email"]:
        return None
    return {
        "HubSpot_Email__c": record["email"].lower(),
        "Email": record["email"].lower(),
        "FirstName": record["firstname"],
        "LastName": record["lastname"] or "?",
        "Company": record["company"] or "?",
        "City": record["city"],
    }
"""
FIELDS = ["email", "firstname", "lastname", "company", "city"]


class Portal(Control):
    """The simulated platforms, with hands to change what is there as people do."""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = self.http.request(method, f"/crm/v3/objects/contacts{path}", json=body, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def contacts(self) -> list[dict[str, Any]]:
        """All contacts, as stored."""
        told = self.http.get("/_control/hubspot/contacts/records", params={"limit": 10_000}).json()
        return told["records"]

    def add(self, **properties: str) -> str:
        return str(self.ask("POST", "", {"properties": properties})["id"])

    def change(self, contact_id: str, **properties: str) -> None:
        self.ask("PATCH", f"/{contact_id}", {"properties": properties})

    def delete(self, contact_id: str) -> None:
        self.ask("DELETE", f"/{contact_id}")

    def change_lead(self, lead_id: str, **values: str) -> None:
        body = {"ids": [lead_id], "properties": values}
        self.http.post("/_control/salesforce/Lead/touch", json=body).raise_for_status()

    def lead(self, email: str) -> dict[str, Any] | None:
        """The lead with this address."""
        found = [lead for lead in self.leads() if (lead.get("HubSpot_Email__c") or "") == email.lower()]
        assert len(found) <= 1, "somebody is there twice"
        return found[0] if found else None


@pytest.fixture
def portal() -> Any:
    with SandboxServer(contacts=PEOPLE, limits=False) as server:
        control = Portal(server)
        yield control
        control.http.close()


@pytest.fixture
def small(committed_db: str, portal: Portal) -> Sync:
    """Contacts to leads, with a mapping that has no opinions."""
    hubspot, salesforce = demo.connect(portal.server.credentials(), tier=demo.UNLIMITED, timeout=5)
    mapping = make_mapping(CODE, reads=FIELDS)
    return Sync.objects.create(
        name="Small",
        source=hubspot,
        source_object="contacts",
        destination=salesforce,
        destination_object="Lead",
        destination_key="HubSpot_Email__c",
        mapping=mapping,
    )


@pytest.fixture
def run(run_job: Callable[..., SyncJob]) -> Callable[..., SyncJob]:
    """Works a job to its end; all counts add up and it replays clean."""

    def work(sync: Sync | SyncJob) -> SyncJob:
        job = run_job(sync)
        assert adds_up(job), job.__dict__
        assert differences(job) == {}
        return job

    return work


BACK = """def map_record(record):
    if not record["HubSpot_Email__c"]:
        return None
    return {
        "email": record["HubSpot_Email__c"],
        "firstname": record["FirstName"],
        "lastname": record["LastName"],
        "company": record["Company"],
        "city": record["City"],
    }
"""
READS = ["HubSpot_Email__c", "FirstName", "LastName", "Company", "City"]
PAIRS = (
    ("email", "HubSpot_Email__c"),
    ("firstname", "FirstName"),
    ("lastname", "LastName"),
    ("company", "Company"),
    ("city", "City"),
)
WAYS = [{"left": left, "right": right, "way": "both", "wins": ""} for left, right in PAIRS]


class Both:
    """One person on both sides, and both directions."""

    def __init__(self, portal: Portal, row: TwoWay, run: Callable[..., SyncJob]) -> None:
        self.portal, self.row, self.run = portal, row, run
        self.ann = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", company="Acme", city="Bonn")

    def right(self) -> SyncJob:
        return self.run(self.row.rightward)

    def left(self) -> SyncJob:
        return self.run(self.row.leftward)

    def settle(self) -> None:
        """Both directions, over and over, until neither has anything to write: soon."""
        for _ in range(3):
            if all(job.sent == job.rejected for job in (self.right(), self.left())):
                return
        raise AssertionError("the two do not come to rest")

    @property
    def lead(self) -> dict[str, Any]:
        found = self.portal.lead("ann@x.org")
        assert found
        return found

    @property
    def contact(self) -> dict[str, Any]:
        return self.portal.ask("GET", f"/{self.ann}?properties=email,firstname,lastname,company,city")["properties"]

    @property
    def cities(self) -> tuple[Any, Any]:
        return self.contact["city"], self.lead.get("City")

    def change_left(self, **values: str) -> None:
        self.portal.change(self.ann, **values)

    def change_right(self, **values: str) -> None:
        self.portal.change_lead(self.lead["Id"], **values)


@pytest.fixture
def both(small: Sync, portal: Portal, run: Callable[..., SyncJob]) -> Both:
    mapping = make_mapping(
        BACK,
        reads=READS,
        source_platform="salesforce",
        source_object="Lead",
        destination_platform="hubspot",
        destination_object="contacts",
    )
    back = Sync.objects.create(
        name="Back",
        source=small.destination,
        source_object="Lead",
        destination=small.source,
        destination_object="contacts",
        destination_key="email",
        mapping=mapping,
        empty_values=EmptyValues.CLEAR,
    )
    row = TwoWay.objects.create(rightward=small, leftward=back, pairs=WAYS, wins=Winner.LEFT)
    made = Both(portal, row, run)
    made.settle()
    return made
