"""Audience webhooks: signatures, forms, and what they say happened."""

import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.adapters.mailchimp.paths import hash_address
from integrations.adapters.registry import capabilities
from integrations.enums import ChangeKind, Proof
from integrations.incoming import Account, Call, SignatureError, UnreadableDeliveryError

FORMAT = capabilities("mailchimp").webhook
NOW = datetime(2026, 3, 26, 21, 36, tzinfo=UTC)
SECRET = "a-signing-secret"
# As in the guide, https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
SUBSCRIBE = (
    b"type=subscribe&fired_at=2026-03-26+21%3A35%3A57&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054"
    b"&data%5Bemail%5D=Api%40mailchimp.com&data%5Bemail_type%5D=html&data%5Bip_opt%5D=10.20.10.30&data%5Bweb_id%5D=12"
    b"&data%5Bmerges%5D%5BEMAIL%5D=api%40mailchimp.com&data%5Bmerges%5D%5BFNAME%5D=Mailchimp"
    b"&data%5Bmerges%5D%5BINTERESTS%5D=Group1%2CGroup2"
)


def make_call(body=SUBSCRIBE, signature="", at=NOW, method="POST"):
    headers = {"x-mailchimp-signature": signature} if signature else {}
    return Call(method, "https://panel.example/hooks/t/", headers, body, at)


def sign(body=SUBSCRIBE, secret=SECRET, at=NOW):
    stamp = int(at.timestamp())
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


def account(secret=SECRET):
    return Account({"webhook_secret": secret} if secret else {})


def form(kind, **data):
    fields = {"type": kind, "fired_at": "2026-03-26 21:40:57", "data[list_id]": "a6b5da1054"}
    return urlencode({**fields, **{f"data[{name}]": value for name, value in data.items()}}).encode()


def parse(body):
    return FORMAT.parse(make_call(body))


class TestSignature:
    def test_a_signature_computed_elsewhere_is_right(self):
        """openssl dgst -sha256 -hmac secret over `1718000000.type=subscribe`."""
        digest = "52ca3a7d5745802d7ac751d938baa3ce315b195e1e015b1be72cf26bbe053e9b"
        at = datetime.fromtimestamp(1_718_000_000, UTC)
        call = make_call(b"type=subscribe", f"t=1718000000,v1={digest}", at)
        assert FORMAT.verify(call, account("secret")) is Proof.SIGNED

    def test_without_a_secret_the_address_is_all_the_proof(self):
        assert FORMAT.verify(make_call(), account("")) is Proof.ADDRESS
        assert FORMAT.verify(make_call(signature="rubbish"), account("")) is Proof.ADDRESS

    @pytest.mark.parametrize("seconds", [-299, 0, 299])
    def test_a_good_signature_is_good_for_five_minutes(self, seconds):
        call = make_call(signature=sign(), at=NOW + timedelta(seconds=seconds))
        assert FORMAT.verify(call, account()) is Proof.SIGNED

    @pytest.mark.parametrize("seconds", [-301, 301, 86_400])
    def test_later_or_earlier_it_is_not(self, seconds):
        with pytest.raises(SignatureError, match="five minutes"):
            FORMAT.verify(make_call(signature=sign(), at=NOW + timedelta(seconds=seconds)), account())

    def test_one_of_several_secrets_and_one_of_several_signatures_will_do(self):
        other = sign(secret="old").partition(",")[2]
        call = make_call(signature=f"{sign().replace(',v1', f',{other},v1')}")
        assert FORMAT.verify(call, account(f"first\n{SECRET}")) is Proof.SIGNED

    @pytest.mark.parametrize(
        "signature",
        [
            "",
            "t=1",
            "v1=abc",
            "t=,v1=abc",
            "t=x,v1=abc",
            "t=1,t=2,v1=abc",
            "t=²,v1=abc",
            "t=1,v1=é",
            f"t={'9' * 400},v1=abc",
            sign(secret="wrong"),
            sign(body=SUBSCRIBE + b"&x=1"),
            sign().replace("v1=", "v0="),
            ",".join(["v1=a"] * 1_000),
        ],
    )
    def test_a_missing_or_wrong_signature_is_refused_without_a_word_of_it(self, signature):
        with pytest.raises(SignatureError) as caught:
            FORMAT.verify(make_call(signature=signature), account())
        assert SECRET not in caught.value.message and caught.value.message.endswith(".")

    @given(st.text(max_size=300))
    def test_no_header_makes_it_stumble(self, header):
        with pytest.raises(SignatureError):
            FORMAT.verify(make_call(signature=header or "x"), account())

    def test_a_large_body_is_verified_in_a_moment(self):
        body = b"type=profile&x=" + b"a" * 900_000
        started = time.process_time()
        FORMAT.verify(make_call(body, sign(body)), account())
        assert time.process_time() - started < 0.05


