"""Processor seconds and peak memory of process trees, sampled while a scenario runs."""

import contextlib
import threading
from types import TracebackType

import psutil

EVERY = 0.2


class Meter:
    """Samples the trees below some processes. `cpu_seconds` counts since `reset`; `peak_mib` is the largest worker
    process, `peak_tree_mib` one whole group with its sandbox processes (proportional set size: shared pages once)."""

    def __init__(self, roots: list[int]) -> None:
        self.roots = roots
        self._seen: dict[tuple[int, float], float] = {}
        self._base: dict[tuple[int, float], float] = {}
        self.peak = self.peak_tree = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Meter":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(5)

    def reset(self) -> None:
        """Start counting anew."""
        self._sample()
        self._base = dict(self._seen)
        self.peak = self.peak_tree = 0

    @property
    def cpu_seconds(self) -> float:
        """User and system time of all processes since `reset`."""
        return sum(spent - self._base.get(who, 0.0) for who, spent in self._seen.items())

    @property
    def peak_mib(self) -> float:
        """The largest single process."""
        return self.peak / 2**20

    @property
    def peak_tree_mib(self) -> float:
        """The largest group of processes."""
        return self.peak_tree / 2**20

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            self._sample()

    def _sample(self) -> None:
        for root in self.roots:
            total = 0
            with contextlib.suppress(psutil.Error):
                top = psutil.Process(root)
                for process in [top, *top.children(recursive=True)]:
                    total += self._one(process)
            self.peak_tree = max(self.peak_tree, total)

    def _one(self, process: psutil.Process) -> int:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            self._seen[process.pid, process.create_time()] = times.user + times.system
            memory = process.memory_full_info()
            self.peak = max(self.peak, memory.rss)
            return int(memory.pss)
        return 0
