"""Fresh sandbox sessions, one per batch: nothing mapping code does to its globals outlives the batch.

Each session runs in a process of its own (`monty`), which is given limits from outside as well: should we be killed
while mapping code runs, that process ends by itself within seconds.
"""

import resource
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any, Literal

from pydantic_monty import Monty, MontyCrashedError, MontyError, MontyRuntimeError, MontySession, MontySyntaxError

from integrations.exceptions import EngineError
from integrations.mappings import prelude
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.outcomes import Limits

CODE_FEED = "<python-input-1>"
"""The sandbox's name for the mapping code: it is fed second, after the prelude."""
_NOTHING = "pass"
"""Fed in place of an empty prelude: a feed without a statement would not be counted."""
_ORPHAN_SECONDS = 2
_ADDRESS_SPACE = 1_000_000_000
_SUSPENSIONS = 5_000
_STARTS = 3
_BUSY_SHARE = 0.5
_NO_START = "The mapping sandbox does not start."

Raw = tuple[str, dict[int, str | None], dict[int, Mapping[str, str]]]
"""JSON of the outputs, those left out, those that failed; as `prelude/batch.py` returns it."""


class LimitTripError(Exception):
    """The sandbox stopped the code, or died. `code` is one of `integrations.reasons`; never leaves this package.

    `is_stall`: the time was over, but the code had hardly any of it; the machine was busy with something else.
    """

    def __init__(self, code: str, technical: str, *, is_stall: bool = False) -> None:
        super().__init__(technical)
        self.code = code
        self.technical = technical
        self.is_stall = is_stall


class _LoadingStoppedError(MappingBrokenError):
    """A limit stopped the mapping code while it was loaded, or the process died."""


