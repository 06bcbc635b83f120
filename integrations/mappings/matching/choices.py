"""Pairs the choices of two picklists by value and label."""

from collections.abc import Sequence
from functools import lru_cache

from integrations.mappings.matching.words import singular, split_text
from integrations.types import FieldSchema

_TRUE = frozenset({"true", "yes", "y", "1", "on"})
_FALSE = frozenset({"false", "no", "n", "0", "off"})


@lru_cache(maxsize=10_000)
def _plain(text: str) -> tuple[str, ...]:
    return tuple(singular(word) for word in split_text(text))


def labelled_choices(field: FieldSchema) -> list[tuple[str, str]]:
    """Each choice with its label; the value itself where there is none."""
    labels = [*field.choice_labels, *[""] * (len(field.choices) - len(field.choice_labels))]
    return [(value, label or value) for value, label in zip(field.choices, labels, strict=False)]


def pair_choices(source: FieldSchema, destination: FieldSchema) -> dict[str, str]:
    """Source choice → destination choice, for those that are called the same, whatever their case or plural."""
    by_value, by_label = _index(destination.choices, destination.choices), _index_labels(destination)
    found: dict[str, str] = {}
    for value, label in labelled_choices(source):
        for text in (value, label):
            choice = by_value.get(_plain(text)) or by_label.get(_plain(text))
            if choice is not None:
                found.setdefault(value, choice)
    return found


def _index_labels(field: FieldSchema) -> dict[tuple[str, ...], str]:
    pairs = labelled_choices(field)
    return _index([label for _, label in pairs], [value for value, _ in pairs])


def _index(texts: Sequence[str], values: Sequence[str]) -> dict[tuple[str, ...], str]:
    index: dict[tuple[str, ...], str] = {}
    for text, value in zip(texts, values, strict=True):
        index.setdefault(_plain(text), value)
    index.pop((), None)
    return index


def share_paired(source: FieldSchema, destination: FieldSchema) -> float:
    """How much of the smaller side has a counterpart, 0 to 1; 1 when either list is not known."""
    if not (source.choices and destination.choices):
        return 1.0
    paired = pair_choices(source, destination)
    return max(len(paired) / len(source.choices), len(set(paired.values())) / len(destination.choices))


def is_yes_or_no(field: FieldSchema) -> bool:
    """True when its choices are a yes and a no."""
    values = {value.strip().lower() for value in field.choices}
    return bool(values & _TRUE) and bool(values & _FALSE) and values <= _TRUE | _FALSE


def share_of_numbers(field: FieldSchema) -> float:
    """How many of its choices are plain numbers, 0 to 1."""
    if not field.choices:
        return 0.0
    return sum(value.strip().isdigit() for value in field.choices) / len(field.choices)
