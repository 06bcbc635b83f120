"""
Reads SOQL: SELECT list, WHERE with comparisons, IN, LIKE, AND, OR, NOT and parentheses, ORDER BY, LIMIT, OFFSET.
https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.clock import parse_instant
from integrations.sandbox.salesforce.errors import refuse

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:\\.|[^'\\])*')
      | (?P<instant>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][\w.]*(?:\(\))?)
      | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Instant:
    """A date or datetime literal; `ms` since the epoch."""

    text: str
    ms: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """field operator value; operators are = != < <= > >= LIKE IN and NOT IN."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Combination:
    """AND, OR or NOT over other conditions."""

    operator: str
    parts: tuple["Condition", ...]


Condition = Comparison | Combination


@dataclass(slots=True)
class Query:
    """One statement, taken apart but not yet checked against the fields there are."""

    fields: list[str]
    entity: str
    where: Condition | None = None
    order: list[tuple[str, bool, bool]] = field(default_factory=list)
    """(field, descending, nulls last)"""
    limit: int | None = None
    offset: int = 0


class Parser:
    """Recursive descent over the tokens of one statement."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise refuse(400, "MALFORMED_QUERY", "SOQL statements cannot be longer than 100000 characters.")
        self._tokens = split_tokens(text)
        self._at = 0

    def parse(self) -> Query:
        self._expect("SELECT")
        fields = [self._next_word()]
        while self._take(","):
            fields.append(self._next_word())
        self._expect("FROM")
        query = Query(fields, self._next_word())
        if self._take("WHERE"):
            query.where = self._parse_or()
        self._parse_tail(query)
        if self._at < len(self._tokens):
            raise refuse_query(f"unexpected token: '{self._peek()[1]}'")
        return query

    def _parse_tail(self, query: Query) -> None:
        if self._take("ORDER"):
            self._expect("BY")
            query.order.append(self._parse_order())
            while self._take(","):
                query.order.append(self._parse_order())
        if self._take("LIMIT"):
            query.limit = int(self._next("number"))
        if self._take("OFFSET"):
            query.offset = int(self._next("number"))

    def _parse_order(self) -> tuple[str, bool, bool]:
        name = self._next_word()
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        last = False
        if self._take("NULLS"):
            last = self._take("LAST")
            if not last:
                self._expect("FIRST")
        return name, descending, last

    def _parse_or(self) -> Condition:
        return self._parse_list("OR", self._parse_and)

    def _parse_and(self) -> Condition:
        return self._parse_list("AND", self._parse_one)

    def _parse_list(self, word: str, parse: Any) -> Condition:
        parts = [parse()]
        while self._take(word):
            parts.append(parse())
        return parts[0] if len(parts) == 1 else Combination(word, tuple(parts))

    def _parse_one(self) -> Condition:
        if self._take("NOT"):
            return Combination("NOT", (self._parse_one(),))
        if self._take("("):
            inside = self._parse_or()
            self._expect(")")
            return inside
        return self._parse_comparison()

    def _parse_comparison(self) -> Comparison:
        name = self._next_word()
        if self._take("LIKE"):
            return Comparison(name, "LIKE", self._parse_pattern())
        negative = self._take("NOT")
        if self._take("IN"):
            return Comparison(name, "NOT IN" if negative else "IN", self._parse_values())
        sign = self._next("sign")
        return Comparison(name, "!=" if sign == "<>" else sign, self._parse_value())

    def _parse_pattern(self) -> str:
        """A text in which \\% and \\_ stay apart from the wildcards."""
        return _unescape(self._next("string"), {**_ESCAPES, "%": r"\%", "_": r"\_"})

    def _parse_values(self) -> tuple[Any, ...]:
        self._expect("(")
        values = [self._parse_value()]
        while self._take(","):
            values.append(self._parse_value())
        self._expect(")")
        return tuple(values)

    def _parse_value(self) -> Any:
        kind, text = self._peek()
        self._at += 1
        match kind:
            case "string":
                return _unescape(text, _ESCAPES)
            case "number":
                return float(text)
            case "instant":
                return Instant(text, parse_instant(text))
        words = {"null": None, "true": True, "false": False}
        if text.lower() not in words:
            raise refuse_query(f"unexpected token: '{text}'")
        return words[text.lower()]

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "<EOF>")

    def _take(self, word: str) -> bool:
        kind, text = self._peek()
        if kind not in ("word", "sign") or text.upper() != word:
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise refuse_query(f"unexpected token: '{self._peek()[1]}'")

    def _next(self, kind: str) -> str:
        found, text = self._peek()
        if found != kind:
            raise refuse_query(f"unexpected token: '{text}'")
        self._at += 1
        return text

    def _next_word(self) -> str:
        return self._next("word")


def _unescape(literal: str, escapes: Mapping[str, str]) -> str:
    return re.sub(r"\\(.)", lambda found: escapes.get(found[1], found[1]), literal[1:-1])


def split_tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise refuse_query(f"unexpected token: '{text[at : at + 20]}'")
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        at = found.end()
    return tokens


def refuse_query(message: str) -> Exception:
    return refuse(400, "MALFORMED_QUERY", message)
