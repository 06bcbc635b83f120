"""The steps of the wizard in words: what was chosen in each, and what is still missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.models import SyncDraft
from integrations.orchestrator.sync_drafts import end_of, mapping_of
from syncpanel.templatetags.words import count
from syncpanel.words.sync_plan import sentence_of, start_words


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five. `settings`: the choices that belong to it."""

    name: str
    title: str
    settings: tuple[str, ...]


STEPS = (
    Step("ends", "From and to", ("source", "destination", "two_ways", "name")),
    Step("people", "Who is included", ("read_mode", "conditions")),
    Step(
        "fields",
        "Fields",
        (
            "mapping",
            "mapping_back",
            "destination_key",
            "destination_key_back",
            "key_back",
            "match_fields",
            "pairs",
            "wins",
        ),
    ),
    Step(
        "when",
        "When and how careful",
        (
            "starts",
            "every_minutes",
            "cron",
            "time_zone",
            "after",
            "on_webhook",
            "write_mode",
            "departed",
            "departed_field",
            "batch_size",
        ),
    ),
    Step("try", "Try with ten people", ()),
)


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as the page's left side shows it. `state`: done, now, todo or bad."""

    name: str
    title: str
    note: str
    state: str


def next_step(name: str) -> str:
    """The step after this one; the last one stays."""
    names = [step.name for step in STEPS]
    return names[min(names.index(name) + 1, len(names) - 1)]


def steps_of(draft: SyncDraft, here: str, problems: Mapping[str, str]) -> list[StepLine]:
    """All five, with what was chosen."""
    lines = []
    is_before = True
    for step in STEPS:
        is_before = is_before and step.name != here
        wrong = next((problems[name] for name in step.settings if name in problems), "")
        note = wrong if wrong and is_before else _note(draft, step.name)
        state = "now" if step.name == here else ("bad" if wrong else "done") if is_before else "todo"
        lines.append(StepLine(step.name, step.title, note, state))
    return lines


def _note(draft: SyncDraft, name: str) -> str:
    if name == "ends":
        ends = [end_of(draft, side) for side in ("source", "destination")]
        return " to ".join(end.connection.name for end in ends if end)
    if name == "people":
        number = len(draft.choices.get("conditions") or ())
        return f"{count(number)} {'condition' if number == 1 else 'conditions'}" if number else "Everybody"
    if name == "fields":
        mapping = mapping_of(draft, "mapping")
        return mapping.name if mapping else ""
    return start_words(draft) if name == "when" else "Nothing is sent"


@dataclass(frozen=True, slots=True)
class DraftLine:
    """An unfinished sync in a list: its sentence, and where to go on."""

    draft: SyncDraft
    sentence: str
    step: str
    touched: datetime


def draft_lines(drafts: Sequence[SyncDraft]) -> list[DraftLine]:
    """Each with the first step that nothing was chosen in."""
    return [DraftLine(draft, sentence_of(draft), _go_on(draft.choices), draft.updated_at) for draft in drafts]


def _go_on(chosen: Mapping[str, Any]) -> str:
    told = {"ends": "destination", "people": "read_mode", "fields": "mapping", "when": "starts"}
    return next((step for step, setting in told.items() if not chosen.get(setting)), "try")
