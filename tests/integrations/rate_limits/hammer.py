"""A process that calls as fast as it is permitted from four threads, and writes down when it did.

python hammer.py <policy file> <connection id> <sync id> <seconds> <file>
"""

import os
import sys
import threading
import time
from pathlib import Path

import django


def main(policy_file: str, connection_id: str, sync_id: str, seconds: str, times_file: str) -> None:
    django.setup()
    from django.db import connections

    from integrations.models import Connection
    from integrations.rate_limits.limiter import ConnectionPermits
    from integrations.rate_limits.registry import read_policy

    connection = Connection.objects.get(pk=connection_id)
    permits = ConnectionPermits(connection, sync_id=int(sync_id), rules=read_policy(Path(policy_file)))
    times = os.open(times_file, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    until = time.time() + float(seconds)
    left_open: list[bool] = []

    def call() -> None:
        while time.time() < until:
            with permits.permit("api"):
                os.write(times, b"%.6f\n" % time.time())
        left_open.append(connections["default"].connection is not None)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    permits.close()
    sys.exit(3 if any(left_open) or len(left_open) < 4 else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
