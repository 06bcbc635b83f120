"""How Segment says no: each of its interfaces in its own shape."""

from typing import Any

from integrations.sandbox.wire import Refusal


def refuse_tracking(status: int, message: str = "") -> Refusal:
    """https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#errors"""
    return Refusal(status, {"success": False, **({"message": message} if message else {})})


def refuse_profile(status: int, code: str, message: str) -> Refusal:
    """https://segment.com/docs/unify/profile-api/#errors"""
    return Refusal(status, {"error": {"code": code, "message": message}})


def describe_public(kind: str, message: str, status: int, **more: Any) -> dict[str, Any]:
    """https://docs.segmentapis.com/tag/Error-Handling"""
    return {"errors": [{"type": kind, "message": message, "status": status, **more}]}


def refuse_public(status: int, kind: str, message: str, **more: Any) -> Refusal:
    return Refusal(status, describe_public(kind, message, status, **more))


def refuse_grant(status: int, error: str, description: str) -> Refusal:
    """https://segment.com/docs/connections/oauth/"""
    return Refusal(status, {"error": error, "error_description": description})
