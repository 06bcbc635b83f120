"""The members of one audience: those of the seed, made when needed, and over them what has been written."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from integrations.sandbox.clock import Clock
from integrations.sandbox.generate import COLUMNS, People
from integrations.sandbox.ledger import Ledger
from integrations.sandbox.mailchimp.kinds import Kind, make_layout
from integrations.sandbox.mailchimp.member import (
    ARCHIVED,
    CLEANED,
    PENDING,
    SUBSCRIBED,
    TRANSACTIONAL,
    UNSUBSCRIBED,
    Member,
    Seen,
    hash_email,
    render,
)
from integrations.sandbox.patterns import is_email

FIRST_WEB_ID = 500_000_000
GONE = -1
_COLUMN = {name: at for at, name in enumerate(COLUMNS)}
_MERGES = (
    ("FNAME", "firstname"),
    ("LNAME", "lastname"),
    ("COMPANY", "company"),
    ("JOBTITLE", "jobtitle"),
    ("STAGE", "lifecyclestage"),
    ("PHONE", "phone"),
    ("COUNTRY", "country"),
)
_STATUSES = (
    *((SUBSCRIBED,) * 86),
    *((UNSUBSCRIBED,) * 7),
    *((CLEANED,) * 3),
    *((TRANSACTIONAL,) * 2),
    *((ARCHIVED,) * 2),
)
FORGOTTEN_PLACE, BUSY_PLACE, PLACES = 300, 600, 9_000
"""Of nine thousand people of the portal one was deleted for good, and one signed up everywhere lately."""


class Audience:
    """A member has a slot, counted from zero, from which its contact id follows. Nothing is made before it is looked at."""

    def __init__(self, kind: Kind, people: People, clock: Clock) -> None:
        self.kind = kind
        self.layout = make_layout()
        self.ledger = Ledger()
        self._people = people
        self._clock = clock
        self._prefix = hash_email(kind.id)[:24]
        self._written: dict[int, Member] = {}
        self._tag_ids = {name: 10_000 + at for at, name in enumerate(kind.tags)}
        self._order: list[int] | None = None
        self._stamps: list[int] = []
        numbers = [i for i in range(people.count) if kind.includes(i)]
        emails = [str(people.row(i)[_COLUMN["email"]] or "").strip() for i in numbers]
        hashes = [hash_email(email) for email in emails]
        self._slots: dict[str, int] = {}
        self._numbers = array("q")
        for number, email, key in zip(numbers, emails, hashes, strict=True):
            if is_email(email) and key not in self._slots:
                self._slots[key] = len(self._numbers)
                self._numbers.append(number)
        self._changed = array("q", [people.modified(i) // 1_000 for i in self._numbers])
        self._seed_statuses = [self._seed_status(key) for key in self._slots]
        self.forgotten = self._places(FORGOTTEN_PLACE)
        self.busy = self._places(BUSY_PLACE)
        self.categories = kind.categories
        self.interest_ids = [one for category in kind.categories for one, _ in category.interests]

    def _places(self, place: int) -> set[str]:
        numbers = range(place, self._people.count, PLACES)
        found = {hash_email(str(self._people.row(i)[_COLUMN["email"]] or "")) for i in numbers}
        return found - self._slots.keys()

    def _seed_status(self, key: str) -> str:
        status = _STATUSES[int(key[:6], 16) % 100]
        return PENDING if status == TRANSACTIONAL and self.kind.double_optin else status

    def find(self, who: str) -> int | None:
        """By the hash of the address, the contact id, or the address itself."""
        slot = self._slots.get(who)
        if slot is None and "@" in who:
            slot = self._slots.get(hash_email(who))
        if slot is None and len(who) == 32 and who.startswith(self._prefix):
            slot = self._decode(who[24:])
        return slot

    def _decode(self, text: str) -> int | None:
        try:
            slot = int(text, 16)
        except ValueError:
            return None
        return slot if 0 <= slot < len(self._changed) and self._changed[slot] != GONE else None

    def contact_id(self, slot: int) -> str:
        return f"{self._prefix}{slot:08x}"

    def look(self, slot: int) -> Member:
        """The member as it is; changes to it are not kept unless it was `hold`ed."""
        return self._written.get(slot) or self._make(slot)

    def hold(self, slot: int) -> Member:
        """The member to be changed."""
        if slot not in self._written:
            self._written[slot] = self._make(slot)
        return self._written[slot]

    def _make(self, slot: int) -> Member:
        number = self._numbers[slot]
        row = self._people.row(number)
        merges = {tag: row[_COLUMN[column]] for tag, column in _MERGES if row[_COLUMN[column]]}
        created, status = self._people.created(number) // 1_000, self._seed_statuses[slot]
        member = Member(
            email=str(row[_COLUMN["email"]]).strip(),
            status=status,
            changed=self._changed[slot],
            merges=merges,
            signed_up=created,
            opted_in=0 if status == PENDING else created,
            before_archive=SUBSCRIBED if status == ARCHIVED else "",
            reason="N/A (Unsubscribed by user)" if status == UNSUBSCRIBED else "",
        )
        if number % 4 == 0 and self.interest_ids:
            member.interests = {self.interest_ids[number % len(self.interest_ids)]}
        if number % 5 == 0:
            self.add_tag(member, self.kind.tags[number % len(self.kind.tags)])
        return member

    def add(self, member: Member) -> int:
        slot = len(self._changed)
        self._written[slot] = member
        self._slots[hash_email(member.email)] = slot
        self._changed.append(member.changed)
        self._order = None
        return slot

    def note_change(self, slot: int, old_email: str) -> None:
        """The held member was changed."""
        member = self._written[slot]
        self._changed[slot] = member.changed
        self._order = None
        if hash_email(old_email) != hash_email(member.email):
            del self._slots[hash_email(old_email)]
            self._slots[hash_email(member.email)] = slot

    def remove(self, slot: int) -> None:
        """For good: the address can never be added again."""
        key = hash_email(self.look(slot).email)
        del self._slots[key]
        self.forgotten.add(key)
        self._changed[slot] = GONE
        self._order = None

    def add_tag(self, member: Member, name: str) -> None:
        member.tags[name] = self._tag_ids.setdefault(name, 10_000 + len(self._tag_ids))

    @property
    def tags(self) -> dict[str, int]:
        return self._tag_ids

    def now(self) -> int:
        return int(self._clock.now())

    def status_of(self, slot: int) -> str:
        written = self._written.get(slot)
        return written.status if written else self._seed_statuses[slot]

    @property
    def order(self) -> list[int]:
        """The members that are there, by last change, then as they came."""
        if self._order is None:
            there = [s for s, stamp in enumerate(self._changed) if stamp != GONE and self.status_of(s) != ARCHIVED]
            self._order = sorted(there, key=self._changed.__getitem__)
            self._stamps = [self._changed[slot] for slot in self._order]
        return self._order

    def between(self, since: int | None, before: int | None) -> range:
        """Which places of `order` were changed after the one and before the other moment."""
        count = len(self.order)
        start = 0 if since is None else bisect_right(self._stamps, since)
        return range(start, count if before is None else max(start, bisect_left(self._stamps, before)))

    def archived(self) -> list[int]:
        return [s for s, stamp in enumerate(self._changed) if stamp != GONE and self.status_of(s) == ARCHIVED]

    def see(self, slot: int) -> Seen:
        tags = [one.tag for one in self.layout.merge_fields]
        number = FIRST_WEB_ID + slot
        permissions = self.kind.permissions
        return Seen(self.look(slot), self.contact_id(slot), number, self.kind.id, tags, self.interest_ids, permissions)

    def show(self, slots: Iterable[int], parts: Sequence[str] = ()) -> list[dict[str, Any]]:
        return [render(self.see(slot), parts) for slot in slots]
