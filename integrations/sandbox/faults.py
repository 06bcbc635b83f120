"""What goes wrong on purpose: which requests a fault is for, and when its turn comes.

Some faults are not of requests but of the calls that a platform makes itself.
"""

import asyncio
import random
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Kind(StrEnum):
    """What becomes of the request."""

    STATUS = "status"
    RESET = "reset"
    HANG = "hang"
    SLOW = "slow"
    HTML = "html"
    EMPTY_2XX = "empty_2xx"
    HALF_JSON = "half_json"
    DROP_ROWS = "drop_rows"
    EXPIRE_TOKEN = "expire_token"  # noqa: S105 the name of a fault
    REVOKE = "revoke"

    SILENT = "silent"
    FORGED = "forged"
    FLOOD = "flood"


OF_CALLS = frozenset({Kind.SILENT, Kind.FORGED, Kind.FLOOD})
"""The platform's own calls wait, are signed by somebody else, or come a hundred times."""
ONCE = {Kind.EXPIRE_TOKEN}
"""Fires one time unless told otherwise; all others fire until they are deleted."""


@dataclass(slots=True)
class Fault:
    """A rule. `when` says whether the request is still carried out ("after") or not ("before") if its answer is spoilt."""

    kind: Kind
    platform: str = ""
    route: str = ""
    method: str = ""
    status: int = 0
    after: int = 0
    times: int | None = None
    probability: float = 1.0
    seconds: float | None = None
    when: str = "before"
    rows: int = 1
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    id: int = 0
    matched: int = 0
    fired: int = 0

    def matches(self, platform: str, method: str, path: str) -> bool:
        if self.kind in OF_CALLS or self.platform not in ("", platform) or self.method.upper() not in ("", method):
            return False
        if any(sign in self.route for sign in "*?["):
            return fnmatchcase(path, self.route)
        return self.route in path


class FaultTable:
    """The faults in force, oldest first; at most one fires per request."""

    def __init__(self, seed: int = 0) -> None:
        self._faults: dict[int, Fault] = {}
        self._lifted: dict[int, asyncio.Event] = {}
        self._last_id = 0
        self._dice = random.Random(seed)

    def add(self, fault: Fault) -> int:
        self._last_id += 1
        fault.id = self._last_id
        self._faults[fault.id] = fault
        self._lifted[fault.id] = asyncio.Event()
        return fault.id

    def find(self, platform: str, method: str, path: str) -> Fault | None:
        for fault in self._faults.values():
            if fault.matches(platform, method, path) and self._is_due(fault):
                fault.fired += 1
                return fault
        return None

    def on_calls(self, platform: str, kind: Kind) -> Fault | None:
        """The fault of that kind that is on the calls a platform makes."""
        ours = (one for one in self._faults.values() if one.kind == kind and one.platform in ("", platform))
        return next(ours, None)

    def _is_due(self, fault: Fault) -> bool:
        fault.matched += 1
        if fault.matched <= fault.after or fault.fired == fault.times:
            return False
        return fault.probability >= 1 or self._dice.random() < fault.probability

    def delete(self, fault_id: int | None = None) -> int:
        """Lifts one fault or all; requests that hang on it are let go. Returns how many were lifted."""
        doomed = [i for i in self._faults if fault_id in (None, i)]
        for i in doomed:
            del self._faults[i]
            self._lifted.pop(i).set()
        return len(doomed)

    async def wait_until_lifted(self, fault: Fault, seconds: float | None) -> None:
        lifted = self._lifted.get(fault.id)
        if lifted is not None:
            try:
                await asyncio.wait_for(lifted.wait(), seconds)
            except TimeoutError:
                return

    def describe(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._faults.values()]


_GIVEN_BY_US = {"id", "matched", "fired"}


def parse_fault(body: dict[str, Any]) -> Fault:
    """Raises ValueError with the reason when the body is no fault."""
    known = {one.name for one in fields(Fault)} - _GIVEN_BY_US
    if unknown := set(body) - known:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
    kind = Kind(body.get("kind", ""))
    if body.get("when", "before") not in ("before", "after"):
        raise ValueError("`when` is before or after.")
    given = {name: value for name, value in body.items() if value is not None and name != "kind"}
    if kind in ONCE:
        given.setdefault("times", 1)
    return Fault(kind=kind, **given)
