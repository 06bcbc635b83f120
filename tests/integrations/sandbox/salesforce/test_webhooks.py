"""The outbound messages of the simulated Salesforce."""

import re
import time

import pytest

from integrations.sandbox.salesforce.credentials import ORG_ID
from tests.integrations.sandbox.listening import Listener

ACK = (
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse '
    b'xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body>'
    b"</soapenv:Envelope>"
)


@pytest.fixture
def listener():
    with Listener(lambda heard, before: (200, ACK)) as somebody:
        yield somebody


def told(control):
    return control.get("/webhooks").json()["subscribers"][0]


def test_a_saved_record_is_told_as_it_is_when_the_message_leaves(control, listener, upsert_leads, lead):
    control.post("/settings", json={"webhook_pace": 300})
    listener.answer = lambda heard, before: (200, ACK if before else b"<Ack>false</Ack>")
    control.post("/salesforce/webhooks", json={"url": listener.url, "fields": ["LastName"]})
    upsert_leads(lead())
    listener.wait_for(1)
    upsert_leads(lead(LastName="Smith & Sons"))
    first = listener.wait_for(3)[0]
    assert b"<sf:LastName>O'Brien</sf:LastName>" in first.body
    assert ORG_ID.encode() in first.body
    assert any(b"Smith &amp; Sons" in one.body for one in listener.heard)


def test_only_an_ack_ends_the_repetitions(control, listener, upsert_leads, lead):
    control.post("/settings", json={"webhook_pace": 300})
    listener.answer = lambda heard, before: [(500, ACK), (200, b"fine"), (200, ACK)][min(before, 2)]
    control.post("/salesforce/webhooks", json={"url": listener.url})
    upsert_leads(lead())
    ids = {re.search(rb"<Id>(04l\w+)</Id>", one.body)[1] for one in listener.wait_for(3)}
    assert len(ids) == 1
    time.sleep(0.05)
    assert (told(control)["acknowledged"], told(control)["retried"]) == (1, 2)


def test_a_user_without_outbound_messages_causes_none(control, listener, upsert_leads, lead):
    control.post("/salesforce/webhooks", json={"url": listener.url, "own_writes": False})
    upsert_leads(lead())
    assert told(control)["told"] == 0
    control.post("/salesforce/Lead/touch", json={"count": 1, "properties": {"City": "Cork"}})
    assert b"00Q" in listener.wait_for(1)[0].body


def test_a_record_that_is_gone_has_nothing_to_say(control, listener, upsert_leads, lead, salesforce):
    control.post("/salesforce/webhooks", json={"url": listener.url})
    made = upsert_leads(lead()).json()[0]["id"]
    salesforce.delete(f"/sobjects/Lead/{made}")
    time.sleep(0.3)
    assert listener.heard == []
    assert told(control)["dropped"] == 1
