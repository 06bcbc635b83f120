"""Salesforce's outbound messages: up to a hundred records as SOAP, without a signature, wanting one `Ack` for all.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_notifications.htm
"""

import codecs
import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from integrations.adapters.salesforce.names import full
from integrations.enums import Proof
from integrations.incoming import (
    MOST_BYTES,
    Account,
    Call,
    Change,
    Reply,
    SignatureError,
    UnreadableDeliveryError,
    WebhookSetup,
)

OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
NOTIFICATION, SOBJECT = f"{OUTBOUND}Notification", f"{OUTBOUND}sObject"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MOST_DEEP, MOST_ELEMENTS, MOST_TEXT = 30, 100_000, 200
ACK = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    b"</soapenv:Body></soapenv:Envelope>"
)
_ENCODING = re.compile(rb"<\?xml[^<>]{1,60}?encoding\s*=\s*[\"']([\w.-]{1,20})")
_ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "iso-8859-1", "windows-1252"})
_LONG_NAMESPACE = re.compile(r"""xmlns(?::[^\s=:]*)?\s*=\s*(?:"[^"]{81}|'[^']{81})""")
"""The parser writes the namespace before the name of every element and attribute: 50 KB of it would become gigabytes."""
_ORGANIZATION = re.compile(rb"<(?:\w{1,20}:)?OrganizationId[^<>]{0,200}>\s{0,50}(\w{15}|\w{18})\s{0,50}</")
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


class OutboundMessages:
    """Nobody signs them: the address is secret, and the organization must be the connection's."""

    setup = WebhookSetup(
        steps=(
            "In Salesforce, open Setup, Outbound Messages, New Outbound Message, and choose the object of your sync.",
            "Paste this as the endpoint URL: {address}",
            "Select the field Id; we read the rest ourselves. Leave “Send Session ID” unticked. Save.",
            "Open Setup, Flows, and make a record-triggered flow for the object: when a record is created or updated, "
            "after it is saved, with the action Outbound Message and the message you made. Activate it.",
            "Un-tick “Send Outbound Messages” on the profile of the user this connection signs in with. Otherwise what we "
            "write comes back to us as news.",
        ),
        note="Salesforce sends no message when a record is deleted. A sync that reads everyone from time to time finds out.",
    )
    most_bytes = MOST_BYTES

    def greet(self, call: Call) -> Reply:
        return Reply()

    def verify(self, call: Call, account: Account) -> Proof:
        found = _ORGANIZATION.search(call.body, 0, 8_192)
        if found is None:
            raise SignatureError("The call does not say which Salesforce organization it comes from.")
        if not account.account_id:
            return Proof.ADDRESS
        if long_id(found[1].decode("ascii", "replace")) != long_id(account.account_id):
            raise SignatureError("The call comes from another Salesforce organization than this connection's.")
        return Proof.ACCOUNT

    def accept(self) -> Reply:
        return Reply(200, ACK, "text/xml; charset=utf-8")

    def parse(self, call: Call) -> Sequence[Change]:
        reader = _Reader(call.body)
        parser = DefusedXMLParser(target=reader, forbid_dtd=True)
        try:
            text = _decode(call.body)
            if _LONG_NAMESPACE.search(text):
                raise UnreadableDeliveryError("The message names longer namespaces than Salesforce has.")
            parser.feed(text)
            parser.close()
        except DefusedXmlException as exc:
            raise UnreadableDeliveryError(
                "The message defines entities of its own, which Salesforce never does."
            ) from exc
        except (ParseError, LookupError, ValueError) as exc:
            raise UnreadableDeliveryError("What Salesforce sent is not readable XML.") from exc
        if not reader.is_outbound:
            raise UnreadableDeliveryError("What Salesforce sent is not an outbound message.")
        return reader.changes


def long_id(record_id: str) -> str:
    """18 characters, whatever was given: the last three say which of the others are capitals."""
    if len(record_id) != 15:
        return record_id
    blocks = (record_id[start : start + 5] for start in (0, 5, 10))
    return record_id + "".join(_CHECK[sum(1 << at for at, c in enumerate(b) if "A" <= c <= "Z")] for b in blocks)


def _decode(body: bytes) -> str:
    """As its first characters say, else UTF-8. LookupError for an encoding we do not read, UnicodeError for broken text."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16")
    declared = _ENCODING.match(body)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name not in _ENCODINGS:
        raise LookupError(name)
    return body.decode("utf-8-sig" if name == "utf-8" else name)


class _Notification(NamedTuple):
    """What is known of one so far."""

    id: str = ""
    object_name: str = ""
    record_id: str = ""


class _Reader:
    """Takes what it needs while the text is parsed, and builds no tree of it."""

    def __init__(self, body: bytes) -> None:
        self._digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        """Stands for the id of a notification that has none."""
        self.changes: list[Change] = []
        self.is_outbound = False
        self._path: list[str] = []
        self._elements = 0
        self._text = ""
        self._one = _Notification()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._path) >= MOST_DEEP or self._elements > MOST_ELEMENTS:
            raise UnreadableDeliveryError("The message is nested too deeply or too long.")
        self._path.append(tag)
        self._text = ""
        if tag == f"{OUTBOUND}notifications":
            self.is_outbound = True
        elif tag == NOTIFICATION:
            self._one = _Notification()
        elif tag == SOBJECT:
            self._one = self._one._replace(object_name=attributes.get(TYPE, "").rpartition(":")[2])

    def data(self, text: str) -> None:
        if len(self._text) < MOST_TEXT:
            self._text += text[:MOST_TEXT]

    def end(self, tag: str) -> None:
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        if parent == NOTIFICATION and tag == f"{OUTBOUND}Id":
            self._one = self._one._replace(id=self._text.strip())
        elif parent == SOBJECT and tag.rpartition("}")[2] == "Id":
            self._one = self._one._replace(record_id=self._text.strip())
        elif tag == NOTIFICATION:
            self._note()
        self._text = ""

    def close(self) -> None:
        """The end of the message."""

    def _note(self) -> None:
        """A record without an id was deleted meanwhile; there is nothing to read."""
        one = self._one
        if _ID.fullmatch(one.record_id) and one.object_name.isidentifier() and len(one.object_name) <= 80:
            what = f"{one.object_name} added or changed"
            key = one.id[:MOST_TEXT] or f"{self._digest}|{one.record_id}"
            self.changes.append(Change(key, full(one.object_name), long_id(one.record_id), what=what))
