"""Payloads at rest: orjson, compressed with zstandard. A page is one blob; a batch is as many as it was filled in steps."""

import threading
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import orjson
import zstandard

_local = threading.local()


def pack(value: Any) -> bytes:
    """Any JSON value as a compressed blob."""
    return pack_bytes(orjson.dumps(value))


def pack_bytes(raw: bytes) -> bytes:
    """Raw bytes, compressed."""
    compressor = getattr(_local, "compressor", None)
    if compressor is None:
        compressor = _local.compressor = zstandard.ZstdCompressor(level=1)
    result: bytes = compressor.compress(raw)
    return result


def unpack(blob: bytes | memoryview | None) -> Any:
    """The JSON value of a blob; None for None."""
    return None if blob is None else orjson.loads(unpack_bytes(blob))


def unpack_lists(blobs: bytes | memoryview) -> list[Any]:
    """The lists of blobs that were joined end to end, as one list."""
    return list(chain.from_iterable(_lists(blobs)))


class Joined(Sequence[Any]):
    """The same, unpacked blob by blob each time it is gone through: memory holds one of them. With `part`, only what each
    value has at that place. `count` is how many there are."""

    def __init__(self, blobs: bytes | memoryview, count: int, part: int | None = None) -> None:
        self._blobs, self._count, self._part = bytes(blobs), count, part

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        values = chain.from_iterable(_lists(self._blobs))
        return values if self._part is None else (value[self._part] for value in values)

    def __getitem__(self, at: Any) -> Any:
        wanted = range(self._count)[at]
        if isinstance(wanted, int):
            return next(islice(self, wanted, None))
        return list(islice(self, wanted.start, wanted.stop, wanted.step))


def _lists(blobs: bytes | memoryview) -> Iterator[list[Any]]:
    rest = bytes(blobs)
    while rest:
        reader = _decompressor().decompressobj()
        yield orjson.loads(reader.decompress(rest))
        rest = reader.unused_data


def unpack_bytes(blob: bytes | memoryview) -> bytes:
    """The raw bytes of a blob."""
    return _decompressor().decompress(bytes(blob))


def _decompressor() -> zstandard.ZstdDecompressor:
    """One per thread: they cannot be shared."""
    found: zstandard.ZstdDecompressor | None = getattr(_local, "decompressor", None)
    if found is None:
        found = _local.decompressor = zstandard.ZstdDecompressor()
    return found
