"""Salesforce's outbound messages: whose they are, and whom they are about."""

import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.adapters.salesforce.webhooks import OutboundMessages, long_id
from integrations.enums import ChangeKind, Proof
from integrations.incoming import Account, Call, SignatureError, UnreadableDeliveryError
from integrations.sandbox.salesforce.ids import IdMaker

FORMAT = OutboundMessages()
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ORG = "00D5e000001SndBEAS"
LEADS = IdMaker("00Q")
MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <OrganizationId>{org}</OrganizationId><ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil="true"/>
  <EnterpriseUrl>https://x/services/Soap/c/62.0/{org}</EnterpriseUrl>
  {notifications}
 </notifications></soapenv:Body></soapenv:Envelope>"""


def notification(number: int = 0, record_id: str = "", name: str = "Lead", more: str = "") -> str:
    return (
        f'<Notification><Id>04l00000000{number:07d}</Id><sObject xsi:type="sf:{name}" '
        f'xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>{record_id or LEADS.make(number)}</sf:Id>{more}'
        "</sObject></Notification>"
    )


def call(*notifications: str, org: str = ORG, encoding: str = "utf-8") -> Call:
    text = MESSAGE.format(org=org, notifications="\n".join(notifications))
    return Call("POST", "https://p/hooks/t/", {}, text.replace("UTF-8", encoding.upper()).encode(encoding), NOW)


@pytest.mark.parametrize("ours", [ORG, ORG[:15]])
@pytest.mark.parametrize("theirs", [ORG, ORG[:15]])
def test_the_organization_is_known_in_both_its_forms(ours: str, theirs: str) -> None:
    assert FORMAT.verify(call(org=theirs), Account({}, account_id=ours)) == Proof.ACCOUNT


def test_another_organization_is_refused() -> None:
    for other in ("00D5e000001SndCEAS", ORG[:15].lower(), "00D5e000001Sndb"):
        with pytest.raises(SignatureError, match="another Salesforce organization"):
            FORMAT.verify(call(org=other), Account({}, account_id=ORG))


def test_a_call_that_names_no_organization_is_refused() -> None:
    with pytest.raises(SignatureError, match="does not say"):
        FORMAT.verify(call(org=""), Account({}, account_id=ORG))


def test_before_the_first_test_of_the_connection_only_the_address_speaks_for_it() -> None:
    assert FORMAT.verify(call(), Account({})) == Proof.ADDRESS


@pytest.mark.parametrize("number", [0, 7, 61, 62, 4_000, 230_000])
def test_the_last_three_characters_follow_from_the_others(number: int) -> None:
    whole = LEADS.make(number)
    assert long_id(whole[:15]) == long_id(whole) == whole


def test_each_notification_is_a_change_of_its_record() -> None:
    changes = FORMAT.parse(call(notification(1), notification(2, name="Contact")))
    assert [(c.object_name, c.record_id, c.kind) for c in changes] == [
        ("Lead", LEADS.make(1), ChangeKind.CHANGED),
        ("Contact", LEADS.make(2), ChangeKind.CHANGED),
    ]
    assert changes[0].what == "Lead added or changed"
    assert len({change.key for change in changes}) == 2


def test_a_short_id_is_made_long() -> None:
    assert FORMAT.parse(call(notification(3, LEADS.make(3)[:15])))[0].record_id == LEADS.make(3)


def test_a_hundred_notifications_are_a_hundred_changes() -> None:
    assert len(FORMAT.parse(call(*(notification(n) for n in range(100))))) == 100


def test_an_id_inside_another_field_is_not_the_records() -> None:
    inner = "<sf:Owner><sf:Id>0055e000003SndBAAS</sf:Id></sf:Owner><sf:Email>a@x.io</sf:Email>"
    assert FORMAT.parse(call(notification(5, more=inner)))[0].record_id == LEADS.make(5)


def test_a_record_that_was_deleted_meanwhile_is_left_out() -> None:
    empty = "<Notification><Id>04l000000000001AAA</Id></Notification>"
    assert [c.record_id for c in FORMAT.parse(call(empty, notification(1)))] == [LEADS.make(1)]


def test_a_notification_without_an_id_is_known_by_its_message() -> None:
    def key(number: int) -> str:
        without = notification(1, more=f"<sf:City>{number}</sf:City>").replace("<Id>04l000000000000001</Id>", "")
        return FORMAT.parse(call(without))[0].key

    assert key(1) == key(1) != key(2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_other_encodings_are_read(encoding: str) -> None:
    changes = FORMAT.parse(call(notification(1, more="<sf:City>Köln</sf:City>"), encoding=encoding))
    assert len(changes) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not readable XML"),
        (b"<a>", "not readable XML"),
        (b"<a/>", "not an outbound message"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "not readable XML"),
        (b"<a><b></a></b>", "not readable XML"),
        (b"<a>" * 60 + b"</a>" * 60, "nested too deeply"),
        (b"<a>" + b"<b/>" * 200_000 + b"</a>", "too long"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "entities of its own"),
        (b"<!DOCTYPE a><a/>", "entities of its own"),
        (b"<a>&undefined;</a>", "not readable XML"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_outbound_message_is_unreadable(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableDeliveryError, match=words):
        FORMAT.parse(Call("POST", "https://p/", {}, body, NOW))


@pytest.mark.parametrize("prefix", ["n", "n" * 60])
@pytest.mark.parametrize("equals", ["=", " \n = "])
def test_a_long_namespace_does_not_grow_with_every_name(prefix: str, equals: str) -> None:
    names = "".join(f"<{prefix}:a{n}/>" for n in range(4_000))
    body = f'<Envelope xmlns:{prefix}{equals}"{"x" * 50_000}">{names}</Envelope>'.encode()
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableDeliveryError, match="namespaces"):
            FORMAT.parse(Call("POST", "https://p/hooks/t/", {}, body, NOW))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(body)


def test_one_ack_for_all() -> None:
    reply = FORMAT.accept()
    assert (reply.status, reply.content_type.partition(";")[0]) == (200, "text/xml")
    assert b"<Ack>true</Ack>" in reply.body


@given(st.lists(st.text(max_size=20), max_size=5), st.text(max_size=40), st.text(max_size=40))
def test_any_values_are_read_or_refused(values: list[str], record_id: str, name: str) -> None:
    more = "".join(f"<sf:City>{value}</sf:City>" for value in values)
    text = MESSAGE.format(org=ORG, notifications=notification(1, record_id, name, more))
    try:
        changes = FORMAT.parse(Call("POST", "https://p/", {}, text.encode("utf-8", "replace"), NOW))
    except UnreadableDeliveryError:
        return
    assert all(change.record_id.isalnum() and len(change.record_id) == 18 for change in changes)


TAGS = ["notifications", "Notification", "Id", "sObject", "sf:Id", "OrganizationId", "x", "soapenv:Body"]
TREES = st.recursive(
    st.sampled_from(["", LEADS.make(1), LEADS.make(2)[:15], "04l000000000001AAA", "&amp;", "<![CDATA[a]]>", "Köln"]),
    lambda inner: st.tuples(
        st.sampled_from(TAGS),
        st.sampled_from(["", ' xsi:type="sf:Lead"', ' xsi:type=":"']),
        st.lists(inner, max_size=4),
    ).map(lambda part: f"<{part[0]}{part[1]}>{''.join(part[2])}</{part[0]}>"),
    max_leaves=30,
)


@given(st.lists(TREES, max_size=4), st.lists(st.integers(0, 50), max_size=4))
@settings(max_examples=300)
def test_whatever_stands_around_them_the_notifications_are_found(trees: list[str], numbers: list[int]) -> None:
    body = MESSAGE.replace("xmlns:xsd=", 'xmlns:sf="urn:x" xmlns:xsd=')
    ours = [notification(number) for number in numbers]
    text = body.format(org=ORG, notifications="".join(ours) + "".join(trees))
    changes = FORMAT.parse(Call("POST", "https://p/", {}, text.encode(), NOW))
    assert [change.record_id for change in changes[: len(ours)]] == [LEADS.make(number) for number in numbers]
    assert all(change.key and len(change.record_id) == 18 and change.object_name for change in changes)


@given(st.binary(max_size=200), st.integers(0, 1_000))
def test_a_message_that_was_cut_or_spoiled_is_read_or_refused(noise: bytes, at: int) -> None:
    body = call(notification(1)).body
    try:
        FORMAT.parse(Call("POST", "https://p/", {}, body[:at] + noise + body[at + 7 :], NOW))
    except UnreadableDeliveryError as refusal:
        assert refusal.message.endswith(".")
