"""Leases and waits are times that hosts compare, so a host whose clock is wrong must not take part.

The database server's clock is the right one. With SQLite all processes are on one host, and there is nothing to compare.
"""

import logging

from integrations.rate_limits.clock import WRONG_BY, SharedClock, shared_clock

logger = logging.getLogger(__name__)

ODD_BY = 2.0


class ClockWatch:
    """Compares this host's clock now and then, and says in the log when it goes wrong or right again."""

    def __init__(self, clock: SharedClock = shared_clock) -> None:
        self._clock = clock
        self._said = ""

    def skew(self) -> float:
        """How many seconds this host's clock is ahead of the server's (behind: below zero). One query a minute."""
        self._clock.align()
        return -self._clock.offset

    def is_wrong(self) -> bool:
        """True while this host must not work: it would take others' leases away, or wait for hours."""
        skew = self.skew()
        self._say(skew)
        return abs(skew) > WRONG_BY

    def _say(self, skew: float) -> None:
        words = _describe(skew)
        if words and words != self._said:
            logger.warning(words, abs(skew))
        elif self._said and not words:
            logger.warning("The clock of this host is right again")
        self._said = words


def _describe(skew: float) -> str:
    if abs(skew) <= ODD_BY:
        return ""
    what = f"The clock of this host is %.0f s {'ahead of' if skew > 0 else 'behind'} the database's"
    return f"{what}; it takes no work until that is put right (NTP)" if abs(skew) > WRONG_BY else f"{what} (NTP)"


watch = ClockWatch()
