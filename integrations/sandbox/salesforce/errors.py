"""How Salesforce says no: an array for a request, a list of errors for a row."""

from typing import Any

import orjson

from integrations.sandbox.wire import Refusal

RowError = dict[str, Any]


def refuse(status: int, code: str, message: str, fields: list[str] | None = None) -> Refusal:
    """https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm"""
    error: dict[str, Any] = {"message": message, "errorCode": code}
    return Refusal(status, [error if fields is None else {**error, "fields": fields}])


def refuse_oauth(error: str, description: str, status: int = 400) -> Refusal:
    """The token endpoint answers with an object, not an array."""
    return Refusal(status, {"error": error, "error_description": description})


def row_error(code: str, message: str, *fields: str) -> RowError:
    return {"statusCode": code, "message": message, "fields": list(fields)}


def read_json(body: bytes) -> Any:
    try:
        return orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as exc:
        raise refuse(400, "JSON_PARSER_ERROR", f"{exc.msg} at [line:{exc.lineno}, column:{exc.colno}]") from exc


def refuse_unknown_field(name: str, entity: str) -> Refusal:
    return refuse(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {entity}")


def refuse_missing_record() -> Refusal:
    return refuse(404, "NOT_FOUND", "The requested resource does not exist")
