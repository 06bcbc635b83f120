"""Says in plain words what a suggestion does field by field, and asks what it cannot know."""

from collections.abc import Sequence
from dataclasses import dataclass

from integrations.mappings.matching.conversions import paired_choices
from integrations.mappings.matching.draft import drafted, missing_fields
from integrations.mappings.matching.match import Conversion, Level, Match
from integrations.types import FieldSchema, ObjectSchema

_HOW = {
    Conversion.TEXT: "",
    Conversion.NAME: "",
    Conversion.EMAIL: ", in lower case",
    Conversion.PHONE: ", as an international number where it can be read",
    Conversion.NUMBER: ", as a number",
    Conversion.WHOLE_NUMBER: ", as a whole number",
    Conversion.YES_NO: ", as yes or no",
    Conversion.DATE: ", as a date",
    Conversion.MOMENT: ", as a date and time",
    Conversion.JOINED: ", all choices in one text",
    Conversion.MONTH_AND_DAY: ", as month and day (MM/DD)",
    Conversion.FIRST_NAME: ", of which it takes the first name",
    Conversion.LAST_NAME: ", of which it takes the last name",
    Conversion.COUNTRY_CODE: ", as a two-letter code",
    Conversion.COUNTRY_NAME: ", with the country's name written out",
    Conversion.STATE_CODE: ", as a code where the state is known",
    Conversion.STATE_NAME: ", with the state's name written out",
}
_CHOICES = (Conversion.CHOICE, Conversion.CHOICES)
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class FieldNote:
    """What happens to one destination field, as a sentence. `level` is None when there is not even a suggestion."""

    field: str
    text: str
    level: Level | None


def summarise(matches: Sequence[Match], source: ObjectSchema, destination: ObjectSchema) -> tuple[FieldNote, ...]:
    """One sentence for each field that is filled, required or has a suggestion, in the order of the pairs."""
    in_code = {match.destination_field for match in drafted(matches, source, destination)}
    notes = [_note(match, source, destination, match.destination_field in in_code) for match in matches]
    noted = {match.destination_field for match in matches}
    missing = [field for field in missing_fields(matches, source, destination) if field.name not in noted]
    return (
        *notes,
        *(FieldNote(one.name, f"{_quote(one)} is required, and nothing fills it yet.", None) for one in missing),
    )


def ask_questions(
    matches: Sequence[Match], source: ObjectSchema, destination: ObjectSchema, names: tuple[str, str] = ("", "")
) -> tuple[str, ...]:
    """What a person has to answer before the draft is complete. `names`: what to call the two sides."""
    here, there = names[0] or source.label, names[1] or destination.label
    questions = [
        f"{there} needs {_quote(field)}; no field of {here} seems to hold it. {_guess(field, matches, source)}"
        for field in missing_fields(matches, source, destination)
    ]
    for match in drafted(matches, source, destination):
        questions += _ask_about_choices(match, source, destination)
    return tuple(questions)


def _guess(field: FieldSchema, matches: Sequence[Match], source: ObjectSchema) -> str:
    """The question itself, with a suggestion where there is one."""
    for match in matches:
        origin = source.field(match.source_field)
        if match.destination_field == field.name and origin is not None:
            return f"Could it be {_quote(origin)}?"
    return "Which one does?"


def _note(match: Match, source: ObjectSchema, destination: ObjectSchema, is_in_code: bool) -> FieldNote:
    a, b = source.field(match.source_field), destination.field(match.destination_field)
    goal, origin = _quote(b) if b else match.destination_field, _quote(a) if a else match.source_field
    if a is None or b is None or not is_in_code:
        return FieldNote(
            match.destination_field, f"{goal} stays empty; it could come from {origin}. {match.why}", match.level
        )
    how = _tell_choices(a, b) if match.conversion in _CHOICES else _HOW[match.conversion]
    doubt = f" Not sure: {match.why}" if match.level is Level.MEDIUM else ""
    return FieldNote(match.destination_field, f"{goal} comes from {origin}{how}.{doubt}", match.level)


def _tell_choices(source: FieldSchema, destination: FieldSchema) -> str:
    if not destination.choices:
        return ""
    if not source.choices:
        return ", as the choice of that name"
    paired = len(paired_choices(source, destination))
    if paired == len(source.choices):
        return ", choice by choice"
    return f"; {paired} of its {len(source.choices)} choices are paired by name, the others stay empty"


def _ask_about_choices(match: Match, source: ObjectSchema, destination: ObjectSchema) -> list[str]:
    a, b = source.field(match.source_field), destination.field(match.destination_field)
    if a is None or b is None or match.conversion not in _CHOICES or not (a.choices and b.choices):
        return []
    paired = paired_choices(a, b)
    labels = dict(zip(a.choices, a.choice_labels, strict=False))
    left = [labels.get(value) or value for value in a.choices if value not in paired]
    if not left:
        return []
    some = ", ".join(f"“{label}”" for label in left[:_EXAMPLES])
    more = f" and {len(left) - _EXAMPLES} more" if len(left) > _EXAMPLES else ""
    verb = "has" if len(left) == 1 else "have"
    return [
        f"{_quote(a)}: {some}{more} {verb} no choice of that name in {_quote(b)}. Where do they go? They stay empty so far."
    ]


def _quote(field: FieldSchema) -> str:
    return f"“{field.label or field.name}”"
