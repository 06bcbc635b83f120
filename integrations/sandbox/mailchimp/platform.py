"""The simulated Mailchimp: its parts put together, and its front desk."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import orjson

from integrations.sandbox.faults import Fault
from integrations.sandbox.mailchimp import consent
from integrations.sandbox.mailchimp.audience import Audience
from integrations.sandbox.mailchimp.audiences import Audiences
from integrations.sandbox.mailchimp.auth import AccountApi, KeyDesk, read_secret
from integrations.sandbox.mailchimp.batches import BatchesApi, Dispatcher
from integrations.sandbox.mailchimp.connections import Connections
from integrations.sandbox.mailchimp.errors import PROBLEM, describe, refuse, refuse_missing
from integrations.sandbox.mailchimp.layout import LayoutApi
from integrations.sandbox.mailchimp.lists import ListsApi
from integrations.sandbox.mailchimp.members import WRITE, MembersApi
from integrations.sandbox.mailchimp.options import Options
from integrations.sandbox.mailchimp.subscriptions import GOOD, WebhooksApi
from integrations.sandbox.mailchimp.webhooks import ADMIN, Calls, News
from integrations.sandbox.mailchimp.writes import Writes, copy_member
from integrations.sandbox.outgoing import Subscription
from integrations.sandbox.platform import Chosen, Platform
from integrations.sandbox.scene import Scene
from integrations.sandbox.sender import Sender
from integrations.sandbox.wire import Answer, Call, Route

BASE = "/3.0"


class Account(Platform):
    """One Mailchimp account with its two audiences."""

    name = "mailchimp"
    unknown_paths = ("/3.0/{tail:.*}",)

    def __init__(self, scene: Scene) -> None:
        settings, clock = scene.settings, scene.clock
        self._clock = clock
        self._options = settings.of(Options)
        self._desk = KeyDesk()
        self.connections = Connections(settings, clock)
        self.audiences = Audiences(scene)
        self._news = News(scene.sender, clock)
        simple = [
            *ListsApi(self.audiences, self._news, settings).routes(),
            *LayoutApi(self.audiences).routes(),
            *MembersApi(self.audiences, self._news, self._options).routes(),
        ]
        self._batches = BatchesApi(Dispatcher(simple).serve, settings, clock)
        self._routes = [
            *AccountApi(self.audiences).routes(),
            *simple,
            *WebhooksApi(self.audiences, scene.sender, clock).routes(),
            *self._batches.routes(),
        ]

    @property
    def extra_latency_ms(self) -> float:
        return self._options.mailchimp_latency_ms

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def occupy(self, call: Call) -> AbstractContextManager[Answer | None]:
        """Files come from elsewhere, and signing in is another machine's work."""
        return self.connections.hold(read_secret(call.headers)) if call.path.startswith(BASE) else nullcontext()

    def admit(self, call: Call, route: Route) -> dict[str, str]:
        if route.public:
            return {}
        call.token = self._desk.check(call)
        if route.needs == WRITE and not call.token.may_write:
            detail = "The user's role does not permit this action."
            raise refuse(403, "User action not permitted", detail)
        self._batches.settle()
        return {}

    def make_failure(self, fault: Fault) -> Answer:
        status = fault.status or 500
        title, detail = _FAILURES.get(status, ("Internal Server Error", "An unexpected internal error has occurred."))
        return Answer(status, orjson.dumps(describe(status, title, detail)), PROBLEM, dict(fault.headers))

    def make_not_found(self, call: Call) -> Answer:
        raise refuse_missing()

    def expire_tokens(self) -> None:
        """Neither keys nor tokens ever end."""

    def set_daily_used(self, used: int) -> None:
        """There is no limit of calls a day."""

    def summarise(self, object_name: str) -> dict[str, int]:
        audience = self._look(object_name)
        summary = audience.ledger.summarise(len(audience.order))
        return {**summary, "archived": len(audience.archived()), "most_connections": self.connections.most_seen}

    def list_records(self, object_name: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        audience = self._look(object_name)
        slots = sorted([*audience.order, *audience.archived()])
        page = slots[after : after + limit]
        return audience.show(page), after + limit if len(slots) > after + limit else None

    def touch(self, object_name: str, chosen: Chosen, values: dict[str, Any]) -> list[str]:
        """Merge fields by tag; `status` and `email_address` too. Nothing given, the members only count as changed."""
        audience = self._look(object_name)
        found = audience.order[:chosen] if isinstance(chosen, int) else map(audience.find, chosen)
        slots = [slot for slot in found if slot is not None]
        for slot in slots:
            self._touch(audience, slot, values)
        return [audience.contact_id(slot) for slot in slots]

    def _touch(self, audience: Audience, slot: int, values: dict[str, Any]) -> None:
        before = copy_member(audience.look(slot))
        draft = copy_member(before)
        draft.email = str(values.get("email_address", draft.email))
        draft.merges |= {tag: value for tag, value in values.items() if tag.isupper()}
        consent.set_status(draft, str(values.get("status", draft.status)), audience.now())
        if values:
            Writes(audience, self._news, source=ADMIN).keep(slot, before, draft)
        else:
            audience.hold(slot).changed = audience.now()
            audience.note_change(slot, before.email)

    def make_manner(self, subscription: Subscription) -> Calls:
        return Calls(self._clock, subscription.options)

    async def subscribe(self, subscription: Subscription, sender: Sender) -> int:
        """Mailchimp looks by GET whether somebody is there."""
        manner = self.make_manner(subscription)
        if (status := await sender.probe(subscription.url)) != GOOD:
            raise ValueError(f"Nobody is at that address: it answers with {status}.")
        return sender.subscribe(subscription, manner)

    def _look(self, object_name: str) -> Audience:
        self._batches.settle()
        return self.audiences.of_object(object_name)


_FAILURES = {
    400: ("Bad Request", "Your request could not be processed."),
    401: ("API Key Invalid", "Your API key may be invalid, or you've attempted to access the wrong datacenter."),
    403: ("Forbidden", "You are not permitted to access this resource."),
    404: ("Resource Not Found", "The requested resource could not be found."),
    405: ("Method Not Allowed", "The requested method and resource are not compatible."),
    429: ("Too Many Requests", "You have exceeded the limit of 10 simultaneous connections."),
    503: ("Service Unavailable", "The service is temporarily unavailable."),
}


PLATFORM = Account
