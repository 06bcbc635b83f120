"""How many a sync would include, and what would become of ten of them, in words."""

from collections.abc import Sequence

from integrations.orchestrator.previews import Counted, Preview
from integrations.orchestrator.sync_drafts import End
from integrations.types import ObjectSchema
from syncpanel.templatetags.words import count
from syncpanel.words.mappings import Case, CaseRow, name_of
from syncpanel.words.record import counterpart, label_of, shown


def count_words(counted: Counted, source: End) -> str:
    """ "18,204 of 47,000 people match", "About 18,200 of …" from a sample, or that nobody can tell."""
    one, many = source.object.noun
    if counted.included is None:
        return f"{source.connection.name} does not say how many {many} it has."
    of = f" of {count(counted.total)}" if counted.total is not None and counted.total != counted.included else ""
    noun = one if counted.included == 1 and not of else many
    if counted.is_exact:
        return f"{count(counted.included)}{of} {noun} {'matches' if counted.included == 1 else 'match'}."
    step = 100 if counted.included > 10_000 else 10
    rounded = round(counted.included / step) * step if counted.included > 10 * step else counted.included
    return f"About {count(rounded)}{of} {noun} match, going by the first {count(counted.sample)}."


def preview_cases(previews: Sequence[Preview], schema: ObjectSchema | None) -> list[Case]:
    """One case a person, as the mapping editor shows them."""
    return [_case(at, preview, schema) for at, preview in enumerate(previews)]


def _case(at: int, preview: Preview, schema: ObjectSchema | None) -> Case:
    outcome = preview.outcome
    bad = {problem.field for problem in outcome.problems}
    rows = tuple(
        CaseRow(
            label=label_of(schema, name),
            received=_came(preview, name, value),
            sent=shown(value),
            state="bad" if name in bad else "",
        )
        for name, value in outcome.output.items()
    )
    why = " ".join(problem.message for problem in outcome.problems) or outcome.reason
    state, word = ("ok", "Fine") if outcome.is_fine else ("warn", "Would wait on the Fix-it list")
    if outcome.fate == "left_out":
        state, word = "idle", "Left out"
    name = name_of(preview.received) or shown(preview.received.get("id"))
    return Case(at, name, "", state, word, rows, why, outcome.technical, can_be_right=False)


def _came(preview: Preview, name: str, value: object) -> str | None:
    found = counterpart(name, value, preview.received)
    return None if found is None else shown(preview.received.get(found))
