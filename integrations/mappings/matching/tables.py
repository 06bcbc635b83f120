"""The fixed values above the drafted function: which choice of the source is which choice of the destination."""

import re
from collections.abc import Mapping, Sequence

from integrations.mappings import prelude
from integrations.mappings.language import BUILTINS, FORBIDDEN_BUILTINS
from integrations.mappings.matching.literals import quote
from integrations.mappings.matching.words import split_text

_ONE_LINE = 100
_CUSTOM_ENDING = re.compile(r"__[a-z]{1,3}$")


class Tables:
    """Named lists and tables in the order they were asked for; the same values under the same name only once."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._taken = set(prelude.names() | BUILTINS | FORBIDDEN_BUILTINS)
        self._growth = 0

    def add(self, field: str, pairs: Mapping[str, str]) -> str:
        """The name of a table for this destination field; a plain list when every choice stays as it is."""
        is_plain = all(value == choice for value, choice in pairs.items())
        text = _write_list(list(pairs)) if is_plain else _write_table(pairs)
        name = self._find_name(field)
        self._texts[name] = text
        self._taken.add(name)
        self._growth += len(name) + len(text) + 6
        return name

    def take_growth(self) -> int:
        """How many characters were added since this was last asked."""
        growth, self._growth = self._growth, 0
        return growth

    def lines(self) -> list[str]:
        """The code, with the blank lines that belong after it."""
        lines = [f"{name} = {text}" for name, text in self._texts.items()]
        return [*lines, "", ""] if lines else []

    def _find_name(self, field: str) -> str:
        words = [word for word in split_text(_CUSTOM_ENDING.sub("", field)) if word.isascii()]
        plain = "_".join(words).upper() or "CHOICES"
        stem = plain if plain[0].isalpha() else f"CHOICES_{plain}"
        name, at = stem, 2
        while name in self._taken:
            name, at = f"{stem}_{at}", at + 1
        return name


def _write_list(values: Sequence[str]) -> str:
    texts = [quote(value) for value in values]
    line = f"[{', '.join(texts)}]"
    return line if len(line) <= _ONE_LINE else "[\n" + "".join(f"    {text},\n" for text in texts) + "]"


def _write_table(pairs: Mapping[str, str]) -> str:
    return "{\n" + "".join(f"    {quote(value)}: {quote(choice)},\n" for value, choice in pairs.items()) + "}"
