"""How well two fields go together: by what they are about, by their types, and by what their values look like."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import log

from integrations.enums import FieldType
from integrations.mappings.matching.fitting import Fit, find_fit
from integrations.mappings.matching.match import Conversion
from integrations.mappings.matching.meaning import COMPANY, FieldMeaning, Meaning, named_meanings
from integrations.mappings.matching.samples import Samples, Shape
from integrations.mappings.matching.vocabulary import vocabulary
from integrations.mappings.matching.words import split_text

RECORD_ID, OWNER, CREATED = "record's own id", "owner", "date of creation"
_KEPT_BY_THE_SYSTEM = frozenset({"date of change", "date of last activity"})

_SAME_KNOWN, _SAME_WORDS, _SAME_WORD, _SAYS_LITTLE = 0.98, 0.95, 0.9, 0.8
_FURTHER_READING, _NAME_AND_LABEL_DIFFER, _TORN = 0.03, 0.02, 0.2
_NEUTRAL, _WEAK_ON_ONE_SIDE, _WEAK_ON_BOTH = 0.02, 0.04, 0.3
_ENOUGH_IN_COMMON, _MOST_IN_PART, _MOST_OF_ANOTHER_THING = 0.55, 0.8, 0.59
_KEY_WITH_TOOL_NAME = 0.7
_LITTLE_WITH_CHOICES = 0.9
_CONTRADICTED = 0.55


@dataclass(frozen=True, slots=True)
class Scored:
    """One possible pair. `reasons` are sentences, the most telling first.

    `is_exact`: both are about the same. `is_twin`: and nothing at all, in name or label, tells them apart.
    """

    source: FieldMeaning
    destination: FieldMeaning
    score: float
    conversion: Conversion
    reasons: tuple[str, ...]
    is_exact: bool = False
    is_twin: bool = False

    def capped(self, most: float, reason: str) -> "Scored":
        """The same pair, at most this good, with the reason for it."""
        if self.score <= most:
            return self
        return replace(self, score=most, reasons=(*self.reasons, reason))

    @property
    def order(self) -> tuple[object, ...]:
        """Sorts the best pair first and never leaves two in doubt, in whatever order the fields came."""
        source, destination = self.source.field, self.destination.field
        has_other_name = split_text(source.name) != split_text(destination.name)
        return (-round(self.score, 6), has_other_name, source.label != destination.label, source.name, destination.name)


class Weights:
    """How much a word says: the rarer it is among the fields of both sides, the more."""

    def __init__(self, fields: Iterable[FieldMeaning]) -> None:
        counts = Counter(word for field in fields for reading in field.readings for word in reading.core)
        total = sum(counts.values()) + 1
        self._weights = {word: log(total / count) + 0.1 for word, count in counts.items()}

    def of(self, words: Iterable[str]) -> float:
        """The weight of some words together, summed in a fixed order."""
        return sum(self._weights.get(word, 1.0) for word in sorted(words))


def score_exact(source: FieldMeaning, destination: FieldMeaning, samples: Samples) -> Scored | None:
    """The score of two fields that are about the same; None when they are not, or no value would fit."""
    found = [
        (_closeness(a, b) - _FURTHER_READING * (at + to), a)
        for at, a in enumerate(source.readings)
        for to, b in enumerate(destination.readings)
        if a.core == b.core
    ]
    if not found:
        return None
    closeness, meaning = max(found, key=lambda one: one[0])
    closeness -= _NAME_AND_LABEL_DIFFER * ((len(source.readings) > 1) + (len(destination.readings) > 1))
    if source.is_torn != destination.is_torn:
        closeness -= _TORN
    about = name_of(meaning)
    fit = find_fit(source.field, destination.field, about)
    if fit is None:
        return None
    if _is_vague(meaning) and _has_shared_choices(source, destination, fit):
        closeness += _LITTLE_WITH_CHOICES - _SAYS_LITTLE
    score, fit = _ask_samples(closeness * fit.factor, fit, source, destination, about, samples)
    reasons = (_tell_why(source, destination, meaning), fit.how)
    is_twin = source.readings == destination.readings
    scored = Scored(source, destination, score, fit.conversion, reasons, True, is_twin)
    return _cap(scored, meaning)


def score_part(source: FieldMeaning, destination: FieldMeaning, weights: Weights) -> Scored | None:
    """The score of two fields that only have words in common: never a sure pair, mostly a mere suggestion."""
    a, b = source.main.core, destination.main.core
    common, other = a & b, a ^ b
    fit = find_fit(source.field, destination.field, "")
    if fit is None or any(word.isdigit() for word in other) or other & vocabulary().lists["telling"]:
        return None
    if destination.field.is_key and source.main.is_known and a < b and not other & vocabulary().known:
        reason = f"{_quote(destination)} tells records apart and seems to hold the {name_of(source.main)}."
        return Scored(source, destination, _KEY_WITH_TOOL_NAME, fit.conversion, (reason, fit.how))
    share = 2 * weights.of(common) / (weights.of(a) + weights.of(b))
    if share < _ENOUGH_IN_COMMON or RECORD_ID in common:
        return None
    most = _MOST_OF_ANOTHER_THING if other & named_meanings() else _MOST_IN_PART
    words = " and ".join(f"“{word}”" for word in sorted(common))
    reasons = (f"{_quote(source)} and {_quote(destination)} both speak of {words}.", fit.how)
    return _cap(Scored(source, destination, share * most * fit.factor, fit.conversion, reasons), Meaning(a | b))


def name_of(meaning: Meaning) -> str:
    """What the vocabulary calls it; empty when it has no name for it."""
    return next(iter(meaning.core)) if meaning.is_known else ""


def _closeness(a: Meaning, b: Meaning) -> float:
    if a.is_known:
        closeness = _SAME_KNOWN
    elif _is_vague(a):
        closeness = _SAYS_LITTLE
    else:
        closeness = _SAME_WORDS if len(a.core) > 1 else _SAME_WORD
    neutral = vocabulary().lists["neutral"]
    left, right = a.weak - neutral, b.weak - neutral
    if left != right:
        closeness -= _WEAK_ON_BOTH if left and right else _WEAK_ON_ONE_SIDE
    return closeness - (_NEUTRAL if a.weak & neutral != b.weak & neutral else 0.0)


def _is_vague(meaning: Meaning) -> bool:
    return meaning.core <= vocabulary().lists["says little"]


def _has_shared_choices(source: FieldMeaning, destination: FieldMeaning, fit: Fit) -> bool:
    return bool(source.field.choices and destination.field.choices) and fit.factor == 1.0


def _tell_why(source: FieldMeaning, destination: FieldMeaning, meaning: Meaning) -> str:
    if split_text(source.field.label) == split_text(destination.field.label):
        return f"Both are called {_quote(destination)}."
    about = name_of(meaning)
    return f"{_quote(source)} and {_quote(destination)} both mean {about or 'the same thing'}."


def _quote(field: FieldMeaning) -> str:
    return f"“{field.field.label or field.field.name}”"


def _cap(scored: Scored, meaning: Meaning) -> Scored | None:
    """Ids, owners and dates of the system's own look alike everywhere, and are not the same anywhere.

    None for ids of other records ("parent id"): what they say in one system means nothing in another.
    """
    lists = vocabulary().lists
    if OWNER in meaning.core:
        return scored.capped(0.4, "Owners of two systems are not the same people.")
    if RECORD_ID in meaning.core:
        others = meaning.core - {RECORD_ID, COMPANY}
        if meaning.core == {RECORD_ID} and scored.destination.field.type in (FieldType.STRING, FieldType.TEXT):
            return scored.capped(0.7, "It is the record's id in the source.")
        if others <= lists["telling"] | lists["people"] | lists["companies"]:
            return None
    if meaning.core <= _KEPT_BY_THE_SYSTEM:
        return scored.capped(0.4, "Each system notes its own changes and activities.")
    if meaning.core == {CREATED}:
        return scored.capped(0.7, "It is when the source made the record.")
    return scored


_TYPES_LOOK_LIKE: dict[FieldType, frozenset[Shape]] = {
    FieldType.EMAIL: frozenset({Shape.EMAIL}),
    FieldType.INTEGER: frozenset({Shape.NUMBER}),
    FieldType.NUMBER: frozenset({Shape.NUMBER}),
    FieldType.DATE: frozenset({Shape.DATE, Shape.NUMBER}),
    FieldType.DATETIME: frozenset({Shape.DATE, Shape.NUMBER}),
    FieldType.BOOLEAN: frozenset({Shape.YES_NO, Shape.NUMBER}),
}


def _ask_samples(
    score: float, fit: Fit, source: FieldMeaning, destination: FieldMeaning, about: str, samples: Samples
) -> tuple[float, Fit]:
    """Values that look like something else speak against a pair; a country column may turn out to hold codes."""
    shape, field = samples.find_shape(source.field.name), destination.field
    wanted = _TYPES_LOOK_LIKE.get(field.type)
    if wanted and shape not in wanted and samples.has_values(source.field.name):
        return score * _CONTRADICTED, replace(fit, how="But its values do not look like it.")
    if about == "country" and shape is Shape.TWO_LETTERS and fit.conversion is Conversion.TEXT:
        if field.max_length is not None and field.max_length <= 3:
            return score, replace(fit, conversion=Conversion.COUNTRY_CODE)
        return score, Fit(Conversion.COUNTRY_NAME, 1.0, "Its values are codes, which are written out as names.")
    return score, fit
