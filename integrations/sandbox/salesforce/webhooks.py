"""How the simulated Salesforce calls: outbound messages, as they are at the moment they leave.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_notifications.htm
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from integrations.sandbox.outgoing import Message, Subscription, Verdict
from integrations.sandbox.salesforce.credentials import ORG_ID
from integrations.sandbox.salesforce.ids import IdMaker
from integrations.sandbox.salesforce.table import Table
from integrations.sandbox.sender import Sender

ACTION_ID = IdMaker("04k").make(0)
_ACK = re.compile(rb"<(?:\w+:)?Ack>\s*true\s*</(?:\w+:)?Ack>")
_ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <OrganizationId>{org}</OrganizationId><ActionId>{action}</ActionId><SessionId xsi:nil="true"/>
  <EnterpriseUrl>https://sandbox.invalid/services/Soap/c/62.0/{org}</EnterpriseUrl>\
<PartnerUrl>https://sandbox.invalid/services/Soap/u/62.0/{org}</PartnerUrl>
{notifications}
 </notifications></soapenv:Body></soapenv:Envelope>"""


@dataclass(frozen=True, slots=True)
class Saved:
    """A record was saved; `by_us` when over the API."""

    table: Table
    slot: int
    id: str
    by_us: bool


class OutboundMessages:
    """Up to a hundred notifications at once, an answer within a minute, repeated for a day at growing gaps.

    Options of a subscriber: `objects` (all if not given), `fields` beside the Id, and `own_writes` false when the profile of
    the user that the API signs in with does not send any.
    """

    most = 100
    gather = 0.1
    seconds = 60.0
    ladder: Sequence[float] = (30, 60, 120, 240, 480, 960, 1_920, 3_840, *(7_200,) * 11)
    in_flight = 5

    def __init__(self, options: Mapping[str, Any]) -> None:
        if unknown := set(options) - {"objects", "fields", "own_writes"}:
            raise ValueError(f"An outbound message has no {', '.join(sorted(unknown))}.")
        self._fields: Sequence[str] = options.get("fields", ())

    def write(self, subscription: Subscription, happenings: Sequence[Any], attempt: int) -> Message | None:
        """Records that are gone meanwhile have nothing to say."""
        told = [self._describe(saved) for saved in happenings if saved.slot not in saved.table.deleted]
        if not told:
            return None
        text = _ENVELOPE.format(org=ORG_ID, action=ACTION_ID, notifications="\n".join(told))
        return Message(text.encode(), {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'})

    def _describe(self, saved: Saved) -> str:
        record = saved.table.read(saved.slot)
        values = ((name, record.get(name)) for name in ("Id", *self._fields))
        fields = "".join(f"<sf:{name}>{_write(value)}</sf:{name}>" for name, value in values if value is not None)
        kind = f'xsi:type="sf:{saved.table.entity.name}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"'
        return f"  <Notification><Id>{saved.id}</Id><sObject {kind}>{fields}</sObject></Notification>"

    def judge(self, status: int, body: bytes) -> Verdict:
        """One `Ack` for all of them."""
        return Verdict.TAKEN if status == 200 and _ACK.search(body) else Verdict.REPEAT


def _write(value: Any) -> str:
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


class News:
    """Tells what was saved in the org's tables."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._ids = IdMaker("04l")
        self._told = 0

    def listen_to(self, table: Table) -> Callable[[Sequence[int], bool], None]:
        """What the table calls with the slots it has saved, and whether that was by us."""
        return lambda slots, by_us: self._tell(table, slots, by_us)

    def _tell(self, table: Table, slots: Sequence[int], by_us: bool) -> None:
        if not self._sender.has_subscribers("salesforce"):
            return
        for slot in slots:
            saved = Saved(table, slot, self._ids.make(self._told), by_us)
            self._told += 1
            self._sender.tell("salesforce", saved, partial(is_wanted, saved))


def is_wanted(saved: Saved, subscription: Subscription) -> bool:
    objects = subscription.options.get("objects")
    if objects is not None and saved.table.entity.name not in objects:
        return False
    return not saved.by_us or bool(subscription.options.get("own_writes", True))
