"""How the simulated Mailchimp calls, and that our format understands it."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from integrations.adapters.registry import capabilities
from integrations.enums import ChangeKind, Proof
from integrations.incoming import Account, Call
from integrations.sandbox.mailchimp.credentials import NEWSLETTER
from integrations.sandbox.mailchimp.member import hash_email
from tests.integrations.sandbox.mailchimp.conftest import EASY, MEMBERS, OBJECT

WEBHOOKS = f"/lists/{NEWSLETTER}/webhooks"
FORMAT = capabilities("mailchimp").webhook
ALL = {"events": dict.fromkeys(["subscribe", "unsubscribe", "profile", "cleaned", "upemail"], True)}


def as_call(heard):
    return Call("POST", "https://panel.example/", heard.headers, heard.body, datetime.now(UTC))


def read(heard):
    return {name: values[0] for name, values in parse_qs(heard.body.decode(), keep_blank_values=True).items()}


def touch(control, **values):
    body = {"count": 1, "properties": values}
    return control.post(f"/mailchimp/{OBJECT}/touch", json=body).json()["ids"][0]


def test_what_it_sends_is_signed_and_understood(control, listener, mailchimp):
    control.post("/mailchimp/webhooks", json={"url": listener.url, "secret": "s3cret"})
    one = touch(control, JOBTITLE="Chief")
    (heard,) = listener.wait_for(1)
    form = read(heard)
    assert form["type"] == "profile" and form["data[merges][JOBTITLE]"] == "Chief"
    call = as_call(heard)
    assert FORMAT.verify(call, Account({"webhook_secret": "s3cret"})) is Proof.SIGNED
    (change,) = FORMAT.parse(call)
    row = mailchimp.get(f"{MEMBERS}/{one}").json()
    assert (change.object_name, change.record_id) == (OBJECT, row["id"]) and change.kind is ChangeKind.CHANGED


def test_a_change_of_address_is_two_events(control, listener):
    control.post("/mailchimp/webhooks", json={"url": listener.url})
    touch(control, email_address="moved@x.io")
    heard = listener.wait_for(2)
    assert sorted(read(one)["type"] for one in heard) == ["profile", "upemail"]
    assert "x-mailchimp-signature" not in heard[0].headers
    assert {FORMAT.parse(as_call(one))[0].record_id for one in heard} == {hash_email("moved@x.io")}


@pytest.mark.parametrize(("status", "kind"), [("unsubscribed", "unsubscribe"), ("cleaned", "cleaned")])
def test_a_change_of_status_has_its_event(control, listener, people, status, kind):
    control.post("/mailchimp/webhooks", json={"url": listener.url})
    person = people("subscribed")[0]
    control.post(f"/mailchimp/{OBJECT}/touch", json={"ids": [person["contact_id"]], "properties": {"status": status}})
    (heard,) = listener.wait_for(1)
    assert read(heard)["type"] == kind and len(FORMAT.parse(as_call(heard))) == 1


def test_somebody_deleted_for_good_is_told_as_such(control, listener, put, mailchimp):
    put("ann@x.io")
    control.post("/mailchimp/webhooks", json={"url": listener.url})
    mailchimp.post(f"{MEMBERS}/ann@x.io/actions/delete-permanent")
    (heard,) = listener.wait_for(1)
    assert FORMAT.parse(as_call(heard))[0].kind is ChangeKind.DELETED


class TestSettingUp:
    def test_it_looks_whether_somebody_is_there(self, mailchimp):
        answer = mailchimp.post(WEBHOOKS, json={"url": "http://127.0.0.1:9/hooks/x/", **ALL})
        assert answer.status_code == 400 and "couldn't verify" in answer.json()["detail"]

    @pytest.fixture
    def webhook(self, mailchimp, listener):
        sources = {"sources": {"user": True, "admin": True, "api": False}}
        return mailchimp.post(WEBHOOKS, json={"url": listener.url, **ALL, **sources}).json()

    def test_the_secret_is_told_once(self, webhook, mailchimp):
        assert webhook["signing_enabled"] and len(webhook["signing_secret"]) > 20
        shown = mailchimp.get(f"{WEBHOOKS}/{webhook['id']}").json()
        assert "signing_secret" not in shown and mailchimp.get(WEBHOOKS).json()["total_items"] == 1

    def test_two_that_differ_in_the_query_only_are_refused(self, webhook, mailchimp):
        answer = mailchimp.post(WEBHOOKS, json={"url": f"{webhook['url']}?token=2", **ALL})
        assert answer.status_code == 400 and "multiple" in answer.json()["detail"]

    def test_what_we_write_does_not_come_back(self, webhook, listener, put, control):
        put("ann@x.io")
        touch(control, JOBTITLE="Chief")
        (heard,) = listener.wait_for(1)
        assert read(heard)["data[merges][JOBTITLE]"] == "Chief"
        call = as_call(heard)
        assert FORMAT.verify(call, Account({"webhook_secret": webhook["signing_secret"]})) is Proof.SIGNED

    def test_one_that_is_removed_calls_no_more(self, webhook, mailchimp, control):
        assert mailchimp.delete(f"{WEBHOOKS}/{webhook['id']}").status_code == 204
        assert control.get("/webhooks").json()["subscribers"] == []
        assert mailchimp.delete(f"{WEBHOOKS}/{webhook['id']}").status_code == 404


def test_gone_ends_the_subscription_at_once(control, listener):
    control.post("/mailchimp/webhooks", json={"url": listener.url})
    listener.answer = lambda heard, before: (410, b"")
    touch(control, JOBTITLE="Chief")
    listener.wait_for(1)
    for _ in range(50):
        if not control.get("/webhooks").json()["subscribers"]:
            return
    raise AssertionError("It is still subscribed.")


def test_archiving_and_tagging_happen_without_a_word(control, listener, put, mailchimp):
    control.post("/mailchimp/webhooks", json={"url": listener.url, "events": {"profile": True, "unsubscribe": True}})
    put("ann@x.io")
    mailchimp.post(f"{MEMBERS}/ann@x.io/tags", json={"tags": [{"name": "a", "status": "active"}]})
    mailchimp.delete(f"{MEMBERS}/ann@x.io")
    mailchimp.patch(f"{MEMBERS}/{put('bob@x.io').json()['id']}", json={"merge_fields": {"FNAME": "Bob"}}, params=EASY)
    (heard,) = listener.wait_for(1)
    assert read(heard)["data[email]"] == "bob@x.io"


def test_an_option_there_is_not_is_refused(control, listener):
    answer = control.post("/mailchimp/webhooks", json={"url": listener.url, "colour": "blue"})
    assert answer.status_code == 400 and "colour" in answer.json()["error"]
