"""When permits become free: two pure answers that a bucket combines."""

from collections.abc import Sequence
from math import inf

UNKNOWN = inf
"""The moment of a permit that only another worker could give back."""


def free_times(count: int, now: float, free: int, ends: Sequence[tuple[float, int]]) -> list[float]:
    """When each of the next `count` permits is free, with `free` of them now (negative: so many too many).

    `ends` says in order when earlier calls stop counting, and how many.
    """
    moments = [now] * min(count, max(0, free))
    owed = max(0, -free)
    for end, calls in ends:
        if len(moments) >= count:
            break
        paid = min(owed, calls)
        owed -= paid
        moments += [end] * min(calls - paid, count - len(moments))
    return moments + [UNKNOWN] * (count - len(moments))


def paced_times(count: int, start: float, rate: float) -> list[float]:
    """The moments of `count` calls at `rate` per second from `start` on."""
    return [start + k / rate for k in range(count)]
