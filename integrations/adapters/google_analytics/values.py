"""Values of an event: what may leave as it is, and the reason where something may not."""

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from integrations.adapters.google_analytics.declaration import LABEL
from integrations.adapters.google_analytics.fields import TIME
from integrations.adapters.google_analytics.names import Fault
from integrations.adapters.google_analytics.person import holds_email
from integrations.exceptions import RecordRejectedError
from integrations.reasons import sentence

FURTHEST_BACK = timedelta(hours=72)
CLOCKS_DIFFER = timedelta(minutes=5)


def refuse(fault: Fault, name: str) -> RecordRejectedError:
    """The error for one field of one record."""
    code, detail = fault
    return RecordRejectedError(sentence(code, name, LABEL, detail), field=name, code=code)


def read_scalar(value: Any, name: str, longest: int) -> str | float:
    """Text or a number, without an e-mail address in it; Google drops everything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not isfinite(value):
            raise refuse(("invalid_number", "a number"), name)
        return value
    if not isinstance(value, str):
        raise refuse(("wrong_type", "text or a number"), name)
    if len(value) > longest:
        raise refuse(("too_long", f"at most {longest:,} characters"), name)
    if holds_email(value):
        raise refuse(("personal_value", ""), name)
    return value


def read_time(value: Any, now: datetime) -> int:
    moment = _parse_time(value)
    if moment < now - FURTHEST_BACK:
        raise refuse(("too_old", "at most 72 hours"), TIME)
    if moment > now + CLOCKS_DIFFER:
        raise refuse(("out_of_range", "it has not happened yet"), TIME)
    return int(moment.timestamp() * 1_000_000)


def _parse_time(value: Any) -> datetime:
    """A time without a zone is taken for UTC."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError as exc:
        raise refuse(("invalid_date", "a date and time such as 2026-03-01T09:30:00Z"), TIME) from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
