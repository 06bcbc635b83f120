"""Writing: up to five hundred messages a call, packed. A yes means that Segment has them, not that it can use them.

https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#batch
"""

import gzip
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.segment.fields import kind_of
from integrations.adapters.segment.message_ids import MessageIds
from integrations.adapters.segment.messages import Composer, seal
from integrations.adapters.segment.names import LABEL
from integrations.adapters.segment.places import BATCH, TRACK
from integrations.adapters.segment.values import to_moment
from integrations.adapters.wire import dump_json
from integrations.enums import SyncMode
from integrations.exceptions import BatchRefusedError, RecordRejectedError
from integrations.reasons import sentence
from integrations.types import FlatRecord, Result, UploadOutcome

MOST_BYTES = 500_000
"""https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#max-request-size"""

LONGEST_ID = 120
"""Of an id that is shown to people; a longer one tells them nothing."""

PACK_LEVEL = 4
"""Of nine: the higher ones take much longer and save a few percent."""

PACKED = [("Content-Encoding", "gzip")]
LIBRARY = {"library": {"name": "syncpanel", "version": "1"}}


class Writer:
    """Writes the records of one connection. Holds nothing between calls, so threads may share it.

    `read_key` gives the write key. It travels inside the call, unseen by people, when the sign-in does not carry it.
    """

    def __init__(
        self, client: SignedClient, read_key: Callable[[], str], now: Callable[[], datetime], *, key_inside: bool
    ) -> None:
        self._client = client
        self._read_key = read_key
        self._now = now
        self._key_inside = key_inside

    def upload(
        self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str, trace: str
    ) -> UploadOutcome:
        """One call for all that can be sent; what cannot never leaves."""
        composer = Composer(kind_of(object_name), key)
        ids = MessageIds(self._read_key(), object_name, mode, trace)
        sealed: list[bytes] = []
        results = [self._seal(composer, ids, mode, record, sealed) for record in records]
        if not sealed:
            return UploadOutcome(results)
        answer = self.send(sealed)
        return UploadOutcome(results, (answer.exchange(),))

    def _seal(
        self, composer: Composer, ids: MessageIds, mode: SyncMode, record: FlatRecord, sealed: list[bytes]
    ) -> Result:
        """What will have become of the record once the call has succeeded. Segment's own id of anybody is not told."""
        try:
            message = composer.compose(record)
            identity = composer.identity(record, message)
            sealed.append(seal(message, partial(ids.make, identity)))
        except RecordRejectedError as problem:
            return Result(False, code=problem.code, message=problem.message, field=problem.field)
        return Result(True, identity if len(identity) <= LONGEST_ID else "", created=mode is SyncMode.CREATE)

    def send(self, sealed: Sequence[bytes]) -> Answer:
        """The call. BatchRefusedError, without one, when it would be too large: half of it may do."""
        shown = self._build(sealed)
        if len(shown) > MOST_BYTES:
            raise BatchRefusedError(sentence("too_large", "", LABEL), code="too_large")
        travels = self._build(sealed, self._read_key()) if self._key_inside else shown
        answer = self._client.call(
            "POST",
            BATCH,
            TRACK,
            body=shown,
            is_write=True,
            travels=gzip.compress(travels, PACK_LEVEL, mtime=0),
            headers=PACKED,
        )
        with answer.shown_in_errors():
            self._make_sure(answer)
        return answer

    def _build(self, sealed: Sequence[bytes], write_key: str = "") -> bytes:
        """`sentAt` lets Segment set right a clock that is wrong."""
        frame = {"sentAt": to_moment(self._now(), "sentAt"), "context": LIBRARY}
        rest = dump_json({**frame, "writeKey": write_key} if write_key else frame)
        return b'{"batch":[' + b",".join(sealed) + b"]," + rest[1:]

    def _make_sure(self, answer: Answer) -> None:
        body = self._client.http.read_json(answer)
        if not isinstance(body, dict) or body.get("success") is not True:
            raise self._client.http.unexpected(answer)
