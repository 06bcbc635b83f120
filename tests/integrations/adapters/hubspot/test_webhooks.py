"""HubSpot's webhooks: the vendor's own signature vectors, and what each kind of event means."""

import base64
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.hubspot.webhooks import Webhooks, unescape
from integrations.enums import ChangeKind, Proof
from integrations.incoming import Account, Call, SignatureError, UnreadableDeliveryError
from integrations.sandbox.hubspot.webhooks import sign_older, sign_v3

FORMAT = Webhooks()
URL = "https://panel.example/hooks/token/?x=1"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
VENDORS_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
VENDORS_BODY = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":'
    b'"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
)
VENDORS_V1 = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
VENDORS_V2 = "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"


def account(secret: str = "s3cret", name: str = "webhook_secret") -> Account:
    return Account({name: secret})


def signed(
    body: bytes = b"[]", url: str = URL, secret: str = "s3cret", at: datetime = NOW, version: str = "v3"
) -> Call:
    sign = sign_v3 if version == "v3" else sign_older
    headers = sign(secret, url, body, version, int(at.timestamp() * 1_000))
    return Call("POST", url, {name.lower(): value for name, value in headers.items()}, body, NOW)


def test_the_vendors_first_vector_is_right() -> None:
    call = Call("POST", URL, {"x-hubspot-signature": VENDORS_V1}, VENDORS_BODY, NOW)
    assert FORMAT.verify(call, account(VENDORS_SECRET)) == Proof.SIGNED
    with pytest.raises(SignatureError):
        FORMAT.verify(replace(call, body=VENDORS_BODY + b" "), account(VENDORS_SECRET))


def test_the_vendors_second_vector_is_right() -> None:
    headers = {"x-hubspot-signature": VENDORS_V2, "x-hubspot-signature-version": "v2"}
    call = Call("GET", "https://www.example.com/webhook_uri", headers, b"", NOW)
    assert FORMAT.verify(call, account(VENDORS_SECRET)) == Proof.SIGNED
    with pytest.raises(SignatureError):
        FORMAT.verify(replace(call, url="https://www.example.com/other"), account(VENDORS_SECRET))


def test_the_third_way_is_what_the_vendor_describes() -> None:
    stamp = str(int(NOW.timestamp() * 1_000))
    text = f"POST{URL}[]{stamp}".encode()
    signature = base64.b64encode(hmac.digest(b"s3cret", text, "sha256")).decode()
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": stamp}
    assert FORMAT.verify(Call("POST", URL, headers, b"[]", NOW), account()) == Proof.SIGNED


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_every_way_of_signing_is_known(version: str) -> None:
    assert FORMAT.verify(signed(version=version), account()) == Proof.SIGNED
    assert FORMAT.verify(signed(version=version), account(name="client_secret")) == Proof.SIGNED
    with pytest.raises(SignatureError, match="wrong"):
        FORMAT.verify(signed(version=version, secret="another"), account())
    with pytest.raises(SignatureError, match="wrong"):
        FORMAT.verify(replace(signed(version=version), body=b"[{}]"), account())


def test_a_call_for_another_address_is_refused() -> None:
    with pytest.raises(SignatureError, match="wrong"):
        FORMAT.verify(replace(signed(), url=URL + "&y=2"), account())


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_signature_from_another_time_is_refused(minutes: int) -> None:
    with pytest.raises(SignatureError, match="older than five minutes"):
        FORMAT.verify(signed(at=NOW + timedelta(minutes=minutes)), account())
    assert FORMAT.verify(signed(at=NOW + timedelta(minutes=minutes / 2)), account()) == Proof.SIGNED


@pytest.mark.parametrize("stamp", ["", "soon", "1" * 30, "-5", "١٢٣"])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    call = signed()
    with pytest.raises(SignatureError, match="does not say when"):
        FORMAT.verify(replace(call, headers={**call.headers, "x-hubspot-request-timestamp": stamp}), account())


def test_an_unsigned_call_is_refused_once_a_secret_is_saved() -> None:
    unsigned = Call("POST", URL, {}, b"[]", NOW)
    with pytest.raises(SignatureError, match="not signed"):
        FORMAT.verify(unsigned, account())
    assert FORMAT.verify(unsigned, Account({})) == Proof.ADDRESS


def test_only_the_characters_the_vendor_names_are_decoded() -> None:
    assert unescape("https://x/a%3Ab%2fc%20d%2B%24") == "https://x/a:b/c%20d%2B$"
    url = "https://panel.example/hooks/t/?to=a%40x.io"
    call = signed(url=unescape(url))
    assert FORMAT.verify(replace(call, url=url), account()) == Proof.SIGNED


