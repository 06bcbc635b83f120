"""A sync on its way, from the first choice to the moment it is turned on.

`choices` = {"name", "source": "12:contacts", "destination": "7:Lead", "two_ways": bool,
  "read_mode", "conditions": [{"field", "operator", "value"}],
  "mapping": id, "mapping_back": id, "destination_key", "key_back", "match_fields": [],
  "pairs": [{"left", "right", "way", "wins"}], "wins",
  "starts": "hand" | "interval" | "cron" | "after", "every_minutes", "cron", "time_zone", "after", "on_webhook": bool,
  "write_mode", "empty_values", "departed", "departed_field", "departed_most", "batch_size", "priority",
  "guards": {limit of `Sync.guards`: number}}; any may be missing.
"""

import ast
from collections.abc import Mapping as Plain
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from integrations.adapters.registry import capabilities
from integrations.enums import Departed, EmptyValues, ReadMode, SyncMode, Winner
from integrations.exceptions import RefusedTransitionError
from integrations.mappings.fields_written import find_writes
from integrations.models import Connection, Mapping, Sync, SyncDraft, TwoWay
from integrations.orchestrator.object_lists import find_object
from integrations.orchestrator.pairs import propose_pairs
from integrations.orchestrator.schemas import known
from integrations.orchestrator.sync_checks import find_problems
from integrations.orchestrator.syncs import SyncPlan, create_sync, create_two_way
from integrations.orchestrator.timing import Timing, check_timing, set_timing
from integrations.types import ObjectCapability, ObjectSchema

HAND, INTERVAL, CRON, AFTER = "hand", "interval", "cron", "after"


@dataclass(frozen=True, slots=True)
class End:
    """One end of a draft: the connection, and its object."""

    connection: Connection
    object: ObjectCapability

    @property
    def choice(self) -> str:
        """As the draft keeps it."""
        return f"{self.connection.pk}:{self.object.name}"


def start_draft(actor: str, choices: Plain[str, Any] | None = None) -> SyncDraft:
    """A new draft, empty or filled in."""
    return SyncDraft.objects.create(made_by=actor, choices=dict(choices or {}))


def copy_of(sync: Sync) -> dict[str, Any]:
    """The choices of a sync there is, for another one like it."""
    return {**choices_of(sync), "name": f"{sync.name} (copy)"[:120]}


def choices_of(sync: Sync) -> dict[str, Any]:
    """The settings of a sync as choices."""
    starts = CRON if sync.cron else INTERVAL if sync.every_minutes else AFTER if sync.after_id else HAND
    same = (
        "conditions",
        "match_fields",
        "departed_field",
        "departed_most",
        "batch_size",
        "priority",
        "destination_key",
        "guards",
    )
    words = ("read_mode", "write_mode", "empty_values", "departed", "every_minutes", "cron", "time_zone", "on_webhook")
    row = TwoWay.objects.select_related("leftward").filter(rightward=sync).first()
    both = (
        {"two_ways": True, "pairs": row.pairs, "wins": row.wins, "mapping_back": row.leftward.mapping_id} if row else {}
    )
    return {
        **both,
        "name": sync.name,
        "source": f"{sync.source_id}:{sync.source_object}",
        "destination": f"{sync.destination_id}:{sync.destination_object}",
        "mapping": sync.mapping_id,
        "starts": starts,
        "after": sync.after_id,
        **{name: getattr(sync, name) for name in (*same, *words)},
    }


def keep_choices(draft_id: int, choices: Plain[str, Any]) -> SyncDraft:
    """Add to what was chosen; None forgets a choice."""
    with transaction.atomic():
        draft = SyncDraft.objects.select_for_update().get(pk=draft_id)
        if draft.sync_id is not None:
            raise RefusedTransitionError("This sync is turned on already. Change it on its settings page.")
        merged = {**draft.choices, **choices}
        draft.choices = {name: value for name, value in merged.items() if value is not None}
        draft.save(update_fields=["choices", "updated_at"])
    return draft


def end_of(draft: SyncDraft, side: str) -> End | None:
    """The source or the destination, when it was chosen and is still there."""
    pk, _, name = str(draft.choices.get(side, "")).partition(":")
    connection = Connection.objects.filter(pk=int(pk)).first() if pk.isdigit() else None
    found = find_object(connection, name) if connection else None
    return End(connection, found) if connection and found else None


