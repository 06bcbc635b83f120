"""How the C library keeps memory for a worker. Its own way is to keep an arena for each thread, and what is large among
what is small once something large was freed: a worker would hold on to the peaks of all its threads.

glibc only; elsewhere nothing is done. https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes

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
