"""Pairs the fields of a source with those of a destination. The order in which fields are given changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from integrations.enums import FieldType
from integrations.mappings.matching.fitting import find_fit
from integrations.mappings.matching.match import LOWEST, Conversion, Level, Match
from integrations.mappings.matching.meaning import FieldMeaning, Kind, find_kind, read_fields
from integrations.mappings.matching.samples import Samples, Shape
from integrations.mappings.matching.scoring import Scored, Weights, name_of, score_exact, score_part
from integrations.mappings.matching.vocabulary import vocabulary
from integrations.types import FieldSchema, FlatRecord, ObjectSchema

_GOOD = 0.85
_AS_GOOD = 0.005
_MOST_IN_DOUBT = 0.8
_MOST_FOR_A_TWIN, _MOST_FOR_A_SECOND = 0.7, 0.5
_MOST_ACROSS_KINDS = 0.7
_COMMONEST_WORD = 60
_BY_LOOKS, _BY_LOOKS_IN_DOUBT = 0.75, 0.5

_RELATED = (
    ("country code", "country", Conversion.COUNTRY_CODE, 0.75, "Names of countries are turned into codes."),
    ("country", "country code", Conversion.COUNTRY_NAME, 0.75, "Codes of countries are written out as names."),
    ("state code", "state", Conversion.STATE_CODE, 0.75, "Names of states are turned into codes."),
    ("state", "state code", Conversion.STATE_NAME, 0.75, "Codes of states are written out as names."),
    ("first name", "full name", Conversion.FIRST_NAME, 0.7, "It holds the whole name, which is taken apart."),
    ("last name", "full name", Conversion.LAST_NAME, 0.7, "It holds the whole name, which is taken apart."),
)
"""What can be made of something else: goal, origin, how, how good that is at best, and why."""
_PARTS = (Conversion.FIRST_NAME, Conversion.LAST_NAME)
_SHOWS = {"email address": Shape.EMAIL, "phone number": Shape.PHONE, "website": Shape.WEBSITE}
_UNWRITABLE = (FieldType.REFERENCE, FieldType.OTHER)


def match_fields(
    source: ObjectSchema, destination: ObjectSchema, samples: Sequence[FlatRecord] = ()
) -> tuple[Match, ...]:
    """The pairs that seem right: for each destination field at most one source field, keys and required fields first.

    Only what can be read and written is paired, and only where values can be converted. `samples` are source records.
    """
    return _Matching(source, destination, Samples(samples)).find()


class _Matching:
    """One search. Sources are looked up by what they are about, so that 900 fields cost little more than 90."""

    def __init__(self, source: ObjectSchema, destination: ObjectSchema, samples: Samples) -> None:
        self._sources = sorted(_usable(source, "readable"), key=lambda one: one.field.name)
        self._destinations = _usable(destination, "writable")
        self._samples = samples
        self._has_other_kind = {find_kind(source), find_kind(destination)} == {Kind.PERSON, Kind.COMPANY}
        self._weights = Weights([*self._sources, *self._destinations])
        self._by_core: dict[frozenset[str], list[FieldMeaning]] = defaultdict(list)
        self._by_word: dict[str, list[FieldMeaning]] = defaultdict(list)
        for one in self._sources:
            for core in dict.fromkeys(reading.core for reading in one.readings):
                self._by_core[core].append(one)
            for word in one.main.core:
                self._by_word[word].append(one)

    def find(self) -> tuple[Match, ...]:
        best = [found for one in self._destinations if (found := self._find_best(one)) is not None]
        kept = [scored for scored in self._rank_seconds(best) if scored.score >= LOWEST]
        order = {one.field.name: _rank(one.field) for one in self._destinations}
        return tuple(sorted(map(_to_match, kept), key=lambda match: order[match.destination_field]))

    def _find_best(self, wanted: FieldMeaning) -> Scored | None:
        found = sorted(self._candidates(wanted), key=lambda scored: scored.order)
        if not found:
            return None
        best = found[0]
        if len(found) > 1 and best.score - found[1].score < _AS_GOOD and best.order[1]:
            other = found[1].source.field
            best = best.capped(_MOST_IN_DOUBT, f"“{other.label or other.name}” would fit as well.")
        if self._has_other_kind and not best.destination.main.core <= _about_companies():
            best = best.capped(_MOST_ACROSS_KINDS, "One side is a person and the other a company.")
        return best

    def _candidates(self, wanted: FieldMeaning) -> list[Scored]:
        same = {one.field.name: one for reading in wanted.readings for one in self._by_core.get(reading.core, ())}
        found = [scored for one in same.values() if (scored := score_exact(one, wanted, self._samples))]
        if any(scored.score >= _GOOD for scored in found):
            return found
        found += self._related(wanted)
        found += [scored for one in self._near(wanted, same) if (scored := score_part(one, wanted, self._weights))]
        return found if any(scored.score >= _BY_LOOKS for scored in found) else [*found, *self._by_looks(wanted)]

    def _near(self, wanted: FieldMeaning, same: Iterable[str]) -> list[FieldMeaning]:
        """Sources that share a word with it, unless nearly every source does."""
        words = [word for word in sorted(wanted.main.core) if len(self._by_word.get(word, ())) <= _COMMONEST_WORD]
        near = {one.field.name: one for word in words for one in self._by_word.get(word, ())}
        return [one for name, one in near.items() if name not in same]

    def _related(self, wanted: FieldMeaning) -> Iterator[Scored]:
        about = name_of(wanted.main)
        for goal, origin, conversion, score, reason in _RELATED:
            if about == goal:
                for one in self._by_core.get(frozenset({origin}), ()):
                    if one.main.weak == wanted.main.weak and find_fit(one.field, wanted.field, goal) is not None:
                        yield Scored(one, wanted, score, conversion, (reason,))

    def _by_looks(self, wanted: FieldMeaning) -> Iterator[Scored]:
        """Sources whose name says nothing, but whose values show what they are."""
        shape = _SHOWS.get(name_of(wanted.main))
        if shape is None:
            return
        silent = [one for one in self._sources if all(map(_says_nothing, one.main.core))]
        alike = [one for one in silent if self._samples.find_shape(one.field.name) is shape]
        for one in alike:
            fit = find_fit(one.field, wanted.field, name_of(wanted.main))
            if fit is not None:
                score = _BY_LOOKS if len(alike) == 1 else _BY_LOOKS_IN_DOUBT
                reason = f"The values of “{one.field.label or one.field.name}” look like {shape.value}."
                yield Scored(one, wanted, score, fit.conversion, (reason, fit.how))

    def _rank_seconds(self, best: list[Scored]) -> Iterator[Scored]:
        """A source may feed several fields, but only the one that fits best is a sure pair."""
        by_source: dict[str, list[Scored]] = defaultdict(list)
        for scored in best:
            by_source[scored.source.field.name].append(scored)
        for group in by_source.values():
            first, *others = sorted(group, key=lambda scored: (*_preference(scored), scored.order))
            yield first
            for scored in others:
                is_equal = scored.is_twin or scored.destination.field.is_key or scored.conversion in _PARTS
                most = _MOST_FOR_A_TWIN if is_equal else _MOST_FOR_A_SECOND
                field = first.destination.field
                yield scored.capped(most, f"It fits “{field.label or field.name}” better.")


def _usable(schema: ObjectSchema, wanted: str) -> list[FieldMeaning]:
    fields = [one for one in read_fields(schema) if one.field.type not in _UNWRITABLE]
    return [one for one in fields if getattr(one.field, wanted)]


def _about_companies() -> frozenset[str]:
    return vocabulary().lists["about the company"] | {"company name"}


def _says_nothing(word: str) -> bool:
    return len(word) <= 2 or word.isdigit() or word in vocabulary().lists["says nothing"]


def _preference(scored: Scored) -> tuple[bool, float]:
    return not scored.is_exact, -round(scored.score, 6)


def _rank(field: FieldSchema) -> tuple[bool, bool, str]:
    return not field.is_key, not field.required, field.name


def _to_match(scored: Scored) -> Match:
    confidence = round(scored.score, 3)
    why = " ".join(reason for reason in scored.reasons if reason)
    names = scored.source.field.name, scored.destination.field.name
    return Match(*names, confidence, Level.of(confidence), why, scored.conversion)
