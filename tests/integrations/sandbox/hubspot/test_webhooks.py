"""What the simulated HubSpot says when it calls, and how it signs."""

import base64
import hashlib
import hmac

import orjson
import pytest

from integrations.sandbox.hubspot.credentials import CLIENT_SECRET
from tests.integrations.sandbox.listening import Listener

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def calls(control):
    """What is heard until so many events have come."""

    def wait(number):
        events = []
        for _ in range(number):
            events = [event for one in list(listener.heard) for event in orjson.loads(one.body)]
            if len(events) >= number:
                break
            listener.wait_for(len(listener.heard) + 1)
        return events

    with Listener() as listener:
        control.post("/hubspot/webhooks", json={"url": listener.url})
        wait.listener = listener
        yield wait


def test_a_new_contact_is_a_creation_and_a_change_of_each_property(calls, hubspot):
    hubspot.post(CONTACTS, json={"properties": {"email": "ann@x.io", "city": "Cork"}})
    events = calls(3)
    assert [event["subscriptionType"] for event in events] == ["contact.creation", *["contact.propertyChange"] * 2]
    assert {event.get("propertyName") for event in events[1:]} == {"email", "city"}
    assert {event["changeSource"] for event in events} == {"INTEGRATION"}


def test_what_is_written_again_as_it_was_is_no_change(calls, hubspot, control):
    control.post("/hubspot/contacts/touch", json={"ids": ["1000105"], "properties": {"city": "Cork"}})
    hubspot.patch(f"{CONTACTS}/1000105", json={"properties": {"city": "Cork", "zip": "T12"}})
    events = calls(2)
    assert [(event["propertyName"], event["changeSource"]) for event in events] == [
        ("city", "CRM_UI"),
        ("zip", "INTEGRATION"),
    ]


def test_archiving_erasing_and_merging_are_told(calls, hubspot):
    hubspot.delete(f"{CONTACTS}/1000101")
    hubspot.post(f"{CONTACTS}/gdpr-delete", json={"objectId": "1000105"})
    hubspot.post(f"{CONTACTS}/merge", json={"primaryObjectId": "1000109", "objectIdToMerge": "1000113"})
    events = calls(4)
    kinds = [event["subscriptionType"].partition(".")[2] for event in events]
    assert kinds[:3] == ["deletion", "privacyDeletion", "deletion"]
    merged = next(event for event in events if event["subscriptionType"] == "contact.merge")
    assert (merged["primaryObjectId"], merged["mergedObjectIds"]) == (1000109, [1000113])


def test_calls_are_signed_with_the_address_as_it_was_subscribed(calls, control):
    control.post("/hubspot/contacts/touch", json={"count": 1, "properties": {"city": "Cork"}})
    heard = calls.listener.wait_for(1)[0]
    stamp = heard.headers["x-hubspot-request-timestamp"]
    text = b"POST" + calls.listener.url.encode() + heard.body + stamp.encode()
    wanted = base64.b64encode(hmac.digest(CLIENT_SECRET.encode(), text, "sha256")).decode()
    assert heard.headers["x-hubspot-signature-v3"] == wanted


def test_private_apps_sign_the_older_way(control):
    with Listener() as listener:
        control.post("/hubspot/webhooks", json={"url": listener.url, "secret": "s", "signature": "v1"})
        control.post("/hubspot/contacts/touch", json={"count": 1, "properties": {"city": "Cork"}})
        heard = listener.wait_for(1)[0]
    assert heard.headers["x-hubspot-signature"] == hashlib.sha256(b"s" + heard.body).hexdigest()
    assert "x-hubspot-signature-v3" not in heard.headers
