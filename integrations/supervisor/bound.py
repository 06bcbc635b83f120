"""`python -m integrations.supervisor.bound SIGNAL PARENT COMMAND…`: becomes COMMAND, which the kernel sends SIGNAL when
PARENT dies. A program of its own, for nothing may run between fork and exec in a process that has threads."""

import os
import signal
import sys

from integrations.supervisor.lineage import die_with_parent

if __name__ == "__main__":
    die_with_parent(signal.Signals(int(sys.argv[1])), parent=int(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 becoming the command is what this is for
