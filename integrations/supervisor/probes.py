"""Ways to find out whether a child still does its work. True: it does. False: no sign. None: cannot be known now."""

import http.client
from collections.abc import Callable
from datetime import datetime

from django.db import Error as DatabaseError
from django.db import connection

from integrations.models import WorkerBeat

Probe = Callable[[], bool | None]

ANSWER_WITHIN = 5.0


def http_probe(host: str, port: int, path: str, name: str = "") -> Probe:
    """Does the server answer at all? Any status will do: what it says is not ours to judge. `name`: what it is to be
    called, if it minds."""
    headers = {"Host": name} if name else {}

    def answers() -> bool:
        client = http.client.HTTPConnection(host, port, timeout=ANSWER_WITHIN)
        try:
            client.request("GET", path, headers=headers)
            client.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            client.close()
        return True

    return answers


class BeatProbe:
    """Has the row of this name moved since the last look? Hosts' clocks are never compared."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._last: datetime | None = None
        self._has_looked = False

    def __call__(self) -> bool | None:
        try:
            at = WorkerBeat.objects.filter(name=self.name).values_list("at", flat=True).first()
        except DatabaseError:
            return None
        finally:
            connection.close()
        moved = self._has_looked and at != self._last
        self._last, self._has_looked = at, True
        return moved