def can_be_equal(source: End, destination: End) -> bool:
    """True when both ends can be read, written, searched and addressed by id: what keeping both equal takes."""
    return all(
        end.object.can_read and end.object.can_write and end.object.can_find and end.object.id_field
        for end in (source, destination)
    )


def plan_from(draft: SyncDraft, mapping: Mapping, source: End, destination: End) -> SyncPlan:
    """All settings as chosen, with what a careful person would choose where nothing was."""
    chosen = draft.choices
    return SyncPlan(
        name=str(chosen.get("name") or proposed_name(source, destination)),
        source=source.connection,
        source_object=source.object.name,
        destination=destination.connection,
        destination_object=destination.object.name,
        destination_key=str(chosen.get("destination_key") or destination.object.default_key),
        mapping=mapping,
        write_mode=SyncMode(chosen.get("write_mode") or destination.object.modes[0]),
        read_mode=ReadMode(chosen.get("read_mode") or proposed_reading(source)),
        conditions=tuple(chosen.get("conditions") or ()),
        empty_values=EmptyValues(chosen.get("empty_values") or EmptyValues.KEEP),
        match_fields=tuple(chosen.get("match_fields") or ()),
        departed=Departed(chosen.get("departed") or Departed.NOTHING),
        departed_field=str(chosen.get("departed_field") or ""),
        departed_most=int(chosen.get("departed_most") or 50),
        batch_size=chosen.get("batch_size"),
        priority=int(chosen.get("priority") or 5),
        guards=tuple((chosen.get("guards") or {}).items()),
    )


def proposed_name(source: End, destination: End) -> str:
    """What it is called as long as nobody says otherwise."""
    return f"{source.connection.name} {source.object.label.lower()} to {destination.connection.name}"[:120]


def proposed_reading(source: End) -> ReadMode:
    """Only what changed, where the platform can tell."""
    return ReadMode.INCREMENTAL if source.object.supports_incremental else ReadMode.FULL


def proposed_key(draft: SyncDraft, destination: End, schema: ObjectSchema | None) -> str:
    """The key that the chosen mapping fills; without one, the platform's usual key."""
    mapping = mapping_of(draft, "mapping")
    if mapping is None or mapping.published is None or schema is None:
        return destination.object.default_key
    written = find_writes(ast.parse(mapping.published.code)).fields
    keys = [field.name for field in schema.fields if field.is_key and field.name in written]
    return next(iter(keys), destination.object.default_key)


def timing_from(draft: SyncDraft) -> Timing:
    """When it starts."""
    chosen, starts = draft.choices, draft.choices.get("starts", HAND)
    return Timing(
        every_minutes=chosen.get("every_minutes") if starts == INTERVAL else None,
        cron=str(chosen.get("cron") or "") if starts == CRON else "",
        time_zone=str(chosen.get("time_zone") or "") if starts == CRON else "",
        after=chosen.get("after") if starts == AFTER else None,
        on_webhook=listens(draft),
    )


def listens(draft: SyncDraft) -> bool:
    """Whether incoming events start it: as chosen, and always where people come in no other way."""
    source = end_of(draft, "source")
    if source is None or not can_listen(source):
        return False
    return source.object.comes_by_webhook_only or bool(draft.choices.get("on_webhook"))


def can_listen(end: End) -> bool:
    """True when its platform tells by itself what changed."""
    return capabilities(end.connection.platform).webhook is not None


def problems_of(draft: SyncDraft) -> dict[str, str]:
    """Setting → sentence of what still keeps it from being turned on; empty when it can be."""
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    if source is None or destination is None:
        side = "source" if source is None else "destination"
        return {side: "Choose from where and to where."}
    mapping = mapping_of(draft, "mapping")
    if mapping is None or mapping.published_id is None:
        return {"mapping": "The mapping has no published version yet."}
    problems = find_problems(plan_from(draft, mapping, source, destination))
    if draft.choices.get("two_ways"):
        problems |= _problems_back(draft, source, destination)
    return problems | _timing_problem(draft)


