"""Payloads at rest: orjson, compressed with zstandard. One page or batch is one blob."""

import threading
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


def unpack_bytes(blob: bytes | memoryview) -> bytes:
    """The raw bytes of a blob."""
    decompressor = getattr(_local, "decompressor", None)
    if decompressor is None:
        decompressor = _local.decompressor = zstandard.ZstdDecompressor()
    result: bytes = decompressor.decompress(bytes(blob))
    return result
