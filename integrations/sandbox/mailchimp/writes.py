"""Adding and changing members, whichever way it was asked for."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from integrations.sandbox.mailchimp.audience import Audience
from integrations.sandbox.mailchimp.consent import STATUSES, check_status, set_status
from integrations.sandbox.mailchimp.errors import INVALID, refuse, refuse_invalid
from integrations.sandbox.mailchimp.member import PENDING, SUBSCRIBED, Member, hash_email
from integrations.sandbox.mailchimp.values import check_merges, find_missing
from integrations.sandbox.mailchimp.webhooks import API, News
from integrations.sandbox.patterns import is_email

PLAIN = ("email_type", "language", "vip", "location", "ip_signup", "ip_opt")
Body = dict[str, Any]


@dataclass(slots=True)
class Writes:
    """The writes of one audience; each is counted, and told to whom it interests."""

    audience: Audience
    news: News
    skips_required: bool = False
    source: str = API

    def add(self, given: Body, status: Any) -> int:
        """The slot of a new member."""
        email = self._check_email(given.get("email_address"))
        if status not in STATUSES:
            raise refuse_invalid(
                errors=[{"field": "status", "message": f"Value must be one of: {', '.join(STATUSES)}"}]
            )
        self._check_may_sign_up(email)
        now = self.audience.now()
        member = Member(email, str(status), now, signed_up=now if status == PENDING else 0)
        member.opted_in = 0 if status == PENDING else now
        self._fill(member, given)
        for name in given.get("tags") or []:
            self.audience.add_tag(member, name if isinstance(name, str) else str(name.get("name")))
        slot = self.audience.add(member)
        self.audience.ledger.count_writes([email.lower()], 1)
        if status == SUBSCRIBED:
            self.news.tell("subscribe", self.audience.see(slot), self.source)
        return slot

    def change(self, slot: int, given: Body) -> None:
        """Everything or nothing of it."""
        before = copy_member(self.audience.look(slot))
        draft = copy_member(before)
        if given.get("email_address") is not None:
            draft.email = self._check_new_email(draft.email, given["email_address"])
        self._fill(draft, given)
        if given.get("status") is not None:
            if given["status"] not in STATUSES:
                raise refuse_invalid(errors=[{"field": "status", "message": "Value is not a status"}])
            check_status(draft, given["status"])
            set_status(draft, given["status"], self.audience.now())
        self.keep(slot, before, draft)
        self.audience.ledger.count_writes([draft.email.lower()], 1)

    def keep(self, slot: int, before: Member, draft: Member) -> None:
        """Writes a changed member down; one that is as before stays as old as it was."""
        if draft == before:
            return
        draft.changed = self.audience.now()
        held = self.audience.hold(slot)
        for one in fields(Member):
            setattr(held, one.name, getattr(draft, one.name))
        self.audience.note_change(slot, before.email)
        self.news.tell_difference(before, self.audience.see(slot), self.source)

    def _check_email(self, email: Any) -> str:
        text = str(email or "").strip()
        if not is_email(text):
            raise refuse_invalid("Please provide a valid email address.")
        if text.lower().endswith("@fake.invalid"):
            raise refuse_invalid(f"{text} looks fake or invalid, please enter a real email address.")
        return text

    def _check_new_email(self, old: str, new: Any) -> str:
        email = self._check_email(new)
        if hash_email(email) != hash_email(old) and self.audience.find(hash_email(email)) is not None:
            raise refuse(400, "Member Exists", f"{email} is already a list member.")
        return email

    def _check_may_sign_up(self, email: str) -> None:
        key = hash_email(email)
        if key in self.audience.forgotten:
            detail = f"{email} was permanently deleted and cannot be re-imported. The contact must re-subscribe."
            raise refuse(400, "Forgotten Email Not Subscribed", detail)
        if key in self.audience.busy:
            detail = f"{email} has signed up to a lot of lists very recently; we're not allowing more signups for now"
            raise refuse(400, INVALID, detail)

    def _fill(self, member: Member, given: Body) -> None:
        """The profile."""
        merges, faults = check_merges(self.audience.layout, given.get("merge_fields") or {})
        if not faults and not self.skips_required:
            faults = find_missing(self.audience.layout, {**member.merges, **merges})
        if faults:
            raise refuse_invalid("Your merge fields were invalid.", faults)
        member.merges = {**member.merges, **merges}
        member.plain = {**member.plain, **{name: given[name] for name in PLAIN if name in given}}
        for name, slot in (("timestamp_signup", "signed_up"), ("timestamp_opt", "opted_in")):
            if given.get(name):
                setattr(member, slot, read_moment(given[name], name))
        self._choose(member, given)

    def _choose(self, member: Member, given: Body) -> None:
        for one, chosen in (given.get("interests") or {}).items():
            if one not in self.audience.interest_ids:
                raise refuse_invalid(f"Invalid interest ID: '{one}'.")
            (member.interests.add if chosen else member.interests.discard)(one)
        for one in given.get("marketing_permissions") or []:
            change = member.permissions.add if one.get("enabled") else member.permissions.discard
            change(str(one.get("marketing_permission_id")))


def copy_member(member: Member) -> Member:
    """Nothing of it is shared with the other."""
    return replace(
        member,
        merges=dict(member.merges),
        interests=set(member.interests),
        tags=dict(member.tags),
        permissions=set(member.permissions),
        plain=dict(member.plain),
    )


def read_moment(text: Any, name: str) -> int:
    try:
        return int(datetime.fromisoformat(str(text)).timestamp())
    except ValueError as exc:
        raise refuse_invalid(errors=[{"field": name, "message": "This value is not a valid datetime."}]) from exc
