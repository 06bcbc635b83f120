"""Calls that are not genuine, come late or twice, or hold what should not be in them: of every platform, all the way in."""

import base64
import hashlib
import hmac
import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from integrations.models import Inbox, SeenChange, SyncJob, WaitingChange, WebhookAddress
from integrations.models import WebhookDelivery as Delivery
from integrations.webhooks.reading import read_incoming
from syncpanel.hooks import Front
from tests.factories import make_connection, make_sync
from tests.integrations.adapters.test_webhooks import NASTY
from tests.integrations.supervisor.instances import wait_until
from tests.integrations.webhooks.calling import event as hubspot_event
from tests.integrations.webhooks.calling import make_address, make_delivery

SECRET = "sesame-sesame"
ORG, OTHER_ORG = "00D5e000001SndBEAS", "00D5e000001SndCEAS"
SOAP = (
    b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    b'<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>%s</OrganizationId>'
    b"<Notification><Id>04l000000000001AAA</Id>"
    b'<sObject xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="sf:Lead" xmlns:sf="urn:x">'
    b"<sf:Id>00Q000000000001AAA</sf:Id></sObject></Notification></notifications></e:Body></e:Envelope>"
)
FORM = (
    b"type=profile&fired_at=2026-03-26+21%3A40%3A57&data%5Blist_id%5D=a6b5da1054&data%5Bid%5D=1"
    b"&data%5Bemail%5D=ann%40x.io"
)
TRACK = b'{"type":"identify","messageId":"m-1","userId":"u-1","traits":{"email":"ann@x.io"}}'
Headers = dict[str, str]
HOST = "panel.example"
MINUTES = 60.0


def sign_hubspot(path: str, body: bytes, secret: str, at: float) -> Headers:
    stamp = str(int(at * 1_000))
    text = f"POSThttp://{HOST}{path}".encode() + body + stamp.encode()
    signature = base64.b64encode(hmac.digest(secret.encode(), text, "sha256")).decode()
    return {"HTTP_X_HUBSPOT_SIGNATURE_V3": signature, "HTTP_X_HUBSPOT_REQUEST_TIMESTAMP": stamp}


def sign_mailchimp(path: str, body: bytes, secret: str, at: float) -> Headers:
    digest = hmac.new(secret.encode(), f"{int(at)}.".encode() + body, hashlib.sha256).hexdigest()
    return {"HTTP_X_MAILCHIMP_SIGNATURE": f"t={int(at)},v1={digest}"}


def sign_segment(path: str, body: bytes, secret: str, at: float) -> Headers:
    return {"HTTP_X_SIGNATURE": hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}


def sign_not(path: str, body: bytes, secret: str, at: float) -> Headers:
    return {}


@dataclass(frozen=True)
class Vendor:
    """How one platform calls: what a call of it says, how it is signed, and what the connection knows."""

    body: bytes
    sign: Callable[[str, bytes, str, float], Headers]
    knows: Mapping[str, Any]


KEPT = {"secrets": {"access_token": "x", "webhook_secret": SECRET, "webhook_token": SECRET}}
TOKEN = {"HTTP_AUTHORIZATION": f"Bearer {SECRET}"}
"""What Segment may send instead of a signature; it speaks for the whole body."""
VENDORS = {
    "hubspot": Vendor(orjson.dumps([hubspot_event(7)]), sign_hubspot, KEPT),
    "mailchimp": Vendor(FORM, sign_mailchimp, KEPT),
    "segment": Vendor(TRACK, sign_segment, KEPT),
    "salesforce": Vendor(SOAP % ORG.encode(), sign_not, {"account_id": ORG}),
}
SIGNED = ["hubspot", "mailchimp", "segment"]
TIMED = ["hubspot", "mailchimp"]
"""A signature of the others does not say when it was made, by the vendor's own rules."""


class Door:
    """The address of a connection of a platform, and somebody who calls there."""

    def __init__(self, front: Front, name: str) -> None:
        self.vendor = VENDORS[name]
        token, self.connection = make_address(make_connection(name, **self.vendor.knows))
        self.path = f"/hooks/{token}/"
        self._front = front

    def sign(self, body: bytes, *, secret: str = SECRET, at: float = 0.0) -> Headers:
        return self.vendor.sign(self.path, body, secret, at or time.time())

    def call(self, body: bytes | None = None, signature: Headers | None = None, **environ: Any) -> int:
        """The status of the answer; signed as it should be, if nothing else is said."""
        body = self.vendor.body if body is None else body
        given = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": self.path,
            "RAW_URI": self.path,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": HOST,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }
        statuses: list[str] = []
        signature = self.sign(body) if signature is None else signature
        list(self._front(given | signature | environ, lambda status, headers: statuses.append(status)))
        return int(statuses[0].split()[0])

    @property
    def refused(self) -> int:
        """As the page of the connection shows it."""
        return WebhookAddress.objects.get(pk=self.connection.pk).refused


