"""Keys that are made once, on the first start, and kept in files only their owner may read."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet


def read_or_create(path: Path, make: Callable[[], str]) -> str:
    """The text of the file; if there is none it is created whole and at once, so that many first starts agree."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _create(path, make())
    return path.read_text().strip()


def _create(path: Path, text: str) -> None:
    """Write a temporary file, then link it: the first wins, nobody ever reads half a key."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()


def secret_key(data_dir: Path) -> str:
    """Django's SECRET_KEY of this installation."""
    return os.environ.get("SECRET_KEY") or read_or_create(data_dir / "secret_key", lambda: secrets.token_urlsafe(64))


def encryption_keys(data_dir: Path) -> list[str]:
    """What encrypts credentials, newest first: ENCRYPTION_KEYS (comma separated), or the key file (one a line)."""
    configured = os.environ.get("ENCRYPTION_KEYS")
    if configured:
        return [key.strip() for key in configured.split(",") if key.strip()]
    text = read_or_create(data_dir / "encryption_keys", lambda: Fernet.generate_key().decode())
    return [line for line in text.splitlines() if line.strip()]