def _problems_back(draft: SyncDraft, source: End, destination: End) -> dict[str, str]:
    if not can_be_equal(source, destination):
        return {"two_ways": "These two cannot be kept equal: both must be readable, writable and searchable."}
    back = mapping_of(draft, "mapping_back")
    if back is None or back.published_id is None:
        return {"mapping_back": "The mapping for the way back has no published version yet."}
    if not draft.choices.get("pairs"):
        return {"pairs": "Say which fields belong together."}
    return {f"{name}_back": said for name, said in find_problems(_plan_back(draft, back, source, destination)).items()}


def _timing_problem(draft: SyncDraft) -> dict[str, str]:
    try:
        check_timing(timing_from(draft))
    except RefusedTransitionError as refusal:
        return {getattr(refusal, "setting", "starts"): refusal.message}
    return {}


def mapping_of(draft: SyncDraft, name: str) -> Mapping | None:
    """The mapping that was chosen, there or back."""
    pk = draft.choices.get(name)
    return Mapping.objects.select_related("published").filter(pk=pk).first() if pk else None


def proposed_pairs(draft: SyncDraft) -> list[dict[str, str]]:
    """Which fields of a two-way sync belong together, going by both mappings; none before these are published."""
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    there, back = mapping_of(draft, "mapping"), mapping_of(draft, "mapping_back")
    if not (source and destination and there and there.published and back and back.published):
        return []
    left, right = (known(end.connection, end.object.name) for end in (source, destination))
    return propose_pairs(left, right, there.published, back.published) if left and right else []


def has_pairs_to_see(draft: SyncDraft) -> bool:
    """True when the pairs of a two-way sync can be proposed, and nobody has looked at them."""
    return bool(draft.choices.get("two_ways") and not draft.choices.get("pairs") and proposed_pairs(draft))


def _plan_back(draft: SyncDraft, back: Mapping, source: End, destination: End) -> SyncPlan:
    """The same the other way round. What left one side is nobody's business on the other."""
    there = plan_from(draft, back, destination, source)
    return replace(
        there,
        name=f"{plan_name(draft, source, destination)} (back)"[:120],
        destination_key=str(draft.choices.get("key_back") or source.object.default_key),
        read_mode=proposed_reading(destination),
        conditions=(),
        match_fields=(),
        departed=Departed.NOTHING,
        departed_field="",
    )


def plan_name(draft: SyncDraft, source: End, destination: End) -> str:
    """The name as chosen or proposed."""
    return str(draft.choices.get("name") or proposed_name(source, destination))


def turn_on(draft_id: int, actor: str) -> Sync:
    """Make the sync, or both of a two-way one, and switch it on. RefusedTransitionError when something is still missing."""
    with transaction.atomic():
        draft = SyncDraft.objects.select_for_update().get(pk=draft_id)
        if draft.sync_id is not None:
            raise RefusedTransitionError("This sync is turned on already.")
        problems = problems_of(draft)
        if problems:
            raise RefusedTransitionError(next(iter(problems.values())))
        draft.sync = _make(draft, actor)
        draft.save(update_fields=["sync", "updated_at"])
    return draft.sync


def _make(draft: SyncDraft, actor: str) -> Sync:
    source, destination, mapping = end_of(draft, "source"), end_of(draft, "destination"), mapping_of(draft, "mapping")
    assert source and destination and mapping
    plan, timing = plan_from(draft, mapping, source, destination), timing_from(draft)
    if not draft.choices.get("two_ways"):
        sync = create_sync(plan, actor)
        set_timing(sync.pk, timing, actor)
        return sync
    back = mapping_of(draft, "mapping_back")
    assert back
    wins = Winner(draft.choices.get("wins") or Winner.ASK)
    row = create_two_way(plan, _plan_back(draft, back, source, destination), draft.choices["pairs"], wins, actor)
    Sync.objects.filter(pk__in=[row.rightward_id, row.leftward_id]).update(is_enabled=True)
    set_timing(row.rightward_id, timing, actor)
    hears_both = timing.on_webhook and can_listen(destination)
    set_timing(row.leftward_id, Timing(after=row.rightward_id, on_webhook=hears_both), actor)
    return row.rightward
