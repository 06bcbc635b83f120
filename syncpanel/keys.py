"""Keys that are made once, on the first start, and kept in files only their owner may read."""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_or_create(path: Path, make: Callable[[], str]) -> str:
    """The text of the file; if there is none it is created whole and at once, so that many first starts agree."""
    make_private(path.parent)
    if not path.exists():
        _create(path, make())
    if path.stat().st_mode & OTHERS:  # a backup that was put back without its rights
        with contextlib.suppress(OSError):  # a secret that is mounted has rights of its own
            path.chmod(0o600)
    return path.read_text().strip()


def make_private(folder: Path) -> None:
    """See to it that the folder is there and nobody else's. ImproperlyConfigured when others could put keys of theirs
    into it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.stat()
    if found.st_uid == os.getuid():
        if found.st_mode & OTHERS:
            folder.chmod(found.st_mode & ~OTHERS)
    elif found.st_mode & stat.S_IWOTH:
        raise ImproperlyConfigured(f"Anybody can write into {folder}. Choose another DATA_DIR.")


def _create(path: Path, text: str) -> None:
    """Write a temporary file, then link it: the first wins, nobody ever reads half a key."""
    temporary = _write_private(path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}"), text)
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()


def _write_private(path: Path, text: str) -> Path:
    """A new file that only its owner may read, on the disk when this returns."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def secret_key(data_dir: Path) -> str:
    """Django's SECRET_KEY of this installation."""
    return os.environ.get("SECRET_KEY") or read_or_create(data_dir / "secret_key", lambda: secrets.token_urlsafe(64))


def demo_password(data_dir: Path) -> str:
    """The password of a demo that others can reach."""
    return read_or_create(data_dir / "demo_password", lambda: secrets.token_urlsafe(12))


def encryption_keys(data_dir: Path) -> list[str]:
    """What encrypts credentials, newest first: ENCRYPTION_KEYS (comma separated), or the key file (one a line)."""
    configured = os.environ.get("ENCRYPTION_KEYS")
    if configured:
        return [key.strip() for key in configured.split(",") if key.strip()]
    text = read_or_create(encryption_key_file(data_dir), new_encryption_key)
    return [line for line in text.splitlines() if line.strip()]


def encryption_key_file(data_dir: Path) -> Path:
    """Where the keys are when ENCRYPTION_KEYS does not say them."""
    return data_dir / "encryption_keys"


def new_encryption_key() -> str:
    """A key nobody has yet."""
    return Fernet.generate_key().decode()


def replace_encryption_keys(data_dir: Path, keys: list[str]) -> None:
    """Write the key file anew, newest key first: a power cut leaves the old file or the new one, whole."""
    path = encryption_key_file(data_dir)
    _write_private(path.with_name(f".{path.name}.new"), "\n".join(keys)).replace(path)
    directory = os.open(data_dir, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
