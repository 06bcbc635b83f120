"""How Google says no. https://cloud.google.com/apis/design/errors"""

from typing import Any

import orjson

from integrations.sandbox.wire import Refusal

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def describe_error(status: int, message: str, **more: Any) -> dict[str, Any]:
    """The envelope of every refusal."""
    return {"error": {"code": status, "message": message, "status": STATUSES.get(status, "UNKNOWN"), **more}}


def refuse(status: int, message: str, **more: Any) -> Refusal:
    return Refusal(status, describe_error(status, message, **more))


def refuse_grant(word: str, description: str) -> Refusal:
    """The token endpoint has its own words."""
    status = 401 if word == "invalid_client" else 400
    return Refusal(status, {"error": word, "error_description": description})


def read_json(body: bytes) -> dict[str, Any]:
    """The body of a call."""
    try:
        value = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as exc:
        raise refuse(400, "Invalid JSON payload received. Unexpected token.") from exc
    if not isinstance(value, dict):
        raise refuse(400, "Invalid JSON payload received. Unknown name.")
    return value
