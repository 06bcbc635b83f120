"""How memory is kept by processes that run for long.

The C library's own way is to keep an arena for each thread, and what is large among what is small once something large was
freed: a worker would hold on to the peaks of all its threads. glibc only; elsewhere nothing is done.
https://man7.org/linux/man-pages/man3/mallopt.3.html

Python's own way is to look through everything for garbage now and then: all code and settings, for a twentieth of a second in
which nobody is answered, and with the database's only lock in hand if it comes to that.
"""

import ctypes
import gc

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE = 256 * 1024
"""Bytes. What is as large as this is given back to the system when it is freed."""


def keep_memory_flat() -> bool:
    """For this process and those it forks; before its first thread. False where the C library cannot be told."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    done = [mallopt(M_ARENA_MAX, 1), mallopt(M_MMAP_THRESHOLD, LARGE), mallopt(M_TRIM_THRESHOLD, LARGE)]
    return all(done)


def keep_what_is_loaded() -> None:
    """What there is now stays, and is not looked through for garbage any more. After everything has been imported."""
    gc.collect()
    gc.freeze()
