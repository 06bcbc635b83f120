"""What every platform's webhook format promises, whatever a call holds."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.adapters.registry import capabilities, platforms
from integrations.incoming import MOST_BYTES, Account, Call, SignatureError, UnreadableDeliveryError, WebhookFormat

FORMATS = {name: capabilities(name).webhook for name in platforms() if capabilities(name).webhook is not None}
URL = "https://panel.example/hooks/secret/"


@pytest.fixture(params=sorted(FORMATS))
def webhook(request: pytest.FixtureRequest) -> WebhookFormat:
    found = FORMATS[request.param]
    assert found is not None
    return found


def make_call(body: bytes, method: str = "POST", **headers: str) -> Call:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return Call(method, URL, named, body, datetime.now(UTC))


def parse_or_refuse(webhook: WebhookFormat, body: bytes, content_type: str = "") -> int:
    """How many changes; -1 when it said that it cannot read this."""
    try:
        return len(webhook.parse(make_call(body, content_type=content_type)))
    except UnreadableDeliveryError as refusal:
        assert refusal.message.endswith(".")
        return -1


def test_the_steps_say_where_calls_go_and_what_is_secret(webhook: WebhookFormat) -> None:
    assert any("{address}" in step for step in webhook.setup.steps)
    assert all(secret.is_secret for secret in webhook.setup.secrets)
    assert webhook.most_bytes <= MOST_BYTES


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_somebody_is_there(webhook: WebhookFormat, method: str) -> None:
    assert webhook.greet(make_call(b"", method)).status < 500


def test_the_call_is_accepted_with_a_good_status(webhook: WebhookFormat) -> None:
    assert webhook.accept().status == 200


NASTY = {
    "nothing": b"",
    "nul": b"\x00" * 100,
    "half of utf-16": "<x>".encode("utf-16")[:5],
    "latin": "caf\xe9=\xff&type=\xfe".encode("latin-1"),
    "surrogates": b'[{"subscriptionType": "contact.creation", "objectId": 1, "x": "\\ud800"}]',
    "json 5,000 deep": b"[" * 5_000 + b"]" * 5_000,
    "objects 5,000 deep": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "xml 5,000 deep": b"<a>" * 5_000 + b"</a>" * 5_000,
    "form 50 deep": b"data" + b"[a]" * 50 + b"=1",
    "form 5,000 deep": b"data" + b"[a]" * 5_000 + b"=1",
    "100,000 keys": b"&".join(b"data[%d]=1" % n for n in range(100_000)),
    "a long number": b"[" + b"9" * 100_000 + b"]",
    "utf-7": b'<?xml version="1.0" encoding="utf-7"?><a/>',
    "an encoding there is not": b'<?xml version="1.0" encoding="klingon"?><a/>',
    "an entity": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "a file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a DTD from elsewhere": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
    "billion laughs": b"<!DOCTYPE l [<!ENTITY a0 'lol'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><l>&a9;</l>",
    "quadratic blow-up": b"<!DOCTYPE l [<!ENTITY a '" + b"x" * 100_000 + b"'>]><l>" + b"&a;" * 1_000 + b"</l>",
    "many elements": b"<a>" + b"<b/>" * 1_000_000 + b"</a>",
    "many small objects": b"[" + b",".join([b'{"subscriptionType":"contact.creation","objectId":1}'] * 60_000) + b"]",
    "one long text": b"<a>" + b"x" * 4_000_000 + b"</a>",
    "percent signs": b"%" * 200_000,
}


@pytest.mark.parametrize("body", NASTY.values(), ids=NASTY.keys())
@pytest.mark.parametrize("content_type", ["application/json", "text/xml", "application/x-www-form-urlencoded"])
def test_nasty_bodies_are_read_or_refused_within_seconds(
    webhook: WebhookFormat, body: bytes, content_type: str
) -> None:
    started = time.process_time()
    assert len(body) <= MOST_BYTES
    assert parse_or_refuse(webhook, body, content_type) <= 100_000
    assert time.process_time() - started < 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=200)
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_any_bytes_are_read_or_refused(name: str, body: bytes) -> None:
    found = FORMATS[name]
    assert found is not None
    parse_or_refuse(found, body)


@given(body=st.binary(max_size=300), headers=st.dictionaries(st.sampled_from([*"abc", "x-signature"]), st.text()))
@settings(max_examples=100)
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_any_call_is_verified_or_refused(name: str, body: bytes, headers: dict[str, str]) -> None:
    found = FORMATS[name]
    assert found is not None
    secrets = {field.name: "s" for field in found.setup.secrets}
    try:
        found.verify(make_call(body, **headers), Account(secrets, account_id="00D5e000001SndBEAS"))
    except SignatureError as refusal:
        assert refusal.message.endswith(".")
