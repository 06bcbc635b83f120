"""Short fingerprints: of what was received, of what would be sent, and of the keys a job has already used."""

import sys
from array import array
from hashlib import blake2b
from typing import Any

import orjson

from integrations.types import FlatRecord

_EMPTY = 0
_FIRST_SLOTS = 1 << 6


def content_hash(record: FlatRecord) -> bytes:
    """16 bytes that change when any value to be sent changes; the order of the fields does not matter."""
    return blake2b(orjson.dumps(record, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def source_hash(record: FlatRecord) -> bytes:
    """16 bytes that change when anything we received about a record changes."""
    return content_hash(record)


def key_hash(value: Any) -> int:
    """Eight bytes of a key as a number, never 0. Spaces around it and upper or lower case do not matter."""
    digest = blake2b(str(value).strip().casefold().encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


def read_keys(blob: bytes | memoryview) -> "array[int]":
    """Hashes stored as 8 little-endian bytes each."""
    keys = array("Q")
    keys.frombytes(blob)
    if sys.byteorder == "big":
        keys.byteswap()
    return keys


class KeySet:
    """A set of key hashes in one flat block of memory: about 16 MB for a million keys, no object per key.

    Open addressing: a hash sits in the first free slot from its own place on. 0 marks a free slot, so 0 cannot be kept.
    `expected`: room for so many at once, so that no old block is held beside a new one while it grows.
    """

    def __init__(self, expected: int = 0) -> None:
        self._count = 0
        self._reserve(max(_FIRST_SLOTS, _slots_for(expected)))

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: int) -> bool:
        return self._slots[self._find(key)] == key

    def add(self, key: int) -> bool:
        """True when the key was not there before."""
        slots, mask = self._slots, self._mask
        at = key & mask
        while (found := slots[at]) != _EMPTY:
            if found == key:
                return False
            at = (at + 1) & mask
        if key == _EMPTY:
            raise ValueError("A key hash is never 0.")
        slots[at] = key
        self._count += 1
        if self._count > self._room:
            self._grow()
        return True

    def add_bytes(self, blob: bytes) -> None:
        """Add hashes stored as `read_keys` reads them."""
        for key in read_keys(blob):
            self.add(key)

    def _find(self, key: int) -> int:
        at = key & self._mask
        while self._slots[at] not in (_EMPTY, key):
            at = (at + 1) & self._mask
        return at

    def _reserve(self, slots: int) -> None:
        self._slots = array("Q", [_EMPTY]) * slots
        self._mask = slots - 1
        self._room = _room_in(slots)

    def _grow(self) -> None:
        old = self._slots
        self._reserve(2 * len(old))
        slots, mask = self._slots, self._mask
        for key in old:
            if key:
                at = key & mask
                while slots[at]:
                    at = (at + 1) & mask
                slots[at] = key


def _room_in(slots: int) -> int:
    """How many keys fit before the next one makes it slow."""
    return slots * 5 // 8


def _slots_for(keys: int) -> int:
    """The smallest power of two with room for them."""
    slots = 1 << (keys * 8 // 5).bit_length()
    return slots if _room_in(slots) >= keys else 2 * slots
