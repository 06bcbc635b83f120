"""One member, and how it looks in an answer."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.clock import format_ms

SUBSCRIBED, UNSUBSCRIBED, CLEANED, PENDING = "subscribed", "unsubscribed", "cleaned", "pending"
TRANSACTIONAL, ARCHIVED = "transactional", "archived"
SHOWN_TAGS = 50


@dataclass(slots=True)
class Member:
    """Times are whole seconds since 1970; 0 = never."""

    email: str
    status: str
    changed: int
    merges: dict[str, Any] = field(default_factory=dict)
    signed_up: int = 0
    opted_in: int = 0
    interests: set[str] = field(default_factory=set)
    tags: dict[str, int] = field(default_factory=dict)
    permissions: set[str] = field(default_factory=set)
    plain: dict[str, Any] = field(default_factory=dict)
    """What was written of email_type, language, vip, location, ip_signup, ip_opt."""
    before_archive: str = ""
    reason: str = ""


def hash_email(email: str) -> str:
    return hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()


def format_seconds(seconds: int) -> str:
    """2026-01-02T03:04:05+00:00, or nothing for never."""
    return f"{format_ms(seconds * 1_000)[:-5]}+00:00" if seconds else ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A member with what its audience knows about it."""

    member: Member
    contact_id: str
    web_id: int
    list_id: str
    merge_tags: Sequence[str]
    interest_ids: Sequence[str]
    permissions: Sequence[tuple[str, str]]


def render(seen: Seen, parts: Sequence[str] = ()) -> dict[str, Any]:
    """The parts asked for, all of them by default."""
    return {part: PARTS[part](seen) for part in parts or PARTS if part in PARTS}


def _location(seen: Seen) -> dict[str, Any]:
    given = seen.member.plain.get("location", {})
    return {
        "latitude": given.get("latitude", 0),
        "longitude": given.get("longitude", 0),
        "gmtoff": 0,
        "dstoff": 0,
        "country_code": "",
        "timezone": "",
        "region": "",
    }


def _name(seen: Seen) -> str:
    return " ".join(filter(None, (str(seen.member.merges.get(tag) or "") for tag in ("FNAME", "LNAME"))))


def _merges(seen: Seen) -> dict[str, Any]:
    merges = seen.member.merges
    return {tag: merges.get(tag, "") for tag in seen.merge_tags}


def _tags(seen: Seen) -> list[dict[str, Any]]:
    return [{"id": number, "name": name} for name, number in list(seen.member.tags.items())[:SHOWN_TAGS]]


def _permissions(seen: Seen) -> list[dict[str, Any]]:
    given = seen.member.permissions
    return [{"marketing_permission_id": one, "text": text, "enabled": one in given} for one, text in seen.permissions]


def _plain(name: str, default: Any) -> Callable[[Seen], Any]:
    return lambda seen: seen.member.plain.get(name, default)


PARTS: dict[str, Callable[[Seen], Any]] = {
    "id": lambda seen: hash_email(seen.member.email),
    "email_address": lambda seen: seen.member.email,
    "unique_email_id": lambda seen: hash_email(f"all lists {seen.member.email.lower()}")[:10],
    "contact_id": lambda seen: seen.contact_id,
    "full_name": _name,
    "web_id": lambda seen: seen.web_id,
    "email_type": _plain("email_type", "html"),
    "status": lambda seen: seen.member.status,
    "unsubscribe_reason": lambda seen: seen.member.reason,
    "consents_to_one_to_one_messaging": lambda seen: True,
    "merge_fields": _merges,
    "interests": lambda seen: {one: one in seen.member.interests for one in seen.interest_ids},
    "stats": lambda seen: {"avg_open_rate": 0.25, "avg_click_rate": 0.05},
    "ip_signup": _plain("ip_signup", ""),
    "timestamp_signup": lambda seen: format_seconds(seen.member.signed_up),
    "ip_opt": _plain("ip_opt", "192.0.2.7"),
    "timestamp_opt": lambda seen: format_seconds(seen.member.opted_in),
    "member_rating": lambda seen: 2,
    "last_changed": lambda seen: format_seconds(seen.member.changed),
    "language": _plain("language", ""),
    "vip": _plain("vip", False),
    "email_client": lambda seen: "",
    "location": _location,
    "marketing_permissions": _permissions,
    "source": lambda seen: "API - Generic",
    "tags_count": lambda seen: len(seen.member.tags),
    "tags": _tags,
    "list_id": lambda seen: seen.list_id,
    "_links": lambda seen: [],
}
