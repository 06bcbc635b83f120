"""How each kind of fault spoils an answer."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

import orjson

from integrations.sandbox.faults import Fault, FaultTable, Kind
from integrations.sandbox.platform import Platform
from integrations.sandbox.wire import JSON, Answer, Call

Serve = Callable[[], Answer]
"""Carries the request out."""

HTML = b"<!DOCTYPE html><html><head><title>Service Unavailable</title></head><body><h1>Down for maintenance</h1></body></html>"
FOR_EVER = 86_400.0


class NoAnswerError(Exception):
    """The connection is to be reset instead of answered."""


async def spoil(fault: Fault, faults: FaultTable, platform: Platform, call: Call, serve: Serve) -> Answer:
    """The answer as the fault leaves it; raises NoAnswerError when there is none."""
    if fault.kind in (Kind.HANG, Kind.RESET):
        return await _leave_unanswered(fault, faults, serve)
    if fault.kind in (Kind.STATUS, Kind.HTML, Kind.EMPTY_2XX):
        return _replace(fault, platform, serve)
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.seconds or 1)
    elif fault.kind is Kind.EXPIRE_TOKEN:
        platform.expire_tokens()
    call.revoked = fault.kind is Kind.REVOKE
    answer = serve()
    if fault.kind is Kind.DROP_ROWS:
        return drop_rows(answer, fault.rows)
    return cut(answer) if fault.kind is Kind.HALF_JSON else answer


def cut(answer: Answer) -> Answer:
    """The first half of the body, as if that were all."""
    return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.content_type, answer.headers)


async def _leave_unanswered(fault: Fault, faults: FaultTable, serve: Serve) -> Answer:
    if fault.when == "after":
        serve()
    if fault.kind is Kind.HANG:
        await faults.wait_until_lifted(fault, fault.seconds or FOR_EVER)
    raise NoAnswerError


def _replace(fault: Fault, platform: Platform, serve: Serve) -> Answer:
    if fault.when == "after":
        serve()
    if fault.kind is Kind.HTML:
        return Answer(fault.status or 502, HTML, "text/html", dict(fault.headers))
    if fault.kind is Kind.EMPTY_2XX:
        return Answer(fault.status or 200, b"", JSON, dict(fault.headers))
    if fault.body is not None:
        return Answer(fault.status or 500, orjson.dumps(fault.body), headers=dict(fault.headers))
    return platform.make_failure(fault)


def drop_rows(answer: Answer, rows: int) -> Answer:
    """The same answer without its last rows: results of a batch, records of a page, lines of a CSV."""
    if answer.content_type != JSON:
        lines = answer.body.splitlines(keepends=True)
        return Answer(answer.status, b"".join(lines[:1] + lines[1 : max(1, len(lines) - rows)]), answer.content_type)
    body = orjson.loads(answer.body)
    _drop_last(body if isinstance(body, list) else _find_rows(body), rows)
    return Answer(answer.status, orjson.dumps(body), headers=answer.headers)


def _find_rows(body: dict[str, Any]) -> list[Any]:
    for name in ("results", "records"):
        if isinstance(body.get(name), list):
            rows: list[Any] = body[name]
            return rows
    return []


def _drop_last(items: list[Any], rows: int) -> None:
    del items[max(0, len(items) - rows) :]


def reset_connection(transport: asyncio.Transport | None) -> None:
    """Closes so that the client gets a RST ("connection reset by peer"), not an orderly end."""
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
