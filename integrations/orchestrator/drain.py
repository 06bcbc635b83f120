"""The wish to stop, shared by a cluster's main process with the workers it forks: slices end at the next batch border."""

from multiprocessing.sharedctypes import RawValue

# Without a lock on purpose: a process killed while it holds one would block the others for ever.
_requested = RawValue("b", 0)


def request() -> None:
    """Ask every worker forked from this process to stop at its next batch border."""
    _requested.value = 1


def is_requested() -> bool:
    """True once somebody asked; it never becomes false again in this cluster."""
    return bool(_requested.value)
