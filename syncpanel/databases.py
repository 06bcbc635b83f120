"""The database of DATABASE_URL, or an SQLite file that several processes may write at once."""

from pathlib import Path
from typing import Any

import dj_database_url

from syncpanel.keys import make_private

# IMMEDIATE: a deferred transaction that turns into a write fails at once however long the timeout is.
# FULL: a batch is recorded as "sending" before its call; a power cut must not lose that.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16000;"
    ),
}

# A server that vanished without a word is noticed within seconds, not after the kernel's quarter of an hour.
# A worker that is suspended in a transaction, on a host where nobody can kill it, must not hold its locks for ever.
# What is looked up by hundreds of keys is in memory or on a disk without a head: the usual 4.0 has tables read whole for it.
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "tcp_user_timeout": 20_000,
    "options": "-c lock_timeout=20s -c idle_in_transaction_session_timeout=30s -c random_page_cost=1.1",
}


def database(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry. Connections are kept, and checked before use: a restarted server is survived."""
    if not url:
        make_private(data_dir)
        url = f"sqlite:///{data_dir / 'syncpanel.sqlite3'}"
    entry: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    if entry["ENGINE"] == "django.db.backends.postgresql":
        entry["OPTIONS"] = {**entry.get("OPTIONS", {}), "server_side_binding": True}  # blobs travel as they are
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        entry |= {"CONN_MAX_AGE": None, "OPTIONS": dict(SQLITE_OPTIONS)}
    elif entry["ENGINE"] == "django.db.backends.postgresql":
        entry["OPTIONS"] = POSTGRESQL_OPTIONS | entry.get("OPTIONS", {})
    return entry
