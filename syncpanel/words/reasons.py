"""Reasons as bars: the longest is the most frequent."""

from collections.abc import Sequence
from dataclasses import dataclass

from integrations.queries.reasons import Reason
from syncpanel.templatetags.words import count


@dataclass(frozen=True, slots=True)
class Share:
    """A reason with its bar: `share` is 0 to 100 of the most frequent one."""

    key: str
    title: str
    count: int
    share: float
    said: str


def shares(reasons: Sequence[Reason]) -> list[Share]:
    """Each reason with the length of its bar, most first."""
    most = max((reason.count for reason in reasons), default=1)
    return [Share(r.key, r.title, r.count, max(2.0, 100 * r.count / most), count(r.count)) for r in reasons]
