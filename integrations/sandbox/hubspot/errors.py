"""How HubSpot says no. https://developers.hubspot.com/docs/api/error-handling"""

import uuid
from typing import Any

import orjson

from integrations.sandbox.wire import Refusal

VALIDATION = "VALIDATION_ERROR"
NOT_FOUND = "OBJECT_NOT_FOUND"
CONFLICT = "CONFLICT"


def describe_error(message: str, category: str = "", **more: Any) -> dict[str, Any]:
    """The body of every refusal; some have no category."""
    body = {"status": "error", "message": message, "correlationId": str(uuid.uuid4())}
    return {**body, **({"category": category} if category else {}), **more}


def refuse(status: int, message: str, category: str = "", **more: Any) -> Refusal:
    return Refusal(status, describe_error(message, category, **more))


def refuse_invalid(message: str, **more: Any) -> Refusal:
    return refuse(400, message, VALIDATION, **more)


def describe_invalid_values(problems: list[dict[str, Any]]) -> str:
    """HubSpot puts the list of problems, as JSON, into the sentence."""
    return f"Property values were not valid: {orjson.dumps(problems).decode()}"


def read_json(body: bytes) -> dict[str, Any]:
    """The request body; malformed JSON is refused without a category."""
    try:
        value = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as exc:
        raise refuse(400, f"Invalid input JSON on line {exc.lineno}, column {exc.colno}: {exc.msg}") from exc
    if not isinstance(value, dict):
        raise refuse(400, "Invalid input JSON on line 1, column 1: Cannot deserialize value of type object")
    return value
