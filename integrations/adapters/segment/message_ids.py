"""How Segment recognises what it has had before. https://segment.com/docs/guides/duplicate-data/

It forgets an id after a day, and it compares ids of all its customers: so ours say nothing, and nobody else has them.
"""

import hmac
from hashlib import sha256

from django.conf import settings

from integrations.adapters.segment.names import EVENTS
from integrations.enums import SyncMode

LENGTH = 40


class MessageIds:
    """Ids for the records of one upload: the same when the same job sends the same again, after a crash or in halves.

    Another job has other ids, so that somebody whose plan went from A to B and back to A within a day is told as A again. An
    event that is only ever added is the same happening in any job.
    """

    def __init__(self, write_key: str, object_name: str, mode: SyncMode, trace: str) -> None:
        is_happening = object_name == EVENTS and mode is SyncMode.CREATE
        job = "" if is_happening else trace.partition("-")[0]
        key = f"{settings.SECRET_KEY}\0{write_key}".encode()
        self._seed = hmac.new(key, f"{object_name}\0{job}\0".encode(), sha256)

    def make(self, identity: str, content: bytes) -> str:
        """`identity` tells the record from others, `content` is all that is sent of it."""
        digest = self._seed.copy()
        digest.update(f"{len(identity)}\0{identity}\0".encode("utf-8", "surrogatepass"))
        digest.update(content)
        return digest.hexdigest()[:LENGTH]
