"""`fields` and `exclude_fields`, `count` and `offset`, as every list takes them.

https://mailchimp.com/developer/marketing/docs/methods-parameters/
"""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.sandbox.clock import parse_instant
from integrations.sandbox.mailchimp.errors import refuse, refuse_invalid

MOST = 1_000
USUAL = 10


def read_page(query: Mapping[str, str]) -> tuple[int, int]:
    """(count, offset)."""
    return _read_number(query, "count", USUAL, MOST), _read_number(query, "offset", 0, 10**9)


def _read_number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or int(text) > most:
        raise refuse_invalid(errors=[{"field": name, "message": f"This value should be between 0 and {most}."}])
    return int(text)


def is_on(query: Mapping[str, str], name: str) -> bool:
    """Clients write it as their language does."""
    return query.get(name, "").lower() in ("true", "1")


def read_time(query: Mapping[str, str], name: str) -> int | None:
    """Seconds since 1970."""
    if not query.get(name):
        return None
    try:
        return parse_instant(query[name]) // 1_000
    except ValueError as exc:
        raise refuse_invalid(errors=[{"field": name, "message": "This value is not a valid datetime."}]) from exc


def read_fields(query: Mapping[str, str]) -> tuple[str, ...]:
    """The dotted paths asked for; empty for all."""
    if query.get("fields") and query.get("exclude_fields"):
        detail = "Fields and exclude_fields cannot be used together."
        raise refuse(422, "RequestedFieldsInvalid", detail)
    return tuple(filter(None, query.get("fields", "").split(",")))


def parts_of(fields: Sequence[str], name: str) -> tuple[str, ...]:
    """Which parts of the rows under `name` are needed: the first name behind it of each path."""
    return tuple(dict.fromkeys(one.split(".")[1] for one in fields if one.startswith(f"{name}.")))


def shape(body: Any, query: Mapping[str, str]) -> Any:
    """The body with the fields asked for, or without those not wanted."""
    fields = read_fields(query)
    if fields:
        return _pick(body, [one.split(".") for one in fields])
    unwanted = query.get("exclude_fields", "")
    return _drop(body, [one.split(".") for one in unwanted.split(",")]) if unwanted else body


def _pick(body: Any, paths: Sequence[Sequence[str]]) -> Any:
    if isinstance(body, list):
        return [_pick(one, paths) for one in body]
    if not isinstance(body, dict):
        return body
    kept = {}
    for name, value in body.items():
        inner = [path[1:] for path in paths if path[0] == name]
        if inner:
            kept[name] = value if any(not path for path in inner) else _pick(value, inner)
    return kept


def _drop(body: Any, paths: Sequence[Sequence[str]]) -> Any:
    if isinstance(body, list):
        return [_drop(one, paths) for one in body]
    if not isinstance(body, dict):
        return body
    kept = {}
    for name, value in body.items():
        inner = [path[1:] for path in paths if path[0] == name]
        if not any(not path for path in inner):
            kept[name] = _drop(value, inner) if inner else value
    return kept