@pytest.fixture
def front(committed_db: str) -> Iterator[Front]:
    front = Front(lambda environ, start_response: [])
    yield front
    front.close()


@pytest.fixture
def door(front: Front, request: pytest.FixtureRequest) -> Door:
    return Door(front, request.param)


def of_each(names: Iterable[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("door", list(names), indirect=True)


def nothing_happened() -> bool:
    """No call was kept, and no sync has heard of anything."""
    return not any(kind.objects.exists() for kind in (Delivery, SeenChange, WaitingChange, Inbox, SyncJob))


@of_each(VENDORS)
def test_a_genuine_call_is_taken_and_one_to_nobody_is_not(door: Door) -> None:
    assert door.call() == 200
    assert Delivery.objects.get().connection == door.connection
    assert door.call(PATH_INFO=door.path[:-3] + "xx/") == 404
    assert Delivery.objects.count() == 1
    assert read_incoming() == 1
    assert SeenChange.objects.count() == 1


@of_each(SIGNED)
def test_a_wrong_or_missing_signature_is_refused_and_counted(door: Door) -> None:
    body = door.vendor.body
    wrong = [
        {},
        door.sign(body, secret="another"),
        door.sign(body + b" "),
        dict.fromkeys(door.sign(body), ""),
        {name: value.swapcase() + "=" for name, value in door.sign(body).items()},
        dict.fromkeys(door.sign(body), "ÿ\x00€"),
    ]
    assert [door.call(signature=one) for one in wrong] == [401] * len(wrong)
    wait_until(lambda: door.refused == len(wrong), 5)
    assert nothing_happened()


@of_each(["salesforce"])
@pytest.mark.parametrize("body", [SOAP % OTHER_ORG.encode(), SOAP % b"", b"", b"<a/>"], ids=["other", "none", "", "a"])
def test_a_message_of_another_organization_is_refused_and_counted(door: Door, body: bytes) -> None:
    assert door.call(body) == 401
    wait_until(lambda: door.refused == 1, 5)
    assert nothing_happened()


@of_each(TIMED)
@pytest.mark.parametrize("minutes", [-60 * 24, -6, 6], ids=["a day old", "late", "from the future"])
def test_a_call_that_somebody_kept_is_refused_and_counted(door: Door, minutes: float) -> None:
    body = door.vendor.body
    assert door.call(signature=door.sign(body, at=time.time() + minutes * MINUTES)) == 401
    assert door.call(signature=door.sign(body, at=time.time() + minutes / 2 * MINUTES)) == (
        200 if abs(minutes) < 9 else 401
    )
    wait_until(lambda: door.refused >= 1, 5)


@of_each(VENDORS)
def test_a_call_made_twice_at_once_counts_once(door: Door) -> None:
    sync = make_sync(source=door.connection, source_object="-", on_webhook=True)
    signature = door.sign(door.vendor.body)
    assert [door.call(signature=signature) for _ in range(3)] == [200] * 3
    read_incoming()
    change = SeenChange.objects.get()
    assert sorted(Delivery.objects.values_list("changes", "repeated")) == [(1, 0), (1, 1), (1, 1)]
    assert not WaitingChange.objects.filter(sync=sync).exists(), (
        f"it listens to something else than {change.object_name}"
    )


@of_each(VENDORS)
def test_a_body_over_the_limit_is_refused_unread_and_counted(door: Door) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("somebody reads it")

    assert door.call(b"", {}, CONTENT_LENGTH="10000000", **{"wsgi.input": Unread()}) == 413
    endless = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input": io.BytesIO(b"x" * 10_000_000)}
    assert door.call(b"", {}, **endless) == 413
    wait_until(lambda: door.refused == 2, 5)
    assert nothing_happened()


@of_each(VENDORS)
def test_nasty_bodies_with_a_good_signature_harm_nobody(door: Door) -> None:
    """Whoever knows the secret may send what he likes: it is set aside or read as nothing, and the call after it counts."""
    listening = make_sync(on_webhook=True)
    head = b"<OrganizationId>%s</OrganizationId>" % ORG.encode() if door.vendor.sign is sign_not else b""
    statuses = {name: door.call(head + body, door.sign(head + body) | TOKEN) for name, body in NASTY.items()}
    assert set(statuses.values()) <= {200, 413}, statuses
    make_delivery(listening.source, hubspot_event(7))
    while read_incoming():
        pass
    assert not Delivery.objects.waiting().exists()
    assert Delivery.objects.set_aside().count() > 10
    assert all(reason.endswith(".") for reason in Delivery.objects.set_aside().values_list("reason", flat=True))
    assert list(WaitingChange.objects.values_list("sync", "record_id")) == [(listening.pk, "7")]
    assert not SyncJob.objects.exists()
