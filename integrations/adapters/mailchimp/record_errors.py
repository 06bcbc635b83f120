"""Why Mailchimp refused one person: our reason, and the field. Titles decide first, then the words of the detail.

https://mailchimp.com/developer/marketing/docs/errors/
"""

import re
from collections.abc import Mapping
from typing import Any

from integrations.adapters.mailchimp.declaration import ADDRESS, LABEL
from integrations.reasons import sentence
from integrations.types import Result

NOT_FOUND = "not_found"
NOT_REMOVABLE = "not_removable"
EXISTS = "already_exists"

# title of the problem -> our reason
_TITLES: Mapping[str, str] = {
    "Member In Compliance State": "needs_opt_in",
    "Forgotten Email Not Subscribed": "forgotten",
    "Member Exists": EXISTS,
}
_STATUSES: Mapping[int, str] = {404: NOT_FOUND, 405: NOT_REMOVABLE}

# words of the detail -> our reason and the field
_DETAILS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"signed up to a lot of lists"), "later", ADDRESS),
    (re.compile(r"in (a )?compliance state"), "needs_opt_in", ""),
    (re.compile(r"permanently deleted"), "forgotten", ""),
    (re.compile(r"already a list member"), EXISTS, ""),
    (re.compile(r"fake or invalid|valid email"), "invalid_email", ADDRESS),
)

# words about one field -> our reason
_MESSAGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"blank|required|enter a value|complete address|empty"), "required_missing"),
    (re.compile(r"date|month|day"), "invalid_date"),
    (re.compile(r"phone|zip|url"), "invalid_value"),
    (re.compile(r"number"), "invalid_number"),
    (re.compile(r"one of|choice|option"), "not_in_list"),
    (re.compile(r"email"), "invalid_email"),
    (re.compile(r"long|characters"), "too_long"),
)
_ADDRESS_NAMES = frozenset({"email_address", "email address", "email"})


def explain(status: int, problem: Mapping[str, Any]) -> tuple[str, str]:
    """Our reason and the field; ("", "") when the problem says nothing about a person."""
    if code := _STATUSES.get(status) or _TITLES.get(str(problem.get("title") or "")):
        return code, ""
    code, field = explain_text(str(problem.get("detail") or ""))
    errors = problem.get("errors")
    first = next((one for one in errors if isinstance(one, dict)), None) if isinstance(errors, list) else None
    if first is not None and code in ("", "refused"):
        return explain_field(str(first.get("field") or ""), str(first.get("message") or ""))
    if not code and status == 400 and problem.get("title") == "Invalid Resource":
        return "refused", ""
    return code, field


def explain_text(text: str) -> tuple[str, str]:
    """The reason in the words of a detail, of which only a few are known."""
    return next(((code, field) for pattern, code, field in _DETAILS if pattern.search(text)), ("", ""))


def explain_field(name: str, message: str) -> tuple[str, str]:
    """The reason in the words about one field, and what we call the field."""
    field = read_field(name)
    known, _ = explain_text(message)
    words = message.lower()
    code = known or next((code for pattern, code in _MESSAGES if pattern.search(words)), "invalid_value")
    return code, field


def read_field(name: str) -> str:
    """Mailchimp's name of a field as ours: "merge_fields.ADDRESS.zip" is ADDRESS:zip."""
    plain = name.removeprefix("merge_fields.").strip()
    return ADDRESS if plain.lower() in _ADDRESS_NAMES else plain.replace(".", ":", 1)


def refuse(code: str, field: str = "", technical: str = "", *, detail: str = "", is_transient: bool = False) -> Result:
    """A refused person in our words."""
    words = sentence(code, field, LABEL, detail)
    return Result(False, code=code, message=words, field=field, technical=technical, is_transient=is_transient)