def parse(*events: object) -> list[tuple[str, str, str, str]]:
    changes = FORMAT.parse(Call("POST", URL, {}, orjson.dumps(events), NOW))
    return [(change.object_name, change.record_id, change.kind.value, change.what) for change in changes]


def event(kind: str, **more: object) -> dict[str, object]:
    return {"eventId": 7, "subscriptionType": kind, "objectId": 123, "occurredAt": 1742077073905, **more}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (event("contact.creation"), ("contacts", "123", "changed", "Contact added")),
        (
            event("contact.propertyChange", propertyName="email", propertyValue="b@x.io"),
            ("contacts", "123", "changed", "Contact changed: email"),
        ),
        (event("company.restore"), ("companies", "123", "changed", "Company restored")),
        (event("deal.deletion"), ("deals", "123", "deleted", "Deal deleted")),
        (event("contact.privacyDeletion"), ("contacts", "123", "deleted", "Contact deleted for privacy")),
        (event("object.creation", objectTypeId="0-1"), ("contacts", "123", "changed", "Contact added")),
        (event("object.deletion", objectTypeId="2-556"), ("object:2-556", "123", "deleted", "Record deleted")),
        (event("", eventType="deal.creation"), ("deals", "123", "changed", "Deal added")),
    ],
    ids=str,
)  # fmt: skip
def test_each_event_means_something(given: dict[str, object], wanted: tuple[str, ...]) -> None:
    assert parse(given) == [wanted]


@pytest.mark.parametrize(
    "given",
    [
        event("contact.associationChange"),
        event("conversation.creation"),
        event("ticket.creation"),
        event("contact.creation", objectId="123"),
        event("contact.creation", objectId=True),
        event("contact.creation", objectId=-1),
        event("contact.merge", objectId=None),
        event("object.creation"),
        {},
        "contact.creation",
        None,
    ],
    ids=str,
)
def test_what_is_of_no_interest_is_left_out(given: object) -> None:
    assert parse(given) == []


def test_of_a_merge_one_record_is_left_and_the_others_are_gone() -> None:
    merged = event("contact.merge", primaryObjectId=1, mergedObjectIds=[2, 3], newObjectId=1)
    assert [(one[1], one[2]) for one in parse(merged)] == [("2", "merged"), ("3", "merged"), ("1", "changed")]
    new = event("contact.merge", primaryObjectId=1, mergedObjectIds=[2], newObjectId=9)
    changes = FORMAT.parse(Call("POST", URL, {}, orjson.dumps([new]), NOW))
    assert [(c.record_id, c.kind, c.new_id) for c in changes] == [
        ("2", ChangeKind.MERGED, "9"),
        ("1", ChangeKind.MERGED, "9"),
        ("9", ChangeKind.CHANGED, ""),
    ]


def test_no_value_of_a_person_is_in_the_sentence() -> None:
    assert "b@x.io" not in str(parse(event("contact.propertyChange", propertyName="email", propertyValue="b@x.io")))


def test_a_repetition_has_the_same_key_and_another_happening_has_another() -> None:
    def keys(*events: dict[str, object]) -> list[str]:
        return [change.key for change in FORMAT.parse(Call("POST", URL, {}, orjson.dumps(events), NOW))]

    first = event("contact.propertyChange", propertyName="email", attemptNumber=0)
    assert keys(first) == keys({**first, "attemptNumber": 3})
    others = [{"propertyName": "city"}, {"occurredAt": 1742077073906}, {"objectId": 124}, {"eventId": 8}]
    assert len({*keys(first, *({**first, **other} for other in others))}) == 5


@pytest.mark.parametrize("body", [b"{}", b"7", b"null", b"", b"[", b"\xff"], ids=repr)
def test_what_is_no_list_of_events_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableDeliveryError):
        FORMAT.parse(Call("POST", URL, {}, body, NOW))


def test_a_hundred_events_are_a_hundred_changes() -> None:
    assert len(parse(*(event("contact.creation", objectId=n, eventId=n) for n in range(1, 101)))) == 100


NAMES = ["eventId", "objectId", "subscriptionType", "occurredAt", "propertyName", "mergedObjectIds", "objectTypeId"]
VALUES = (
    st.none()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text()
    | st.sampled_from(["contact.merge", "contact.creation", "object.deletion", "2-1"])
    | st.lists(st.integers(0, 9))
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_event_is_read_or_left_out(given: dict[str, object]) -> None:
    parse(given)
