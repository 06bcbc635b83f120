"""Webhooks as callers set them up. https://mailchimp.com/developer/marketing/api/list-webhooks/"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.clock import Clock
from integrations.sandbox.mailchimp.audiences import Audiences
from integrations.sandbox.mailchimp.errors import read_json, refuse_invalid, refuse_missing
from integrations.sandbox.mailchimp.members import WRITE
from integrations.sandbox.mailchimp.shaping import shape
from integrations.sandbox.mailchimp.webhooks import EVENTS, SOURCES, Calls
from integrations.sandbox.outgoing import Subscription
from integrations.sandbox.sender import Sender
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json

LIST = "/3.0/lists/{list}/webhooks"
GOOD = 200


@dataclass(frozen=True, slots=True)
class Webhook:
    """One of an audience; `number` is its subscription with the sender."""

    id: str
    list_id: str
    url: str
    events: dict[str, bool]
    sources: dict[str, bool]
    number: int


class WebhooksApi:
    """Before a webhook is made, Mailchimp looks whether somebody is at its address."""

    def __init__(self, audiences: Audiences, sender: Sender, clock: Clock) -> None:
        self._audiences = audiences
        self._sender = sender
        self._clock = clock
        self._webhooks: dict[str, Webhook] = {}

    def routes(self) -> list[Route]:
        return [
            Route("GET", LIST, self.list_webhooks),
            Route("POST", LIST, self.add_webhook, WRITE, look=self.probe),
            Route("GET", f"{LIST}/{{id}}", self.read_webhook),
            Route("DELETE", f"{LIST}/{{id}}", self.remove_webhook, WRITE),
        ]

    async def probe(self, call: Call) -> None:
        """Without an address there is nobody; what is wrong with the call otherwise, the handler says."""
        with suppress(Refusal):
            url = str(read_json(call.body).get("url") or "")
            call.found = await self._sender.probe(url) if url.startswith(("http://", "https://")) else 0

    def add_webhook(self, call: Call) -> Answer:
        audience, given = self._audiences.called(call), read_json(call.body)
        url = str(given.get("url") or "")
        if call.found != GOOD:
            detail = "We couldn't verify the URL is working. Please double check and try again. HTTP Code: "
            raise refuse_invalid(f"{detail}{call.found}")
        if any(one.url.partition("?")[0] == url.partition("?")[0] for one in self._of(audience.kind.id)):
            raise refuse_invalid("Sorry, you can't set up multiple WebHooks for one URL")
        events, sources = _switches(given, "events", EVENTS), _switches(given, "sources", SOURCES)
        secret, webhook_id = secrets.token_urlsafe(32), secrets.token_hex(5)
        options = {"list": audience.kind.id, "events": events, "sources": sources}
        subscription = Subscription("mailchimp", url, secret, options)
        number = self._sender.subscribe(subscription, Calls(self._clock, options))
        webhook = Webhook(webhook_id, audience.kind.id, url, events, sources, number)
        self._webhooks[webhook_id] = webhook
        return answer_json(shape({**describe(webhook), "signing_secret": secret}, call.query))

    def list_webhooks(self, call: Call) -> Answer:
        rows = [describe(one) for one in self._of(self._audiences.called(call).kind.id)]
        return answer_json(shape({"webhooks": rows, "total_items": len(rows), "_links": []}, call.query))

    def read_webhook(self, call: Call) -> Answer:
        return answer_json(shape(describe(self._find(call)), call.query))

    def remove_webhook(self, call: Call) -> Answer:
        webhook = self._find(call)
        self._sender.unsubscribe(webhook.number)
        del self._webhooks[webhook.id]
        return Answer(204)

    def _of(self, list_id: str) -> list[Webhook]:
        return [one for one in self._webhooks.values() if one.list_id == list_id]

    def _find(self, call: Call) -> Webhook:
        webhook = self._webhooks.get(call.params["id"])
        if webhook is None or webhook.list_id != self._audiences.called(call).kind.id:
            raise refuse_missing()
        return webhook


def describe(webhook: Webhook) -> dict[str, Any]:
    """The secret is told once only, when the webhook is made."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": webhook.events,
        "sources": webhook.sources,
        "list_id": webhook.list_id,
        "signing_enabled": True,
        "_links": [],
    }


def _switches(given: dict[str, Any], name: str, known: tuple[str, ...]) -> dict[str, bool]:
    asked = given.get(name) or {}
    return {one: bool(asked.get(one)) for one in known}