class TestParsing:
    def test_the_guides_example(self):
        (change,) = parse(SUBSCRIBE)
        assert change.object_name == "members:a6b5da1054"
        assert change.record_id == hash_address("api@mailchimp.com")
        assert (change.kind, change.at) == (ChangeKind.CHANGED, datetime(2026, 3, 26, 21, 35, 57, tzinfo=UTC))
        assert "@" not in change.what and change.record is None

    @pytest.mark.parametrize(
        ("body", "kind", "address"),
        [
            (form("subscribe", id="1", email="a@x.io"), ChangeKind.CHANGED, "a@x.io"),
            (form("profile", id="1", email="a@x.io"), ChangeKind.CHANGED, "a@x.io"),
            (
                form("unsubscribe", id="1", email="a@x.io", action="unsub", reason="manual"),
                ChangeKind.CHANGED,
                "a@x.io",
            ),
            (form("unsubscribe", id="1", email="a@x.io", action="delete"), ChangeKind.DELETED, "a@x.io"),
            (form("cleaned", email="a@x.io", reason="hard", campaign_id="4"), ChangeKind.CHANGED, "a@x.io"),
            (form("upemail", new_id="2", new_email="b@x.io", old_email="a@x.io"), ChangeKind.CHANGED, "b@x.io"),
        ],
    )
    def test_each_event_says_who(self, body, kind, address):
        (change,) = parse(body)
        assert (change.kind, change.record_id, change.new_id) == (kind, hash_address(address), "")

    def test_events_we_take_no_interest_in_are_left_out(self):
        assert parse(form("campaign", id="1", subject="Hello", status="sent")) == []
        assert parse(form("brand_new", email="a@x.io")) == []

    def test_a_repetition_has_the_same_key_and_anything_else_another(self):
        bodies = [
            form("profile", id="1", email="a@x.io"),
            form("profile", id="1", email="b@x.io"),
            form("subscribe", id="1", email="a@x.io"),
            form("profile", id="1", email="a@x.io").replace(b"57", b"58"),
            form("profile", id="1", email="a@x.io").replace(b"a6b5", b"a6b6"),
        ]
        keys = [parse(body)[0].key for body in bodies]
        assert len(set(keys)) == len(bodies) and parse(bodies[0])[0].key == keys[0]
        assert not any("x.io" in key for key in keys)

    def test_without_a_time_it_is_still_a_change(self):
        assert parse(form("profile", email="a@x.io").replace(b"2026-03-26+21%3A40%3A57", b"yesterday"))[0].at is None

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"type=subscribe",
            form("profile", email=" "),
            form("profile", email="a@x.io").replace(b"a6b5da1054", b"../etc"),
            form("profile"),
            b"\xff\xfe\x00",
            b"&".join([b"a=1"] * 5_000),
        ],
    )
    def test_what_is_not_such_a_form_is_said_to_be_unreadable(self, body):
        with pytest.raises(UnreadableDeliveryError):
            parse(body)

    def test_keys_nested_fifty_deep_and_of_great_length_cost_nothing(self):
        nested = "data" + "[a]" * 50
        body = urlencode({nested: "x", "data[" * 10_000: "y"}).encode() + b"&" + form("profile", email="a@x.io")
        started = time.process_time()
        assert len(parse(body)) == 1
        assert time.process_time() - started < 0.05

    def test_broken_encodings_are_replaced(self):
        assert len(parse(form("profile", email="a@x.io") + b"&data[merges][FNAME]=%ff%C3&x=\xc3")) == 1

    @settings(max_examples=300, deadline=500)
    @given(
        st.one_of(
            st.binary(max_size=2_000),
            st.lists(
                st.tuples(
                    st.sampled_from(
                        ["type", "fired_at", "data[list_id]", "data[email]", "data[id]", "data[new_email]", "x[[]]"]
                    ),
                    st.text(max_size=40),
                )
            ).map(lambda pairs: urlencode(pairs, errors="replace").encode()),
        )
    )
    def test_any_bytes_are_changes_or_unreadable(self, body):
        try:
            changes = parse(body)
        except UnreadableDeliveryError:
            return
        assert all(change.key and change.record_id and change.object_name for change in changes)

    def test_a_megabyte_of_fields_is_given_up_at_once(self):
        started = time.process_time()
        with pytest.raises(UnreadableDeliveryError):
            parse(b"data[merges][A]=1&" * 50_000)
        assert time.process_time() - started < 0.1


class TestManners:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_look_whether_somebody_is_there_gets_a_yes(self, method):
        assert FORMAT.greet(make_call(b"", method=method)).status == 200

    def test_a_call_that_is_stored_is_acknowledged_and_never_switches_the_webhook_off(self):
        assert FORMAT.accept().status == 200

    def test_the_steps_name_the_address_and_the_echo(self):
        steps = " ".join(FORMAT.setup.steps)
        assert "{address}" in steps and "via the API" in steps
        assert all(field.is_secret for field in FORMAT.setup.secrets)
