"""One record as a message. Segment says yes to everything and loses what it cannot use, so we look first.

https://segment.com/docs/connections/spec/
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from integrations.adapters.segment.fields import (
    ANONYMOUS_ID,
    CONTEXT,
    EMAIL,
    EVENT,
    EVENT_ID,
    GROUP_ID,
    TIMESTAMP,
    USER_ID,
    Kind,
)
from integrations.adapters.segment.names import EVENTS, GROUPS, LABEL
from integrations.adapters.segment.values import convert, is_empty, refuse, to_id, to_moment
from integrations.adapters.wire import dump_json
from integrations.exceptions import RecordRejectedError
from integrations.reasons import sentence
from integrations.types import FlatRecord

MOST_BYTES = 32 * 1024
MOST_PROPERTIES = 10_000
"""https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#max-request-size"""

Message = dict[str, Any]


def make_anonymous_id(address: str) -> str:
    """Whoever has this address has this id, in every sync and on every machine."""
    return str(uuid5(NAMESPACE_URL, f"mailto:{address.strip().lower()}"))


class Composer:
    """Makes messages of one kind. What the fields are is looked up once."""

    def __init__(self, kind: Kind, key: str) -> None:
        self._kind = kind
        self._key = key
        self._types = kind.types
        self._labels = {field.name: field.label for field in kind.fields}

    def compose(self, record: FlatRecord) -> Message:
        """The message without its id; RecordRejectedError when Segment, or a tool behind it, could not use it."""
        kind = self._kind
        own = {name: value for name, value in record.items() if name in kind.own}
        inner, context = self._collect(record)
        message: Message = {"type": kind.type, **self._identify(own, inner)}
        if kind.name == EVENTS:
            message[EVENT] = self._require(own, EVENT)
        if kind.name == GROUPS:
            message[GROUP_ID] = self._require(own, GROUP_ID)
        if not is_empty(own.get(TIMESTAMP)):
            message[TIMESTAMP] = to_moment(own[TIMESTAMP], TIMESTAMP, self._label(TIMESTAMP))
        message[kind.inner] = inner
        return {**message, "context": context} if context else message

    def _collect(self, record: FlatRecord) -> tuple[Message, Message]:
        """The free fields, and those that belong into the context."""
        inner: Message = {}
        context: Message = {}
        for name, value in record.items():
            if name in self._kind.own:
                continue
            if name.startswith(CONTEXT):
                if not is_empty(value):
                    self._put(context, name.removeprefix(CONTEXT), self._convert(name, value), name)
            elif not is_empty(value):
                self._put(inner, name, self._convert(name, value), name)
            elif (
                self._kind.name != EVENTS
            ):  # of an event, what is empty says nothing; of a person, it empties the trait
                self._put(inner, name, None, name)
        return inner, context

    def _convert(self, name: str, value: Any) -> Any:
        return convert(value, self._types.get(name), name, self._label(name))

    def _put(self, target: Message, path: str, value: Any, name: str) -> None:
        """Into the object that the part of the name before the dot says."""
        *outer, last = path.split(".")
        for part in outer:
            target = target.setdefault(part, {})
            if not isinstance(target, dict):
                raise refuse("wrong_type", name, self._label(name), "either one value or its parts")
        if isinstance(target.get(last), dict) and not isinstance(value, dict):
            raise refuse("wrong_type", name, self._label(name), "either one value or its parts")
        target[last] = value

    def _identify(self, own: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, str]:
        """By the user ID if there is one; who has neither id is known by the address."""
        ids = {name: to_id(own.get(name)) for name in (USER_ID, ANONYMOUS_ID)}
        address = inner.get(EMAIL) if self._kind.name != GROUPS else None
        if not any(ids.values()) and address:
            ids[ANONYMOUS_ID] = make_anonymous_id(str(address))
        if not any(ids.values()):
            name = self._key if self._key in (USER_ID, ANONYMOUS_ID, EMAIL) else USER_ID
            raise refuse("missing_key", name, self._label(name))
        return {name: value for name, value in ids.items() if value}

    def _require(self, own: Mapping[str, Any], name: str) -> str:
        value = to_id(own.get(name))
        if not value:
            code = "missing_key" if name == self._key else "required_missing"
            raise refuse(code, name, self._label(name))
        return value

    def _label(self, name: str) -> str:
        return self._labels.get(name, name)

    def identity(self, record: FlatRecord, message: Message) -> str:
        """What tells this record from others: its key, and without one, whom it is about."""
        key = to_id(record.get(self._key))
        if not key and self._key == EVENT_ID:
            raise refuse("missing_key", EVENT_ID, self._label(EVENT_ID))
        return key or message.get(USER_ID) or message[ANONYMOUS_ID]


def seal(message: Message, make_id: Callable[[bytes], str]) -> bytes:
    """As it travels; RecordRejectedError when Segment would not take it for its size. `make_id` gets the content."""
    if _count(message) > MOST_PROPERTIES:
        raise _too_large(f"at most {MOST_PROPERTIES:,} values")
    content = dump_json(message)
    sealed = b'{"messageId":"' + make_id(content).encode() + b'",' + content[1:]
    if len(sealed) > MOST_BYTES:
        raise _too_large(f"at most {MOST_BYTES // 1024} KB")
    return sealed


def _too_large(detail: str) -> RecordRejectedError:
    return RecordRejectedError(sentence("too_large", "", LABEL, detail), code="too_large")


def _count(value: Any) -> int:
    """Values in it, at any depth a message of this size can have."""
    if isinstance(value, dict):
        return sum(map(_count, value.values()))
    return 1
