"""The rules of a mapping as cards: what happens to each field in words, from where, in which lines, and what is new."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from integrations.enums import RuleOrigin
from integrations.mappings.field_lines import FieldCode, find_field_code
from integrations.mappings.field_prints import LEFT_OUT, short_prints
from integrations.models import MappingDraft, MappingVersion
from integrations.types import ObjectSchema
from syncpanel.words.record import label_of

NEW, CHANGED, GONE = "New", "Changed", "No longer sent"
_LONGEST = 60
_DEEPEST = 6
_AS_IT_IS = "as it is"
_WAYS = {
    "clean_email": "in lower case, without spaces",
    "clean_text": "tidied",
    "cut_text": "tidied and cut to length",
    "clean_name": "tidied",
    "name_case": "with capital first letters",
    "clean_phone": "in international form",
    "country_code": "as a country code",
    "country_name": "as the name of the country",
    "state_code": "as a state code",
    "state_name": "as the name of the state",
    "to_bool": "as yes or no",
    "to_number": "as a number",
    "to_int": "as a whole number",
    "to_date": "as a date",
    "to_datetime": "as a point in time",
    "choose": "in the words of the other side",
    "choose_each": "each in the words of the other side",
    "split_multi": "as a list",
    "join_multi": "joined",
    "str": "as text",
}


@dataclass(frozen=True, slots=True)
class RuleCard:
    """What happens to one field. `mark` is the sign it carries, or empty; `is_outdated` when its words are older than
    its code; `is_derived` when its words were read from the code. `lines` of the draft make it.
    """

    field: str
    label: str
    text: str
    uses: str
    mark: str = ""
    lines: tuple[int, ...] = ()
    is_outdated: bool = False
    is_derived: bool = False

    @property
    def line_numbers(self) -> str:
        """For the page: the lines, with a space between them."""
        return " ".join(map(str, self.lines))


@dataclass(frozen=True, slots=True)
class Question:
    """Something a person should decide; `place` names it to the engine. `answer` is empty while it is open."""

    place: int
    label: str
    text: str
    answer: str


def questions_of(draft: MappingDraft, destination: ObjectSchema | None) -> list[Question]:
    """The draft's questions, those without an answer first."""
    found = [
        Question(
            place,
            label_of(destination, one["field"]) if one.get("field") else "A question",
            one["text"],
            one.get("answer") or "",
        )
        for place, one in enumerate(draft.questions)
    ]
    return sorted(found, key=lambda question: bool(question.answer))


def rule_cards(
    draft: MappingDraft,
    published: MappingVersion | None,
    source: ObjectSchema | None,
    destination: ObjectSchema | None,
) -> list[RuleCard]:
    """One for each rule of the draft, for each field its code sets that no rule speaks of, and for each that is gone."""
    codes = find_field_code(draft.code)
    now = short_prints(draft.code)
    told = {rule["field"] for rule in draft.rules}
    cards = [_from_rule(rule, codes.get(rule["field"]), now, source, destination) for rule in draft.rules]
    cards += [_from_code(name, code, source, destination) for name, code in codes.items() if name not in told]
    if published is None or now is None:
        return cards
    before = short_prints(published.code) or {}
    texts = {rule["field"]: rule["text"] for rule in published.rules}
    marked = [_marked(card, before, now, texts) for card in cards]
    return [*marked, *_leavings(before, now), *_gone(before, now, told, destination)]


def _from_rule(
    rule: Mapping[str, str],
    code: FieldCode | None,
    now: Mapping[str, str] | None,
    source: ObjectSchema | None,
    destination: ObjectSchema | None,
) -> RuleCard:
    field = rule["field"]
    by_hand = rule.get("by") == RuleOrigin.HAND and (now or {}).get(field, "") != rule.get("print")
    uses = rule.get("uses") or (_labels(code.reads, source) if code else "")
    label = label_of(destination, field) if field else "In general"
    mark = RuleOrigin.HAND.label if by_hand else ""
    return RuleCard(field, label, rule["text"], uses, mark, code.lines if code else (), is_outdated=by_hand)


