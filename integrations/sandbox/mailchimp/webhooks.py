"""How the simulated Mailchimp calls. https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from integrations.sandbox.clock import Clock, format_ms
from integrations.sandbox.mailchimp.member import CLEANED, SUBSCRIBED, UNSUBSCRIBED, Member, Seen, hash_email, render
from integrations.sandbox.outgoing import Message, Subscription, Verdict
from integrations.sandbox.sender import Sender

USER, ADMIN, API = "user", "admin", "api"
EVENTS = ("subscribe", "unsubscribe", "profile", "cleaned", "upemail", "campaign")
SOURCES = (USER, ADMIN, API)
FORM = "application/x-www-form-urlencoded"
AGENT = "MailChimp"
Happening = dict[str, Any]


class Calls:
    """One event a call, an answer within ten seconds, repeated for about 75 minutes; 410 ends the subscription.

    Options of a subscriber: `list` (one audience; all if not given), `events` and `sources` (those not given are off; all
    are on if none is given).
    """

    most = 1
    gather = 0.0
    seconds = 10.0
    ladder: Sequence[float] = (60, 120, 240, 480, 900, 1_200, 1_500)
    in_flight = 10

    def __init__(self, clock: Clock, options: Mapping[str, Any]) -> None:
        if unknown := set(options) - {"list", "events", "sources"}:
            raise ValueError(f"A subscription has no {', '.join(sorted(unknown))}.")
        self._clock = clock

    def write(self, subscription: Subscription, happenings: Sequence[Any], attempt: int) -> Message:
        body = urlencode(happenings[0]["form"]).encode()
        headers = {"Content-Type": FORM, "User-Agent": AGENT}
        if subscription.secret:
            headers["X-Mailchimp-Signature"] = sign(subscription.secret, body, int(self._clock.now()))
        return Message(body, headers)

    def judge(self, status: int, body: bytes) -> Verdict:
        if status == 410:
            return Verdict.UNSUBSCRIBE
        return Verdict.TAKEN if 200 <= status < 300 else Verdict.REPEAT


def sign(secret: str, body: bytes, now: int) -> str:
    return f"t={now},v1={hmac.digest(secret.encode(), f'{now}.'.encode() + body, 'sha256').hex()}"


class News:
    """What happens to members, told to whom it interests."""

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock

    def tell_difference(self, before: Member, seen: Seen, source: str) -> None:
        """The events that one change means. An archived member leaves without a word."""
        member = seen.member
        if hash_email(before.email) != hash_email(member.email):
            facts = {"new_id": unique_id(member.email), "new_email": member.email, "old_email": before.email}
            self._tell("upemail", seen.list_id, source, facts)
        if before.status != member.status and member.status in _ON_STATUS:
            self.tell(_ON_STATUS[member.status], seen, source)
        elif before.merges != member.merges or before.interests != member.interests or before.email != member.email:
            self.tell("profile", seen, source)

    def tell(self, kind: str, seen: Seen, source: str) -> None:
        self._tell(kind, seen.list_id, source, _describe(kind, seen))

    def tell_deleted(self, seen: Seen, source: str) -> None:
        self._tell("unsubscribe", seen.list_id, source, {**_describe("unsubscribe", seen), "action": "delete"})

    def _tell(self, kind: str, list_id: str, source: str, facts: Mapping[str, Any]) -> None:
        if not self._sender.has_subscribers("mailchimp"):
            return
        form = {"type": kind, "fired_at": _stamp(self._clock)}
        for name, value in {"list_id": list_id, **facts}.items():
            form |= {f"data[{name}]{more}": one for more, one in _flatten(value)}
        happening: Happening = {"kind": kind, "list": list_id, "source": source, "form": form}
        self._sender.tell("mailchimp", happening, lambda subscription: is_wanted(subscription, happening))


_ON_STATUS = {SUBSCRIBED: "subscribe", UNSUBSCRIBED: "unsubscribe", CLEANED: "cleaned"}


def is_wanted(subscription: Subscription, happening: Happening) -> bool:
    options = subscription.options
    if options.get("list") not in (None, happening["list"]):
        return False
    kinds, sources = options.get("events"), options.get("sources")
    return (kinds is None or bool(kinds.get(happening["kind"]))) and (
        sources is None or bool(sources.get(happening["source"]))
    )


def unique_id(email: str) -> str:
    return hash_email(f"all lists {email.lower()}")[:10]


def _describe(kind: str, seen: Seen) -> dict[str, Any]:
    parts = render(seen, ("email_type", "ip_opt", "ip_signup", "web_id", "merge_fields"))
    email = seen.member.email
    if kind == CLEANED:
        return {"campaign_id": "4fjk2ma9xd", "reason": "hard", "email": email}
    merges = {"EMAIL": email, **parts.pop("merge_fields")}
    facts = {"id": unique_id(email), "email": email, **parts, "merges": merges}
    return {**facts, "action": "unsub", "reason": "manual"} if kind == "unsubscribe" else facts


def _flatten(value: Any) -> list[tuple[str, Any]]:
    """As PHP writes nested values into a form: [FNAME], [ADDRESS][city]."""
    if not isinstance(value, dict):
        return [("", value)]
    return [(f"[{name}]{more}", one) for name, inner in value.items() for more, one in _flatten(inner)]


def _stamp(clock: Clock) -> str:
    return format_ms(clock.now_ms())[:19].replace("T", " ")
