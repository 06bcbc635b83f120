"""The sentence that a sync is, while it is being made: from what was chosen so far."""

from typing import Any

from integrations.enums import Departed, Operator, ReadMode, SyncMode
from integrations.models import Sync, SyncDraft
from integrations.orchestrator.schemas import known
from integrations.orchestrator.sync_drafts import End, end_of, proposed_reading, timing_from
from integrations.orchestrator.timing import Timing, timetable_of
from integrations.timetables import explain, find_problem

OPERATORS = {operator.value: str(operator.label) for operator in Operator}
MODES = {
    SyncMode.UPSERT.value: "Adds and updates.",
    SyncMode.UPDATE.value: "Only updates.",
    SyncMode.CREATE.value: "Only adds.",
}
LEFT = {Departed.ARCHIVE.value: "Archives who left.", Departed.CLEAR.value: "Empties a field of who left."}


def sentence_of(draft: SyncDraft) -> str:
    """ "Every hour, contacts changed in HubSpot whose country is Spain go to Salesforce leads. Adds and updates." """
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    if source is None:
        return "Say first where the people come from."
    when = start_words(draft)
    who = f"{_who(draft, source)}{_conditions(draft, source)}"
    if destination is None:
        return f"{when}, {who} go …"
    chosen = draft.choices
    if chosen.get("two_ways"):
        return (
            f"{when}, {who} and {destination.object.things} of {destination.connection.name} are kept equal, "
            "in both directions."
        )
    does = MODES[chosen.get("write_mode") or destination.object.modes[0]]
    left = LEFT.get(chosen.get("departed", ""), "Never deletes.")
    return f"{when}, {who} go to {destination.connection.name} {destination.object.things}. {does} {left}"


def start_words(draft: SyncDraft) -> str:
    """When it starts, as the beginning of a sentence."""
    return timing_words(timing_from(draft))


def timing_words(timing: Timing) -> str:
    """What starts it, as the beginning of a sentence."""
    told = _after_words(timing.after) if timing.after else _clock_words(timing)
    if timing.on_webhook:
        told = f"{told}, and within seconds of a change" if told else "Within seconds of a change"
    return told or "Whenever it is started"


def _after_words(after: int) -> str:
    name = Sync.objects.filter(pk=after).values_list("name", flat=True).first()
    return f"After “{name}”" if name else "After another sync"


def _clock_words(timing: Timing) -> str:
    table = timetable_of(timing)
    if find_problem(table) is None and (told := explain(table)):
        return f"{told[:1].upper()}{told[1:]}"
    return ""


def _who(draft: SyncDraft, source: End) -> str:
    kind, name = source.object.things, source.connection.name
    mode = draft.choices.get("read_mode") or proposed_reading(source)
    return f"{kind} changed in {name}" if mode == ReadMode.INCREMENTAL else f"all {kind} of {name}"


def _conditions(draft: SyncDraft, source: End) -> str:
    told = condition_words(draft.choices.get("conditions") or [], source)
    return f" whose {' and whose '.join(told)}" if told else ""


def condition_words(conditions: list[dict[str, str]], source: End) -> list[str]:
    """Each condition as the end of a sentence: "country is Spain"."""
    schema = known(source.connection, source.object.name)
    told = []
    for one in conditions:
        field = schema.field(one["field"]) if schema else None
        label = (field.label if field else one["field"]).lower()
        told.append(f"{label} {OPERATORS.get(one['operator'], one['operator'])} {_value(one, field)}".strip())
    return told


def _value(condition: dict[str, str], field: Any) -> str:
    value = condition.get("value", "")
    labels = dict(zip(field.choices, field.choice_labels, strict=False)) if field else {}
    return str(labels.get(value, value))