def _from_code(field: str, code: FieldCode, source: ObjectSchema | None, destination: ObjectSchema | None) -> RuleCard:
    uses = _labels(code.reads, source)
    text = _describe(code, source, uses)
    return RuleCard(field, label_of(destination, field), text, uses, "", code.lines, is_derived=True)


def _marked(card: RuleCard, before: Mapping[str, str], now: Mapping[str, str], texts: Mapping[str, str]) -> RuleCard:
    """A card with the sign of what differs from what is published; code that cannot be followed is told by its words."""
    was, will_be = before.get(card.field), now.get(card.field)
    if was and not will_be:
        return replace(card, mark=GONE, text="The code no longer sets it.", is_outdated=False)
    if was == will_be and (was or texts.get(card.field) == card.text):
        return replace(card, mark=card.mark if not was else "")
    return replace(card, mark=card.mark or (CHANGED if was or card.field in texts else NEW))


def _leavings(before: Mapping[str, str], now: Mapping[str, str]) -> list[RuleCard]:
    if before.get(LEFT_OUT) == now.get(LEFT_OUT):
        return []
    text = "Other people than before are left out." if now.get(LEFT_OUT) else "Nobody is left out any more."
    return [RuleCard(LEFT_OUT, "Who is left out", text, "", CHANGED)]


def _gone(
    before: Mapping[str, str], now: Mapping[str, str], told: set[str], destination: ObjectSchema | None
) -> list[RuleCard]:
    names = [name for name in before if name and name not in now and name not in told]
    return [RuleCard(name, label_of(destination, name), "The code no longer sets it.", "", GONE) for name in names]


def _labels(names: Sequence[str], schema: ObjectSchema | None) -> str:
    return ", ".join(dict.fromkeys(_label(name, schema) for name in names))


def _label(name: str, schema: ObjectSchema | None) -> str:
    """What the platform calls it; each record's own id has no name there."""
    label = label_of(schema, name)
    return "Record ID" if label == "id" else label


def _describe(code: FieldCode, source: ObjectSchema | None, uses: str) -> str:
    """What the value is, where a sentence says it; else what it is made from."""
    words = _words(code.values[0], code, source) if len(code.values) == 1 else ""
    if words:
        return f"{words[0].upper()}{words[1:]}."
    return f"Worked out in the code from {uses}." if uses else "Worked out in the code."


def _words(node: ast.expr, code: FieldCode, source: ObjectSchema | None, depth: int = 0) -> str:
    """What this piece of code gives, for the few forms that are said quickly; else empty."""

    def inner(part: ast.expr) -> str:
        return _words(part, code, source, depth + 1) if depth < _DEEPEST else ""

    match node:
        case ast.Constant(value=value):
            words = "always empty" if value in (None, "") else f"always “{_plain(value)}”"
        case ast.Name(id=name) if name in code.names:
            words = inner(code.names[name])
        case (
            ast.Subscript(value=ast.Name(id="record"), slice=ast.Constant(value=str() as name))
            | ast.Call(
                func=ast.Attribute(value=ast.Name(id="record"), attr="get"),
                args=[ast.Constant(value=str() as name)],
            )
        ):
            words = f"{_label(name, source)}, {_AS_IT_IS}"
        case ast.Call(func=ast.Name(id=called), args=[first, *_]) if called in _WAYS:
            words = _in_this_way(inner(first), _WAYS[called])
        case ast.BoolOp(op=ast.Or(), values=[first, second]):
            words = _or(inner(first), inner(second))
        case _:
            words = ""
    return words


def _in_this_way(words: str, way: str) -> str:
    return f"{words.removesuffix(f', {_AS_IT_IS}')}, {way}" if words else ""


def _or(first: str, second: str) -> str:
    return f"{first}; if there is none, {second.removeprefix('always ')}" if first and second else ""


def _plain(value: Any) -> str:
    text = {True: "Yes", False: "No"}[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
