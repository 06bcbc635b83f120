"""A mapping in words: its rules as cards, its trials as cases, what stands between a draft and publishing it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.mappings.field_lines import FieldCode
from integrations.models import MappingExample
from integrations.models.blobs import unpack
from integrations.orchestrator.publishing import Readiness
from integrations.orchestrator.trials import Outcome, Trial
from integrations.types import FieldSchema, FlatRecord, ObjectSchema
from syncpanel.words.record import HIDDEN, counterpart, label_of, shown

SHOWN = ("problems", "changed", "all", "examples")
DOTS = 60
MOST_ROWS = 60
"""Fields of one person that are shown; those in question come first."""
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
    """One person the draft was tried on. `more` fields are not shown, of which so many `more_changed`."""

    pk: int
    name: str
    note: str
    state: str
    word: str
    rows: tuple[CaseRow, ...]
    why: str
    technical: str
    can_be_right: bool
    is_example: bool = False
    more: int = 0
    more_changed: int = 0


@dataclass(frozen=True, slots=True)
class ExampleCase:
    """One example: what is expected, and what the draft makes of it. In `rows`, `received` is what is expected."""

    pk: int
    name: str
    marked_by: str
    is_broken: bool
    can_accept: bool
    rows: tuple[CaseRow, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Cases:
    """All trials in words: `dots` has one letter a person, "o" fine, "c" changed, "w" needs a look."""

    summary: str
    dots: str
    shown: str
    counts: Mapping[str, int]
    cases: tuple[Case, ...]
    broken: str
    examples: tuple[ExampleCase, ...] = ()


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


def cases_of(
    ready: Readiness,
    examples: Sequence[MappingExample],
    asked: str,
    destination: ObjectSchema | None,
    codes: Mapping[str, FieldCode],
) -> Cases:
    """The trials that are asked for; without problems, those that changed, and so on."""
    trials = ready.tried.trials
    problems = [trial for trial in trials if not trial.outcome.is_fine]
    changed = [trial for trial in trials if trial.changed or _fate_changed(trial)]
    lists: dict[str, Sequence[Trial]] = {"problems": problems, "changed": changed, "all": trials, "examples": ()}
    shown_list = asked if asked in SHOWN else next((name for name in SHOWN if lists[name]), "all")
    total, fine = len(trials), len(trials) - len(problems)
    kept = {example.source_id for example in examples}
    return Cases(
        summary=f"{fine} of {total} fine" if total else "Nobody to try it on yet",
        dots="".join(_dot(trial, changed) for trial in trials[:DOTS]),
        shown=shown_list,
        counts={name: len(found) for name, found in lists.items()} | {"examples": len(examples)},
        cases=tuple(case_of(trial, destination, codes, kept) for trial in lists[shown_list]),
        broken=ready.tried.broken,
        examples=tuple(_example_cases(ready, examples, destination)) if shown_list == "examples" else (),
    )


def case_of(
    trial: Trial, destination: ObjectSchema | None, codes: Mapping[str, FieldCode], kept: Collection[str] = ()
) -> Case:
    """One trial: the fields in question first, then what changed, then the rest. `kept`: who is an example."""
    state, word = _state_of(trial)
    outcome = trial.outcome
    is_example = trial.sample.source_id in kept
    names = _names(trial)
    left = names[MOST_ROWS:]
    return Case(
        pk=trial.sample.pk,
        name=name_of(trial.received) or trial.sample.source_id,
        note="made up" if trial.sample.is_made_up else "picked" if trial.sample.is_picked else "",
        state=state,
        word=word,
        rows=tuple(_rows(trial, names[:MOST_ROWS], destination, codes)),
        why=_why(outcome),
        technical=outcome.technical[:_LONGEST_TECHNICAL],
        can_be_right=outcome.is_fine,
        is_example=is_example,
        more=len(left),
        more_changed=len({*left} & {*trial.changed}),
    )


def _example_cases(
    ready: Readiness, examples: Sequence[MappingExample], destination: ObjectSchema | None
) -> Iterator[ExampleCase]:
    """Those that are no longer produced first."""
    broken = {one.example.pk: one for one in ready.broken}
    for example in sorted(examples, key=lambda one: one.pk not in broken):
        expected, found = unpack(example.expected), broken.get(example.pk)
        got = found.got if found else None
        rows = _held_rows(expected or {}, got.output if got else expected or {}, destination)
        yield ExampleCase(
            pk=example.pk,
            name=example.label or example.source_id,
            marked_by=example.marked_by,
            is_broken=found is not None,
            can_accept=got is not None and got.fate != "held",
            rows=tuple(sorted(rows, key=lambda row: not row.state)),
            why=_told(expected, got),
        )


def _held_rows(expected: FlatRecord, got: FlatRecord, destination: ObjectSchema | None) -> Iterator[CaseRow]:
    for name in {**expected, **got}:
        old, new = expected.get(name), got.get(name)
        yield CaseRow(label_of(destination, name), shown(old), shown(new), "bad" if old != new else "")


def _told(expected: FlatRecord | None, got: Outcome | None) -> str:
    """What became of it, when that is another thing than other values."""
    if got is None:
        return "To be left out." if expected is None else ""
    if got.fate == "held":
        return f"It would be held back. {got.reason}"
    if got.fate == "left_out":
        return f"It would be left out{f': {got.reason}' if got.reason else ''}."
    return "It was to be left out and would be sent." if expected is None else ""


def name_of(record: FlatRecord) -> str:
    """What a person is called, as well as can be told from a record of any platform."""
    for fields in _NAMES:
        words = " ".join(str(record.get(field) or "").strip() for field in fields).strip()
        if words:
            return words
    texts = (value for value in record.values() if isinstance(value, str) and "@" in value)
    return next(texts, "")


def _names(trial: Trial) -> list[str]:
    """The fields with a problem first, then those that changed, then the others."""
    bad = (problem.field for problem in trial.outcome.problems if problem.field)
    return list(dict.fromkeys([*bad, *trial.changed, *trial.outcome.output]))


def _rows(
    trial: Trial, names: Sequence[str], destination: ObjectSchema | None, codes: Mapping[str, FieldCode]
) -> list[CaseRow]:
    outcome, left = trial.outcome, {name: v for name, v in trial.received.items() if name not in HIDDEN}
    bad = {problem.field: problem.message for problem in outcome.problems if problem.field}
    before = trial.before.output if trial.before else {}
    return [_row(name, trial, _came_in(name, trial, left, codes), bad, before, destination) for name in names]


def _came_in(name: str, trial: Trial, left: dict[str, Any], codes: Mapping[str, FieldCode]) -> str | None:
    """What the field is made from, as the code tells; where it does not, the received field it looks like."""
    if name in codes:
        values = [shown(trial.received.get(one)) for one in codes[name].reads]
        return ", ".join(dict.fromkeys(filter(None, values))) if values else None
    matched = counterpart(name, trial.outcome.output.get(name), left)
    return shown(left.pop(matched)) if matched else None


def _row(
    name: str,
    trial: Trial,
    received: str | None,
    bad: Mapping[str, str],
    before: Mapping[str, Any],
    destination: ObjectSchema | None,
) -> CaseRow:
    value = trial.outcome.output.get(name)
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
