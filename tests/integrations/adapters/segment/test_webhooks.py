"""Who calls: by a signature over one event, by a bearer token, or by the secret address alone."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.registry import capabilities
from integrations.adapters.segment.first_element import find_first
from integrations.enums import Proof
from integrations.incoming import Account, Call, SignatureError

FORMAT = capabilities("segment").webhook
TOKEN = "a-long-bearer-token"

# Secrets and payloads of the vendor's own tests and documentation; the digests were made with
# `openssl dgst -sha1 -hmac <secret>`.
IDENTIFY = (
    '{"version":1,"type":"identify","userId":"019mr8mf4r","traits":{"email":"achilles@segment.com","name":"Achilles",'
    '"subscriptionPlan":"Premium","friendCount":29},"timestamp":"2012-12-02T00:30:08.276Z"}'
)
UNICODE = '{"type":"track","userId":"zoë","event":"Größe 🎉"}'
VECTORS = [
    ("abc123", '{"cool":true}', "5099cab379b3be52908387457007040cc934ef86", Proof.SIGNED),
    ("abc123", '[{"cool":false},{"cool":true}]', "c702b94a2569dd8d2f7185ce0ae951021bef4706", Proof.ACCOUNT),
    ("abc123", '[{"cool":false}]', "c702b94a2569dd8d2f7185ce0ae951021bef4706", Proof.SIGNED),
    ("sharedsecretvalue", IDENTIFY, "eac683396cde2bb2fa3cef1b39e5e147c891711f", Proof.SIGNED),
    ("sharedsecretvalue", f"[{IDENTIFY},{UNICODE}]", "eac683396cde2bb2fa3cef1b39e5e147c891711f", Proof.ACCOUNT),
    ("gehëim", UNICODE, "7c7176fa17d9ddf3960d85bd085e7c12e423ed60", Proof.SIGNED),
    ("gehëim", f"[{UNICODE},{IDENTIFY}]", "7c7176fa17d9ddf3960d85bd085e7c12e423ed60", Proof.ACCOUNT),
]


def call(body="{}", **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body.encode() if isinstance(body, str) else body
    return Call("POST", "https://panel.example/hooks/x/", sent, data, datetime.now(UTC))


def account(secret="", token=""):
    return Account({name: value for name, value in (("webhook_secret", secret), ("webhook_token", token)) if value})


def sign(secret, text):
    return hmac.new(secret.encode(), text.encode(), hashlib.sha1).hexdigest()


@pytest.mark.parametrize(("secret", "body", "digest", "proof"), VECTORS)
def test_a_signature_of_the_first_event_is_recognised(secret, body, digest, proof):
    assert FORMAT.verify(call(body, x_signature=digest), account(secret)) == proof
    assert FORMAT.verify(call(body, x_signature=f" {digest.upper()} "), account(secret)) == proof


@pytest.mark.parametrize(
    ("body", "digest"),
    [
        ('{"cool":true }', VECTORS[0][2]),
        ('{"cool":false}', VECTORS[0][2]),
        ('[{"cool":true},{"cool":false}]', VECTORS[1][2]),
        ('{"cool":true}', ""),
        ('{"cool":true}', "5099"),
        ('{"cool":true}', "ü" * 40),
        ("", VECTORS[0][2]),
        ("[]", VECTORS[0][2]),
        ("[", VECTORS[0][2]),
        ('["cool', VECTORS[0][2]),
    ],
)
def test_any_other_signature_is_refused_without_repeating_it(body, digest):
    with pytest.raises(SignatureError) as caught:
        FORMAT.verify(call(body, x_signature=digest), account("abc123"))
    assert (
        caught.value.message.endswith(".") and "cool" not in caught.value.message and "abc123" not in repr(caught.value)
    )


def test_the_bytes_count_not_what_they_mean():
    spaced = '[ {"cool" : true} , {}]'
    assert FORMAT.verify(call(spaced, x_signature=sign("s", '{"cool" : true}')), account("s")) == Proof.ACCOUNT
    with pytest.raises(SignatureError):
        FORMAT.verify(call(spaced, x_signature=sign("s", '{"cool":true}')), account("s"))


def test_a_bearer_token_speaks_for_the_whole_call():
    assert FORMAT.verify(call("[{},{}]", authorization=f"Bearer {TOKEN}"), account(token=TOKEN)) == Proof.SIGNED


@pytest.mark.parametrize("header", ["", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer ü", f"bearer {TOKEN}"])
def test_any_other_token_is_refused(header):
    with pytest.raises(SignatureError):
        FORMAT.verify(call(authorization=header), account(token=TOKEN))


def test_where_both_were_entered_either_will_do():
    both = account("s", TOKEN)
    assert FORMAT.verify(call("{}", authorization=f"Bearer {TOKEN}"), both) == Proof.SIGNED
    assert FORMAT.verify(call("{}", x_signature=sign("s", "{}")), both) == Proof.SIGNED
    with pytest.raises(SignatureError):
        FORMAT.verify(call("{}", authorization="Bearer no", x_signature="no"), both)


@pytest.mark.parametrize("entered", [account("s"), account(token=TOKEN), account("s", TOKEN)])
def test_a_call_without_proof_is_refused_where_proof_is_expected(entered):
    with pytest.raises(SignatureError):
        FORMAT.verify(call(), entered)


def test_where_nothing_was_entered_the_address_alone_speaks_for_it():
    assert FORMAT.verify(call(x_signature="whatever"), account()) == Proof.ADDRESS


def test_it_takes_well_under_a_millisecond_even_for_a_thousand_events():
    event = json.dumps(
        {"type": "track", "userId": "u1", "event": "x", "properties": {"a": "b" * 700}}, separators=(",", ":")
    )
    body = f"[{','.join([event] * 1_000)}]"
    one, entered = call(body, x_signature=sign("s", event)), account("s")
    best = min(_time(lambda: FORMAT.verify(one, entered)) for _ in range(5))
    assert best < 0.001


def _time(run):
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def test_the_answer_is_short_and_whoever_looks_is_greeted():
    assert (FORMAT.accept().status, FORMAT.greet(call()).status) == (200, 200)


def test_the_setup_says_where_calls_go_and_names_what_is_to_be_entered():
    setup = FORMAT.setup
    assert any("{address}" in step for step in setup.steps) and all(step.endswith(".") for step in setup.steps)
    assert {field.name for field in setup.secrets} == {"webhook_secret", "webhook_token"}
    assert all(field.is_secret and not field.required for field in setup.secrets)


texts = st.text(max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(json_values, min_size=1, max_size=4), st.sampled_from([",", " , ", ",\n"]), st.booleans())
def test_the_first_element_of_any_array_is_found_as_it_stands(values, comma, is_ascii):
    texts = [json.dumps(value, ensure_ascii=is_ascii) for value in values]
    body = f"[ {comma.join(texts)} ]".encode("utf-8", "surrogatepass")
    assert find_first(body) == (texts[0].encode("utf-8", "surrogatepass"), len(values) == 1)


@pytest.mark.parametrize("size", [60_000, 65_530, 65_536, 65_540, 70_000, 200_000])
def test_a_first_element_of_any_size_is_found(size):
    text = json.dumps({"a": "ü" * (size // 2)}, ensure_ascii=False)
    assert find_first(f"[{text},{{}}]".encode()) == (text.encode(), False)


@given(st.binary())
def test_any_bytes_are_looked_at_without_a_crash(body):
    first, _ = find_first(body)
    assert first in body


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" + b"[" * 200_000 + b"]" * 200_000, b'[{"a":' * 50_000])
def test_what_is_nested_without_an_end_is_no_element(body):
    assert find_first(body)[0] == b""
