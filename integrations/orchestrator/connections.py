"""Opening, testing and changing connections. Every change is an event; no event holds a secret."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.adapters.deadline import finish_within
from integrations.adapters.registry import adapter_class, capabilities
from integrations.enums import ConnectionState, Kind
from integrations.exceptions import RefusedTransitionError, SyncpanelError
from integrations.models import Connection
from integrations.orchestrator.breaker import close_breaker
from integrations.orchestrator.connection_turns import TEST_SECONDS, only_test_of
from integrations.orchestrator.events import append
from integrations.orchestrator.object_lists import see_objects
from integrations.orchestrator.ports import RowTokens
from integrations.rate_limits.limiter import ConnectionPermits
from integrations.types import CheckResult

FOUND = ["state", "state_message", "account", "account_id", "last_checked_at", "last_check"]


@contextmanager
def open_adapter(connection: Connection, sync_id: int = 0) -> Iterator[Adapter]:
    """An adapter signed in as this connection, with shared permits; closed at the end of the block."""
    permits = ConnectionPermits(connection, sync_id=sync_id)
    timeout = float(connection.settings.get("timeout") or capabilities(connection.platform).call_timeout)
    adapter = adapter_class(connection.platform)(
        connection.credentials(), RowTokens(connection), permits, timeout=timeout
    )
    try:
        yield adapter
    finally:
        adapter.close()
        permits.close()


def test_connection(connection_id: int, actor: str, seconds: float = TEST_SECONDS) -> CheckResult:
    """Ask the platform what works, and keep the answer on the row. Takes so many seconds at most, whatever the platform
    does; RefusedTransitionError while a test of this connection runs, or too many of others do."""
    connection = Connection.objects.get(pk=connection_id)
    with only_test_of(connection):
        with finish_within(seconds), open_adapter(connection) as adapter:
            result = adapter.check()
            if result.ok:
                _see_objects(connection, adapter)
        keep_check(connection, result, actor)
    return result


def _see_objects(connection: Connection, adapter: Adapter) -> None:
    """A list that does not come is no reason for a test to fail: the one seen before stays."""
    with suppress(SyncpanelError):
        see_objects(connection, adapter)


def keep_check(connection: Connection, result: CheckResult, actor: str) -> None:
    """Store what a test found; a good one closes the breaker."""
    before = connection.state
    with transaction.atomic():
        connection.state = ConnectionState.OK if result.ok else _state_of(result)
        connection.state_message = next((line.fix for line in result.lines if not line.ok), "")[:300]
        connection.account = result.account or connection.account
        connection.account_id = result.account_id or connection.account_id
        connection.last_checked_at = timezone.now()
        connection.last_check = {"lines": [asdict(line) for line in result.lines], "facts": dict(result.facts)}
        connection.save(update_fields=FOUND)
        append(connection.stream, Kind.CONNECTION_TESTED, {"ok": result.ok}, actor)
        if result.ok:
            close_breaker(connection.pk)
            if before == ConnectionState.SIGN_IN_NEEDED:
                append(connection.stream, Kind.CONNECTION_SIGN_IN_RESTORED, {}, actor)


def _state_of(result: CheckResult) -> ConnectionState:
    """The first line asks whether it answers at all; any other failure is one of signing in or rights."""
    return ConnectionState.SIGN_IN_NEEDED if result.lines and result.lines[0].ok else ConnectionState.TROUBLE


def lose_sign_in(connection: Connection, message: str) -> None:
    """A job found that the platform no longer accepts our credentials."""
    changed = Connection.objects.filter(pk=connection.pk).exclude(state=ConnectionState.SIGN_IN_NEEDED)
    with transaction.atomic():
        if changed.update(state=ConnectionState.SIGN_IN_NEEDED, state_message=message[:300]):
            append(connection.stream, Kind.CONNECTION_SIGN_IN_LOST, {})


def went_well(connection: Connection) -> None:
    """A job's call was answered as it should be: whatever was wrong with the connection is over."""
    close_breaker(connection.pk)
    now = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(last_used_at=now)
    troubled = Connection.objects.filter(pk=connection.pk).exclude(state=ConnectionState.OK)
    with transaction.atomic():
        before = troubled.values_list("state", flat=True).first()
        changed = troubled.update(state=ConnectionState.OK, state_message="") if before else 0
        if changed and before == ConnectionState.SIGN_IN_NEEDED:
            append(connection.stream, Kind.CONNECTION_SIGN_IN_RESTORED, {})


