"""Whose turn it is to test a connection: a person waits for a test, and a thread of the web server with him."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from integrations.exceptions import RefusedTransitionError
from integrations.models import Connection

TEST_SECONDS = 15.0
TURN = timedelta(seconds=60)
"""Longer than a test with all its waits for the database; what a killed process left behind ends by itself."""
AT_ONCE = 3
"""Of the threads of one process, so that tests of platforms that hang leave most of them to everybody else."""

_places = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def only_a_few() -> Iterator[None]:
    """A few calls to platforms at a time while a person waits for the page. RefusedTransitionError otherwise."""
    if not _places.acquire(blocking=False):
        raise RefusedTransitionError("Others are asking their systems just now. Try again in a few seconds.")
    try:
        yield
    finally:
        _places.release()


@contextmanager
def only_test_of(connection: Connection) -> Iterator[None]:
    """One test per connection at a time on all hosts, and a few in this process. RefusedTransitionError otherwise."""
    with only_a_few():
        now = timezone.now()
        rows, until = Connection.objects.filter(pk=connection.pk), now + TURN
        if not rows.filter(Q(testing_until=None) | Q(testing_until__lt=now)).update(testing_until=until):
            raise RefusedTransitionError(f"A test of {connection.name} is running. Its answer shows up here.")
        try:
            yield
        finally:
            rows.filter(testing_until=until).update(testing_until=None)