class Session:
    """A session with the prelude, the mapping code and the loop over records loaded. Close it after use."""

    def __init__(self, monty: MontySession, seconds: float, limits: Limits, on_close: ExitStack) -> None:
        self._monty = monty
        self._seconds = seconds
        self._limits = limits
        self._on_close = on_close

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the process back."""
        self._on_close.close()

    def map_records(self, records_json: str) -> Raw:
        """Map a JSON array of records. LimitTripError when a limit stops it; the session is of no use after that."""
        sizes = {"_most": self._limits.output_bytes, "_room": self._limits.batch_output_bytes}
        pid, before = self._monty.worker_pid, _processor_seconds(self._monty.worker_pid)
        try:
            found: Raw = self._run("_map_all(_text, _most, _room)", {"_text": records_json, **sizes})
        except MontyError as exc:
            trip = _as_trip(exc)
            trip.is_stall = trip.code == "mapping_too_slow" and _was_idle(pid, before, self._seconds)
            raise trip from exc
        return found

    def find_line(self, record_json: str) -> int:
        """The line of the mapping code in which this record raises; 0 when it cannot be told."""
        try:
            self._run("import json\nmap_record(json.loads(_text))", {"_text": record_json})
        except MontyRuntimeError as exc:
            return _line_in_code(exc)
        except MontyError:
            return 0
        return 0

    def _run(self, code: str, inputs: dict[str, Any]) -> Any:
        _bound_process(self._monty.worker_pid, self._seconds)
        return self._monty.feed_run(code, inputs=inputs, print_callback=_discard)


class Sessions:
    """The sandbox processes of one mapping. Use as a context manager; `start` may be called from several threads."""

    def __init__(self, code: str, processes: int, limits: Limits) -> None:
        self._code = code
        self._prelude = prelude.source_for(code) or _NOTHING
        self._limits = limits
        self._pool = Monty(min_processes=1, max_processes=processes, max_checkouts_per_worker=500)

    def __enter__(self) -> "Sessions":
        try:
            self._pool.__enter__()
        except (MontyError, RuntimeError, OSError) as exc:
            raise EngineError(_NO_START, technical=str(exc)) from exc
        return self

    def __exit__(self, *problem: object) -> None:
        self._pool.__exit__(*problem)

    def start(self, seconds: float) -> Session:
        """A session in which one call may run for `seconds`. MappingBrokenError when the code does not load.

        Tried again when the process dies or stalls on the way, which need not be the code's fault.
        """
        problem: Exception | None = None
        for _ in range(_STARTS):
            on_close = ExitStack()
            try:
                return self._open(seconds, on_close)
            except (MontyError, RuntimeError, _LoadingStoppedError) as exc:
                problem = exc
                on_close.close()
            except BaseException:
                on_close.close()
                raise
        if isinstance(problem, MappingBrokenError):
            raise problem
        raise EngineError(_NO_START, technical=str(problem)) from problem

    def _open(self, seconds: float, on_close: ExitStack) -> Session:
        checkout = self._pool.checkout(limits=self._limits_for(seconds), os_policy={"sleep": "zero"})
        monty = on_close.enter_context(checkout)
        _bound_process(monty.worker_pid, seconds)
        monty.feed_run(self._prelude)
        _load_code(monty, self._code)
        monty.feed_run(prelude.loop_source())
        return Session(monty, seconds, self._limits, on_close)

    def _limits_for(self, seconds: float) -> Any:
        return {
            "max_feed_duration_secs": seconds,
            "max_memory": self._limits.memory_bytes,
            "max_recursion_depth": self._limits.recursion,
            "max_suspensions": _SUSPENSIONS,
            "max_total_sleep_secs": 0.0,
        }


def _load_code(monty: MontySession, code: str) -> None:
    try:
        monty.feed_run(code, print_callback=_discard)
        is_there = monty.feed_run("type(map_record).__name__ == 'function'")
    except MontyError as exc:
        raise _as_broken(exc) from exc
    if not is_there:
        raise MappingBrokenError("The mapping code has no function map_record(record).")


def _as_broken(exc: MontyError) -> MappingBrokenError:
    line, inner = _line_in_code(exc), exc.exception()
    where = f" in line {line}" if line else ""
    if isinstance(exc, MontyCrashedError) or isinstance(inner, TimeoutError | MemoryError):
        return _LoadingStoppedError("The mapping code does not finish loading.", technical=str(exc))
    if isinstance(inner, NameError) and "map_record" in str(exc):
        return MappingBrokenError("The mapping code has no function map_record(record).", technical=str(exc))
    what = "is not valid Python" if isinstance(exc, MontySyntaxError) else "cannot be loaded"
    if isinstance(inner, NotImplementedError):
        what = "uses a part of Python that the sandbox does not have"
    return MappingBrokenError(f"The mapping code {what}{where}.", line=line, technical=str(exc))


def _line_in_code(exc: MontyError) -> int:
    if not isinstance(exc, MontySyntaxError | MontyRuntimeError):
        return 0
    lines = [frame.line for frame in exc.traceback() if frame.filename == CODE_FEED]
    return lines[-1] if lines else 0


def _as_trip(exc: MontyError) -> LimitTripError:
    inner = exc.exception()
    if isinstance(exc, MontyCrashedError):
        return LimitTripError("mapping_too_slow" if exc.timed_out else "mapping_crashed", str(exc))
    if isinstance(inner, MemoryError):
        return LimitTripError("mapping_too_big", str(exc))
    if isinstance(inner, TimeoutError) or "suspension limit" in str(exc):
        return LimitTripError("mapping_too_slow", str(exc))
    return LimitTripError("mapping_crashed", str(exc))


def _bound_process(pid: int | None, seconds: float) -> None:
    """Let the kernel end the sandbox process when nobody is left to do it, or when it takes too much memory."""
    if pid is None or not hasattr(resource, "prlimit"):
        return
    used = _processor_seconds(pid)
    with suppress(OSError):  # it may be dead already
        _limit(pid, resource.RLIMIT_CPU, int((used or 0.0) + seconds) + _ORPHAN_SECONDS)
        _limit(pid, resource.RLIMIT_AS, _ADDRESS_SPACE)


def _processor_seconds(pid: int | None) -> float | None:
    """The processor time this process has used; None when it is dead."""
    if pid is None:
        return None
    with suppress(OSError):
        return time.clock_gettime((~pid << 3) | 2)  # another process's CPU clock, named as clock_getcpuclockid(3) does
    return None


def _was_idle(pid: int | None, before: float | None, seconds: float) -> bool:
    after = _processor_seconds(pid)
    return before is not None and after is not None and after - before < seconds * _BUSY_SHARE


def _limit(pid: int, kind: int, most: int) -> None:
    _, hard = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (most, hard))


def _discard(stream: Literal["stdout", "stderr"], text: str) -> None:
    """Printed text goes nowhere: it may hold personal data."""
