"""The results of a large load: a packed archive of JSON files, read in memory, bounded in every way, never unpacked to disk.

https://mailchimp.com/developer/marketing/guides/run-async-requests-batch-endpoint/
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from integrations.adapters.wire import UnreadableError, load_json

MOST_UNPACKED = 256_000_000
MOST_IN_FILE = 64_000_000
MOST_FILES = 10_000
_GZIP = b"\x1f\x8b"


class _Bounded(io.RawIOBase):
    """A stream that breaks off when more comes out of it than was agreed: an archive can hold a million times its size."""

    def __init__(self, inner: io.BufferedIOBase | io.BytesIO | gzip.GzipFile) -> None:
        self._inner = inner
        self._left = MOST_UNPACKED

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        found = self._inner.read(wanted)
        self._left -= len(found)
        if self._left < 0:
            raise UnreadableError("bursting_answer")
        return found


def read_results(body: bytes) -> Iterator[Mapping[str, Any]]:
    """What became of each operation, in no order. UnreadableError for anything but such an archive, also half way."""
    try:
        for text in _read_files(body):
            rows = load_json(text)
            if not isinstance(rows, list):
                raise UnreadableError("half_answer")
            yield from (row for row in rows if isinstance(row, dict))
    except (tarfile.TarError, zlib.error, EOFError, OSError, OverflowError, RecursionError, ValueError) as problem:
        code = problem.code if isinstance(problem, UnreadableError) else _guess(body)
        raise UnreadableError(code) from problem


def _read_files(body: bytes) -> Iterator[bytes]:
    """The contents of the plain files, whatever they are called. Links, devices and directories are passed over."""
    plain = io.BytesIO(body)
    source = gzip.GzipFile(fileobj=plain) if body.startswith(_GZIP) else plain
    bounded = _Bounded(source)
    with tarfile.open(fileobj=bounded, mode="r|", errorlevel=1) as archive:
        for number, member in enumerate(archive):
            if number >= MOST_FILES or member.size > MOST_IN_FILE:
                raise UnreadableError("bursting_answer")
            content = archive.extractfile(member) if member.isreg() and not member.issparse() else None
            if content is not None:
                yield content.read(MOST_IN_FILE)
    while bounded.read(1_000_000):  # to the end, where a packed file tells whether it is whole
        pass


def _guess(body: bytes) -> str:
    start = body.lstrip()[:1]
    return "empty_answer" if not start else "html_answer" if start == b"<" else "half_answer"
