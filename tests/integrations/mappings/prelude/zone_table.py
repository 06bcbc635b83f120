"""Writes the prelude's table of time zones from the time zone database (the package tzdata).

`python -m tests.integrations.mappings.prelude.zone_table` renews the table after a new release of the database.
"""

import re
import struct
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources

from integrations.mappings import prelude

FILE = prelude.FOLDER / "zones.py"
FIRST = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp())
LAST = int(datetime(2038, 1, 1, tzinfo=UTC).timestamp())
WIDTH = 118
FOOTER = re.compile(r"(?:<[^>]+>|[A-Za-z]+)(-?[0-9:]+)(?:(?:<[^>]+>|[A-Za-z]+)(-?[0-9:]+)?,M([^,]+),M(.+))?")


def make_table() -> str:
    """One row per set of rules: "rule | names | changes"; a row may go over several lines."""
    names = resources.files("tzdata").joinpath("zones").read_text().split()
    rows: dict[str, list[str]] = defaultdict(list)
    for name in names:
        rows[_rules(name)].append(name)
    lines = []
    for rules, members in sorted(rows.items(), key=lambda row: row[1]):
        rule, _, changes = rules.partition("|")
        row = " | ".join(part for part in (rule, " ".join(members), changes) if part)
        lines += textwrap.wrap(row, WIDTH, break_long_words=False, break_on_hyphens=False, subsequent_indent=" ")
    return "\n".join(lines)


def _rules(name: str) -> str:
    changes, footer = _read(resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes())
    told = [f"{(at - FIRST) // 60}={offset // 60}" for at, offset in changes if FIRST <= at < LAST]
    before = [offset for at, offset in changes if at < FIRST]
    first = [f"0={before[-1] // 60}"] if told and before else []
    return f"{_read_footer(footer)}|{' '.join([*first, *told])}"


def _read(content: bytes) -> tuple[list[tuple[int, int]], str]:
    """RFC 8536: the changes of the second (64-bit) block, and the rule that goes on after the last."""
    second = 44 + sum(count * size for count, size in zip(_counts(content, 0), (1, 1, 8, 5, 6, 1), strict=True))
    _, _, _, changes, kinds, _ = _counts(content, second)
    start = second + 44
    times = struct.unpack_from(f">{changes}q", content, start)
    which = content[start + changes * 8 :][:changes]
    offsets = [struct.unpack_from(">l", content, start + changes * 9 + kind * 6)[0] for kind in range(kinds)]
    footer = content.rsplit(b"\n", 2)[-2].decode()
    return [(at, offsets[kind]) for at, kind in zip(times, which, strict=True)], footer


def _counts(content: bytes, at: int) -> tuple[int, ...]:
    return struct.unpack_from(">6l", content, at + 20)


def _read_footer(footer: str) -> str:
    """POSIX TZ rules in minutes: "60 120 3.5.0.120 10.5.0.180" is UTC+1, and UTC+2 between these two moments."""
    found = FOOTER.fullmatch(footer)
    assert found, footer
    standard, summer, start, end = found.groups()
    usual = -_minutes(standard)
    if start is None:
        return str(usual)
    other = usual + 60 if summer is None else -_minutes(summer)
    return f"{usual} {other} {_moment(start)} {_moment(end)}"


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes or 0) * (-1 if hours.startswith("-") else 1)


def _moment(text: str) -> str:
    day, _, time = text.partition("/")
    return f"{day}.{_minutes(time or '2')}"


def in_prelude() -> Iterator[str]:
    """The lines of the prelude's file with the table of today's database in it."""
    before, _, rest = FILE.read_text("utf-8").partition('_ZONES = """\n')
    after = rest.partition('"""\n')[2]
    yield from (before, '_ZONES = """\n', make_table(), '\n"""\n', after)


if __name__ == "__main__":
    FILE.write_text("".join(in_prelude()), "utf-8")
