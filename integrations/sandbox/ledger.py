"""What a platform counted: the proof that every record arrived, and arrived once."""

from collections import Counter
from collections.abc import Iterable


class Ledger:
    """Successful and refused record writes of one object, and how often each key was written."""

    def __init__(self) -> None:
        self.writes = 0
        self.rejected = 0
        self._times: Counter[str] = Counter()

    def count_writes(self, keys: Iterable[str], number: int) -> None:
        """`keys` are lower-case values of the upsert key."""
        self.writes += number
        self._times.update(keys)

    def count_rejected(self, number: int) -> None:
        self.rejected += number

    def summarise(self, stored: int) -> dict[str, int]:
        once = sum(1 for times in self._times.values() if times == 1)
        return {
            "stored": stored,
            "writes": self.writes,
            "keys_written_once": once,
            "keys_written_more": len(self._times) - once,
            "rejected": self.rejected,
        }
