"""A mapping in words: its rules as cards, its trials as cases, what stands between a draft and publishing it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.orchestrator.trials import Outcome, Trial, Tried
from integrations.types import FieldSchema, FlatRecord, ObjectSchema
from syncpanel.words.record import HIDDEN, counterpart, label_of, shown

SHOWN = ("problems", "changed", "all")
DOTS = 60
_NAMES = (("firstname", "lastname"), ("FirstName", "LastName"), ("name",), ("Name",))
_LONGEST_TECHNICAL = 600


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One field of a case: what came in, what goes out. `state` is "bad", "chg" or "". `before` went out until now."""

    label: str
    received: str | None
    sent: str
    state: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One person the draft was tried on."""

    pk: int
    name: str
    note: str
    state: str
    word: str
    rows: tuple[CaseRow, ...]
    why: str
    technical: str
    can_be_right: bool


@dataclass(frozen=True, slots=True)
class Cases:
    """All trials in words: `dots` has one letter a person, "o" fine, "c" changed, "w" needs a look."""

    summary: str
    dots: str
    shown: str
    counts: Mapping[str, int]
    cases: tuple[Case, ...]
    broken: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of an object with some of the values people have in it."""

    field: FieldSchema
    samples: str


def field_rows(schema: ObjectSchema | None, words: str, records: Sequence[FlatRecord]) -> list[FieldRow] | None:
    """The fields whose name or label has these words; None when the object was never described."""
    if schema is None:
        return None
    found = (field for field in schema.fields if words in f"{field.name} {field.label}".lower())
    return [FieldRow(field, _some_values(field.name, records)) for field in found]


def _some_values(name: str, records: Sequence[FlatRecord]) -> str:
    values = dict.fromkeys(shown(record.get(name)) for record in records)
    return ", ".join(value[:40] for value in list(filter(None, values))[:3])


def cases_of(tried: Tried, asked: str, source: ObjectSchema | None, destination: ObjectSchema | None) -> Cases:
    """The trials that are asked for; without problems, those that changed, and so on."""
    problems = [trial for trial in tried.trials if not trial.outcome.is_fine]
    changed = [trial for trial in tried.trials if trial.changed or _fate_changed(trial)]
    lists: dict[str, Sequence[Trial]] = {"problems": problems, "changed": changed, "all": tried.trials}
    shown_list = asked if asked in SHOWN else next((name for name in SHOWN if lists[name]), "all")
    total, fine = len(tried.trials), len(tried.trials) - len(problems)
    return Cases(
        summary=f"{fine} of {total} fine" if total else "Nobody to try it on yet",
        dots="".join(_dot(trial, changed) for trial in tried.trials[:DOTS]),
        shown=shown_list,
        counts={name: len(found) for name, found in lists.items()},
        cases=tuple(case_of(trial, source, destination) for trial in lists[shown_list]),
        broken=tried.broken,
    )


def case_of(trial: Trial, source: ObjectSchema | None, destination: ObjectSchema | None) -> Case:
    """One trial: the fields in question first, then what changed, then the rest."""
    state, word = _state_of(trial)
    outcome = trial.outcome
    return Case(
        pk=trial.sample.pk,
        name=name_of(trial.received) or trial.sample.source_id,
        note="made up" if trial.sample.is_made_up else "picked" if trial.sample.is_picked else "",
        state=state,
        word=word,
        rows=tuple(_rows(trial, source, destination)),
        why=_why(outcome),
        technical=outcome.technical[:_LONGEST_TECHNICAL],
        can_be_right=outcome.is_fine,
    )


def name_of(record: FlatRecord) -> str:
    """What a person is called, as well as can be told from a record of any platform."""
    for fields in _NAMES:
        words = " ".join(str(record.get(field) or "").strip() for field in fields).strip()
        if words:
            return words
    texts = (value for value in record.values() if isinstance(value, str) and "@" in value)
    return next(texts, "")


def values_of(
    record: FlatRecord | None, schema: ObjectSchema | None, only: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Label and value of each field, or of some."""
    wanted = set(only)
    rows = ((name, value) for name, value in (record or {}).items() if not wanted or name in wanted)
    return [(label_of(schema, name), shown(value)) for name, value in rows]


def _rows(trial: Trial, source: ObjectSchema | None, destination: ObjectSchema | None) -> list[CaseRow]:
    outcome, left = trial.outcome, {name: v for name, v in trial.received.items() if name not in HIDDEN}
    bad = {problem.field: problem.message for problem in outcome.problems if problem.field}
    names = list(dict.fromkeys([*bad, *trial.changed, *outcome.output]))
    before = trial.before.output if trial.before else {}
    return [_row(name, trial, left, bad, before, destination) for name in names]


def _row(
    name: str,
    trial: Trial,
    left: dict[str, Any],
    bad: Mapping[str, str],
    before: Mapping[str, Any],
    destination: ObjectSchema | None,
) -> CaseRow:
    value = trial.outcome.output.get(name)
    matched = counterpart(name, value, left)
    received = shown(left.pop(matched)) if matched else None
    label = label_of(destination, name)
    if name in bad:
        return CaseRow(label, received, shown(value) or "Empty", "bad")
    if name in trial.changed:
        return CaseRow(label, received, shown(value), "chg", shown(before.get(name)) or "empty")
    return CaseRow(label, received, shown(value))


def _why(outcome: Outcome) -> str:
    messages = dict.fromkeys(problem.message for problem in outcome.problems)
    if messages:
        return " ".join(messages)
    if outcome.fate == "left_out":
        return f"Left out: {outcome.reason}." if outcome.reason else "Left out by the mapping."
    return outcome.reason


def _state_of(trial: Trial) -> tuple[str, str]:
    if not trial.outcome.is_fine:
        return "warn", "Needs a look"
    if trial.outcome.fate == "left_out":
        return "idle", "Left out"
    return ("running", "Changed") if trial.changed or _fate_changed(trial) else ("ok", "Fine")


def _fate_changed(trial: Trial) -> bool:
    return trial.before is not None and trial.before.fate != trial.outcome.fate


def _dot(trial: Trial, changed: Sequence[Trial]) -> str:
    if not trial.outcome.is_fine:
        return "w"
    return "c" if any(trial is other for other in changed) else "o"