def save_connection(
    connection: Connection | None,
    *,
    name: str,
    platform: str,
    method: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    actor: str,
    tier: str = "",
    reserve_percent: int = 0,
    share_samples: bool | None = None,
) -> Connection:
    """Create or change a connection. A secret that is empty or missing keeps its saved value. Changing how it signs in
    forgets the token and what it signed in with. `share_samples` None keeps what was said before."""
    is_new = connection is None
    row = connection or Connection(platform=platform)
    before = None if is_new else _facts(row)
    same_method = row.method == method
    row.name, row.method, row.tier, row.reserve_percent = name, method, tier, reserve_percent
    row.share_samples = row.share_samples if share_samples is None else share_samples
    row.settings = dict(settings)
    given = {key: value for key, value in secrets.items() if value}
    row.secrets = {**(row.secrets if same_method else _webhook_secrets(row)), **given}
    written = ["name", "method", "tier", "reserve_percent", "share_samples", "settings", "secrets", "updated_at"]
    if given or not same_method or (before and before["settings"] != row.settings):
        row.token, row.token_expires_at, row.state = {}, None, ConnectionState.UNTESTED
        row.revision += 1
        written += ["token", "token_expires_at", "state", "revision"]
    with transaction.atomic():
        # Not the whole row: a worker may have renewed the token since it was read, and the old one may be dead by now.
        row.save(update_fields=None if is_new else written)
        kind = Kind.CONNECTION_CREATED if is_new else Kind.CONNECTION_CHANGED
        append(row.stream, kind, _told(before, row, sorted(given)), actor)
    return row


def _webhook_secrets(row: Connection) -> dict[str, str]:
    """What calls of the platform are checked with; it has nothing to do with how we sign in there."""
    webhook = capabilities(row.platform).webhook
    names = {field.name for field in webhook.setup.secrets} if webhook else set()
    return {name: value for name, value in row.secrets.items() if name in names}


def delete_connection(connection_id: int, actor: str) -> None:
    """Remove a connection no sync uses; RefusedTransitionError names the syncs otherwise."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection_id)
        used_by = sorted(
            {*connection.syncs_from.values_list("name", flat=True), *connection.syncs_to.values_list("name", flat=True)}
        )
        if used_by:
            raise RefusedTransitionError(f"{connection.name} is used by {', '.join(used_by)}.")
        append(connection.stream, Kind.CONNECTION_DELETED, {"name": connection.name}, actor)
        connection.delete()


def problem_of(connection: Connection, problem: SyncpanelError) -> None:
    """Note on the connection what a job found out about it."""
    if problem.code == "sign_in":
        lose_sign_in(connection, problem.message)


def _facts(row: Connection) -> dict[str, Any]:
    return {
        "name": row.name,
        "method": row.method,
        "settings": dict(row.settings),
        "tier": row.tier,
        "reserve_percent": row.reserve_percent,
        "share_samples": row.share_samples,
    }


def _told(before: dict[str, Any] | None, row: Connection, secrets: list[str]) -> dict[str, Any]:
    """What the event says: names of what changed, never a secret's value."""
    after = _facts(row)
    changed = sorted(after) if before is None else sorted(k for k in after if after[k] != before[k])
    return {"platform": row.platform, "name": row.name, "changed": changed, "secrets_replaced": secrets}
