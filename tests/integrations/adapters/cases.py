"""What the contract suite needs to know about each platform: an object, how to sign in, records that are good and bad.

A platform's `case.py`, in the folder of its tests, holds its `CASE`; nothing else names it here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from integrations.enums import Operator
from integrations.types import Credentials, FlatRecord

TRAITS = frozenset(
    {
        "reads",  # gives out its records: by pages, by id, counted
        "rereads",  # what was written can be read back
        "confirms",  # says of every record what became of it
        "acknowledges",  # answers a write with a body that says so
        "picklists",  # has fields with a list of choices
        "refuses",  # tells a wrong secret from a good one
        "renews",  # has a token that ends and is renewed
        "modes",  # can add only and update only
        "pauses",  # says "slow down"
        "days",  # has a limit of calls a day
        "schema_errors",  # refuses a field it does not know
        "large_loads",  # takes remote jobs
        "answers_in_rows",  # answers for all records of a batch in one call
        "finds",  # looks records up by their key
        "finds_by_any_field",  # ... and by any other field
        "archives",  # takes records away
        "starts_over",  # ... and knows nothing of them when they come back
        "addresses_by_id",  # updates a record whose key has changed
        "lists_objects",  # knows which objects the account has
        "counts_conditions",  # counts some of whom something is true, exactly
    }
)

# Kinds of comparisons, of which a platform counts some with some fields.
PRESENT = frozenset({Operator.IS_EMPTY, Operator.IS_FILLED})
SAME = frozenset({Operator.IS, Operator.IS_NOT})
PARTLY = frozenset({Operator.CONTAINS, Operator.CONTAINS_NOT, Operator.STARTS_WITH})
SIZED = frozenset({Operator.ABOVE, Operator.BELOW})
DATED = frozenset({Operator.BEFORE, Operator.AFTER})


@dataclass(frozen=True)
class Case:
    """One platform in the contract suite."""

    platform: str
    object_name: str
    key: str
    fields: tuple[str, ...]
    """The key, a name that may be empty, and a name that takes any text."""
    make_record: Callable[[int], FlatRecord]
    bad_records: tuple[tuple[FlatRecord, str, str], ...]
    """A record, and the code and the field it must be refused with."""
    read_route: str
    write_route: str
    sign_in: Callable[[Mapping[str, Any]], Credentials]
    wrong_secret: str
    groups: frozenset[str]
    """The groups of calls of which at least one is always used."""
    traits: frozenset[str]
    token_route: str = ""
    renewing_sign_in: Callable[[Mapping[str, Any]], Credentials] | None = None
    required: frozenset[str] = field(default_factory=frozenset)
    slow_down: Mapping[str, Any] = field(default_factory=dict)
    """The fault that makes it ask for a short pause."""
    give_one_time: Callable[[Any, Any, int], None] | None = None
    """(sandbox, adapter, count): so many records with one and the same time of change."""
    fill_first: int = 0
    """So many records must be there for a second page."""
    check_lines: int = 4
    count_calls: int = 1
    """What a count costs; 0 where there is nothing to count."""
    good_status: int = 200
    mark: str = "person{}@example.org"
    """By which the record of that number is recognised in what was sent."""
    archive_route: str = ""
    """The call that takes records away; any call, if there is no need to tell it from others."""
    varied: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Further fields and values that records have in turn; none for a field that differs by itself."""
    counted: frozenset[tuple[str, Operator]] = frozenset()
    """Comparisons that it must count; of all others it may say that it cannot."""

    def is_in(self, number: int, body: bytes) -> bool:
        """Was this record in the call?"""
        return self.mark.format(number).encode() in body

    def __str__(self) -> str:
        return self.platform


def _find_cases() -> tuple[Case, ...]:
    here = Path(__file__).parent
    return tuple(
        import_module(f"tests.integrations.adapters.{path.parent.name}.case").CASE
        for path in sorted(here.glob("*/case.py"))
    )


CASES = _find_cases()
