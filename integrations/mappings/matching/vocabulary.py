"""Reads vocabulary.txt: what tools call the same thing, and which words carry how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from integrations.mappings.matching.words import singular, split_joined, split_text

Words = tuple[str, ...]

_FILE = Path(__file__).parent / "vocabulary.txt"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything the file says.

    `weak` words may stand on one side only ("business phone" is a phone); `telling` words may not ("other phone" is
    another one). `says_little` are words such as status, which mean nothing without what they are about.
    """

    meanings: dict[Words, str]
    same_words: dict[str, str]
    left_out: frozenset[str]
    lists: dict[str, frozenset[str]]
    known: frozenset[str]
    longest: int

    def read(self, text: str) -> Words:
        """The words of a text, as we write them, with every known phrase replaced by what we call it."""
        return _find_meanings(self, self.plain_words(text))

    def plain_words(self, text: str) -> list[str]:
        """The words of a text in the singular, in one spelling, without those that do not count."""
        parts = [part for word in split_text(text) for part in split_joined(word, self.known)]
        plain = [self.same_words.get(word) or self._one_word(singular(word)) for word in parts]
        return [word for word in plain if word not in self.left_out] or plain

    def _one_word(self, word: str) -> str:
        return self.same_words.get(word, word)


def _find_meanings(vocabulary: Vocabulary, words: list[str]) -> Words:
    """The longest phrase first, from left to right."""
    found: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(vocabulary.longest, len(words) - at), 0, -1):
            meaning = vocabulary.meanings.get(tuple(words[at : at + length]))
            if meaning is not None:
                break
        found.append(meaning or words[at])
        at += length if meaning else 1
    return tuple(found)


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    parts = _read_parts(_FILE.read_text("utf-8"))
    same_words = {word: kept for kept, others in _read_lines(parts["same words"]) for word in others}
    left_out = frozenset(parts["left out"].split())
    bare = Vocabulary({}, same_words, left_out, {}, frozenset(), 0)
    lists = {name: frozenset(_read_list(parts[name])) for name in parts if name not in ("meanings", "same words")}
    meanings = {
        tuple(bare.plain_words(phrase)): meaning
        for meaning, others in _read_lines(parts["meanings"])
        for phrase in (meaning, *others)
    }
    known = {word for phrase in meanings for word in phrase} | set(same_words)
    known |= {word for name in lists if name != "address parts" for word in lists[name]}
    return Vocabulary(meanings, same_words, left_out, lists, frozenset(known), max(map(len, meanings)))


def _read_parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("["):
            name = line.strip("[] ")
            parts[name] = ""
        elif line and not line.startswith("#"):
            parts[name] += line + "\n"
    return parts


def _read_lines(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.splitlines():
        name, _, others = line.partition(":")
        yield name, [other.strip() for other in others.split(",") if other.strip()]


def _read_list(text: str) -> list[str]:
    """Single words, or meanings of several words with ";" between them."""
    return [part.strip() for part in text.split(";")] if ";" in text else text.split()
