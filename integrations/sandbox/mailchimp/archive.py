"""The archive of a batch's results: JSON files in a packed tar."""

import gzip
import io
import tarfile
from collections.abc import Sequence
from typing import Any

import orjson

PER_FILE = 500
PACKED = "application/gzip"


def pack_results(batch_id: str, results: Sequence[dict[str, Any]]) -> bytes:
    """Also a batch of nothing has a file."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        folder = tarfile.TarInfo("./")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for start in range(0, max(len(results), 1), PER_FILE):
            body = orjson.dumps(results[start : start + PER_FILE])
            file = tarfile.TarInfo(f"./{batch_id}-{start // PER_FILE}.json")
            file.size = len(body)
            archive.addfile(file, io.BytesIO(body))
    return gzip.compress(plain.getvalue(), compresslevel=1)
