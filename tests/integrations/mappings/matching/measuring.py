"""Measures the matcher on the pairs somebody found by hand."""

from collections.abc import Iterable
from dataclasses import dataclass

from integrations.mappings.matching import Level, match_fields
from tests.integrations.mappings.matching.field_lists import read_object
from tests.integrations.mappings.matching.gold import Gold, read_pairs


@dataclass(frozen=True)
class Measured:
    """`sure` pairs are those with high confidence, `drafted` those with high or medium: what the code would hold."""

    gold: Gold
    sure: frozenset[tuple[str, str]]
    drafted: frozenset[tuple[str, str]]

    @property
    def right(self):
        return read_pairs(self.gold.right)

    @property
    def wrong(self):
        return self.sure - self.right - read_pairs(self.gold.acceptable)

    @property
    def wrong_in_draft(self):
        return self.drafted - self.right - read_pairs(self.gold.acceptable)


def measure(gold: Gold) -> Measured:
    """Match the two objects of this pair."""
    matches = match_fields(read_object(gold.source), read_object(gold.destination))
    drafted = [match for match in matches if match.level is not Level.LOW]
    names = frozenset((one.source_field, one.destination_field) for one in drafted)
    sure = frozenset((one.source_field, one.destination_field) for one in drafted if one.level is Level.HIGH)
    return Measured(gold, sure, names)


def precision(measured: Iterable[Measured]) -> float:
    """Of the sure pairs, how many are right. Pairs that are a matter of taste count neither way."""
    right = sum(len(one.sure & one.right) for one in measured)
    return right / (right + sum(len(one.wrong) for one in measured))


def recall(measured: Iterable[Measured]) -> float:
    """Of the right pairs, how many are among the sure ones."""
    return sum(len(one.sure & one.right) for one in measured) / sum(len(one.right) for one in measured)


def show(measured: Iterable[Measured]) -> str:
    """The table per pair, with what is wrong and what is missing."""
    lines = ["", f"{'pair':55} sure  right  wrong  missing"]
    for one in measured:
        missing = one.right - one.sure
        mark = " (held out)" if one.gold.held_out else ""
        counts = f"{len(one.sure):4} {len(one.sure & one.right):6} {len(one.wrong):6} {len(missing):8}"
        lines.append(f"{one.gold.name + mark:55} {counts}")
        lines += [f"    wrong:   {a} → {b}" for a, b in sorted(one.wrong)]
        lines += [f"    missing: {a} → {b}" for a, b in sorted(missing)]
    lines.append(f"precision {precision(measured):.3f}, recall {recall(measured):.3f}")
    return "\n".join(lines)
