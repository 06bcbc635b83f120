"""Making and changing syncs. What cannot work is refused with a sentence per setting; every change is an event."""

from dataclasses import dataclass, fields
from typing import Any

from django.db import IntegrityError, transaction

from integrations.enums import Departed, EmptyValues, Kind, ReadMode, SyncMode, Winner
from integrations.exceptions import ConfigurationError, RefusedTransitionError
from integrations.models import Connection, Mapping, Sync, SyncJob, TwoWay
from integrations.orchestrator.events import append
from integrations.orchestrator.sync_checks import find_problems

FIXED = ("source", "source_object", "destination", "destination_object", "destination_key")
"""Once a job has run, these say who is the same person: another sync is another matter."""


class SyncSettingsError(ConfigurationError):
    """These settings cannot work together. `problems`: setting → sentence."""

    code = "sync_settings"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(next(iter(problems.values())))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """All settings of a sync but its timetable, by the names of `Sync`'s columns."""

    name: str
    source: Connection
    source_object: str
    destination: Connection
    destination_object: str
    destination_key: str
    mapping: Mapping
    write_mode: SyncMode = SyncMode.UPSERT
    read_mode: ReadMode = ReadMode.FULL
    conditions: tuple[dict[str, str], ...] = ()
    empty_values: EmptyValues = EmptyValues.CLEAR
    match_fields: tuple[str, ...] = ()
    departed: Departed = Departed.NOTHING
    departed_field: str = ""
    departed_most: int = 50
    batch_size: int | None = None
    priority: int = 5
    guards: tuple[tuple[str, int], ...] = ()

    def columns(self) -> dict[str, Any]:
        """As they are stored."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        lists = {"conditions": list(self.conditions), "match_fields": list(self.match_fields)}
        return plain | lists | {"guards": dict(self.guards)}


def plan_of(sync: Sync) -> SyncPlan:
    """The settings a sync has now."""
    plain = {field.name: getattr(sync, field.name) for field in fields(SyncPlan)}
    lists = {"conditions": tuple(sync.conditions), "match_fields": tuple(sync.match_fields)}
    return SyncPlan(**{**plain, **lists, "guards": tuple(sync.guards.items())})


def create_sync(plan: SyncPlan, actor: str, *, is_enabled: bool = True) -> Sync:
    """A new sync. SyncSettingsError says what cannot work."""
    _refuse(find_problems(plan))
    try:
        with transaction.atomic():
            sync = Sync.objects.create(**plan.columns(), is_enabled=is_enabled)
            append(sync.stream, Kind.SYNC_CREATED, {"name": plan.name}, actor)
    except IntegrityError as exc:
        raise SyncSettingsError({"name": f"There is a sync called “{plan.name}” already."}) from exc
    return sync


def change_sync(sync_id: int, plan: SyncPlan, actor: str) -> Sync:
    """Give a sync other settings; a job that is active goes on with those it reads at its next step."""
    with transaction.atomic():
        sync = Sync.objects.select_for_update().get(pk=sync_id)
        before, wanted = plan_of(sync).columns(), plan.columns()
        changed = [name for name in wanted if wanted[name] != before[name]]
        _refuse(_fixed_problems(sync, changed) | find_problems(plan))
        if not changed:
            return sync
        for name in changed:
            setattr(sync, name, wanted[name])
        try:
            with transaction.atomic():
                sync.save(update_fields=changed)
        except IntegrityError as exc:
            raise SyncSettingsError({"name": f"There is a sync called “{plan.name}” already."}) from exc
        append(sync.stream, Kind.SYNC_CHANGED, {"changed": _told(changed, before, wanted)}, actor)
    return sync


def create_two_way(
    rightward: SyncPlan, leftward: SyncPlan, pairs: list[dict[str, str]], wins: Winner, actor: str
) -> TwoWay:
    """Two syncs that keep both connections equal. They are switched off until both mappings are published and it is turned on."""
    if (rightward.source, rightward.destination) != (leftward.destination, leftward.source):
        raise RefusedTransitionError("Both directions must be between the same two connections.")
    with transaction.atomic():
        right = create_sync(rightward, actor, is_enabled=False)
        left = create_sync(leftward, actor, is_enabled=False)
        return TwoWay.objects.create(rightward=right, leftward=left, pairs=pairs, wins=wins)


def change_pairs(two_way_id: int, pairs: list[dict[str, str]], wins: Winner, actor: str) -> None:
    """Which fields go which way, and who wins."""
    with transaction.atomic():
        row = TwoWay.objects.select_for_update().get(pk=two_way_id)
        row.pairs, row.wins = pairs, wins
        row.save(update_fields=["pairs", "wins"])
        told = {"pairs": [f"{one['left']} {one['way']} {one['right']}" for one in pairs], "wins": wins}
        for sync_id in (row.rightward_id, row.leftward_id):
            append(f"sync:{sync_id}", Kind.SYNC_CHANGED, {"changed": told}, actor)


def _fixed_problems(sync: Sync, changed: list[str]) -> dict[str, str]:
    fixed = [name for name in changed if name in FIXED]
    if not fixed or not SyncJob.objects.filter(sync=sync).exists():
        return {}
    return dict.fromkeys(fixed, "This sync has run already, so this stays as it is. Make a new sync instead.")


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise SyncSettingsError(problems)


def _told(changed: list[str], before: dict[str, Any], wanted: dict[str, Any]) -> dict[str, list[Any]]:
    """From what to what. The values of conditions may be somebody's: only how many there are is told."""
    return {name: [_plain(before[name]), _plain(wanted[name])] for name in changed}


def _plain(value: Any) -> Any:
    if isinstance(value, Connection | Mapping):
        return value.name
    return len(value) if isinstance(value, list) and value and isinstance(value[0], dict) else value
