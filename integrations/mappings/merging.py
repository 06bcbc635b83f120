"""Keeping two records equal, field by field: what both sides last agreed on tells who has changed what since.

A merge looks from one side: `here` is the record that was read and mapped, `there` the one that may be written. The other
direction is another merge, from the other side; both share the agreement. Pure: no database, no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.types import FlatRecord

ROUNDS = 3
"""A value that had to be sent so often, since the other side keeps changing it, is not sent again."""


class Flow(StrEnum):
    """Which way a pair of fields goes, seen from here."""

    OUT = "out"
    IN = "in"
    BOTH = "both"


class Wins(StrEnum):
    """Who wins when both have changed, seen from here."""

    HERE = "here"
    THERE = "there"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two fields that belong together. `name` is the same from both sides."""

    name: str
    here: str
    there: str
    flow: Flow
    wins: Wins


@dataclass(frozen=True, slots=True)
class Agreed:
    """The values of one pair when both sides were last equal, each as that side has it. `sent_here`, `sent_there`: that value was
    sent to that side, and nobody has seen yet what the side made of it."""

    here: Any
    there: Any
    sent_here: bool = False
    sent_there: bool = False

    def turned(self) -> "Agreed":
        """The same seen from the other side."""
        return Agreed(self.there, self.here, self.sent_there, self.sent_here)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed this pair, and nobody has said who wins; or the two systems keep correcting each other."""

    pair: Pair
    here: Any
    there: Any
    is_endless: bool = False


@dataclass(slots=True)
class Merged:
    """What is to be sent, what both agree on once that has arrived, the rounds it took, and what a person must decide."""

    send: FlatRecord = field(default_factory=dict)
    agreed: dict[str, Agreed] = field(default_factory=dict)
    rounds: dict[str, list[Any]] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


def merge(
    pairs: Sequence[Pair],
    here: FlatRecord,
    there: FlatRecord,
    mapped: FlatRecord,
    agreed: Mapping[str, Agreed],
    rounds: Mapping[str, list[Any]],
    decided: Mapping[str, Wins],
) -> Merged:
    """`mapped` is `here` in the other side's words. A mapped field of no pair goes out whenever it differs.

    `rounds` = {pair: [value sent, how often]}; `decided`: what a person said of single pairs, which counts before anything else.
    """
    result = Merged(agreed=dict(agreed), rounds=dict(rounds))
    by_there = {pair.there: pair for pair in pairs}
    for name, value in mapped.items():
        pair = by_there.get(name)
        if pair is None or pair.flow is Flow.OUT:
            if not is_same(value, there.get(name)):
                result.send[name] = value
        elif pair.flow is Flow.BOTH:
            _merge_pair(pair, here.get(pair.here), there.get(name), value, result, decided.get(pair.name))
    return result


def _merge_pair(pair: Pair, here: Any, there: Any, mapped: Any, result: Merged, decided: Wins | None) -> None:
    last = result.agreed.get(pair.name)
    changed_here, changed_there = _changes(last, here, there)
    if is_same(mapped, there):
        result.agreed[pair.name] = Agreed(here, there)
    elif decided is not None:
        _settle(pair, here, there, mapped, result, decided)
    elif last is None and _is_empty(there):
        _send(pair, here, there, mapped, result)
    elif last is None and _is_empty(mapped):
        pass  # the other direction brings it
    elif changed_here and changed_there:
        _settle(pair, here, there, mapped, result, pair.wins)
    elif changed_here:
        _send(pair, here, there, mapped, result)
    elif last is not None and not changed_there:
        result.agreed[pair.name] = Agreed(here, there)


def _changes(last: Agreed | None, here: Any, there: Any) -> tuple[bool, bool]:
    """What was sent may have been tidied over there: its case or its spaces make no change."""
    if last is None:
        return True, True
    return _is_changed(here, last.here, last.sent_here), _is_changed(there, last.there, last.sent_there)


def _is_changed(value: Any, before: Any, was_sent: bool) -> bool:
    if was_sent:
        return _loosely(value) != _loosely(before)
    return not is_same(value, before)


def _settle(pair: Pair, here: Any, there: Any, mapped: Any, result: Merged, wins: Wins) -> None:
    if wins is Wins.HERE:
        _send(pair, here, there, mapped, result)
    elif wins is Wins.ASK:
        result.conflicts.append(Conflict(pair, here, there))


def _send(pair: Pair, here: Any, there: Any, mapped: Any, result: Merged) -> None:
    text, count = _plain(mapped), 1
    before = result.rounds.get(pair.name)
    if before is not None and before[0] == text:
        count = int(before[1]) + 1
    if count > ROUNDS:
        result.conflicts.append(Conflict(pair, here, there, is_endless=True))
        return
    result.rounds[pair.name] = [text, count]
    result.send[pair.there] = mapped
    result.agreed[pair.name] = Agreed(here, mapped, sent_there=True)


def is_same(one: Any, other: Any) -> bool:
    """Equal as platforms write values: nothing and the empty text are one, and so are 5 and "5", true and "true"."""
    return _plain(one) == _plain(other)


def _is_empty(value: Any) -> bool:
    return _plain(value) == ""


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ";".join(map(_plain, value))
    return str(value).strip()


def _loosely(value: Any) -> str:
    return " ".join(_plain(value).casefold().split())
