"""How the simulated Mailchimp says no: problem documents. https://mailchimp.com/developer/marketing/docs/errors/"""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson

from integrations.sandbox.wire import Answer, Refusal

PROBLEM = "application/problem+json"
TYPE = "https://mailchimp.com/developer/marketing/docs/errors/"
Fault = dict[str, str]

INVALID = "Invalid Resource"
SEE_ERRORS = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."


def describe(status: int, title: str, detail: str, errors: Sequence[Fault] = ()) -> dict[str, Any]:
    body = {"type": TYPE, "title": title, "status": status, "detail": detail, "instance": str(uuid.uuid4())}
    return {**body, "errors": list(errors)} if errors else body


def answer_problem(status: int, title: str, detail: str, errors: Sequence[Fault] = ()) -> Answer:
    return Answer(status, orjson.dumps(describe(status, title, detail, errors)), PROBLEM)


def refuse(status: int, title: str, detail: str, errors: Sequence[Fault] = ()) -> Refusal:
    refusal = Refusal(status, None)
    refusal.answer = answer_problem(status, title, detail, errors)
    return refusal


def refuse_missing() -> Refusal:
    return refuse(404, "Resource Not Found", "The requested resource could not be found.")


def refuse_invalid(detail: str = SEE_ERRORS, errors: Sequence[Fault] = ()) -> Refusal:
    return refuse(400, INVALID, detail, errors)


def read_json(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        detail = "We encountered an unspecified JSON parsing error."
        raise refuse(400, "JSON Parse Exception", detail) from exc
    if not isinstance(found, dict):
        raise refuse_invalid("Schema describes object, array found instead")
    return found
