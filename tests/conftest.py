"""What every test needs: quick passwords, plain static files, databases of its own. And in which order they run."""

import zlib

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from xdist.scheduler import LoadScopeScheduling

from tests import databases

WAITING = ("tests/e2e/", "tests/faults/", "tests/integrations/supervisor/", "tests/syncpanel/management/")
"""These start processes and mostly wait for them: some test processes begin with them, while the others compute."""
WAITERS = 3
"""So many test processes do."""
PANELS = 2
"""So many test processes share the browser's tests, each with a panel of its own."""


hypothesis.settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy machine")


class FilesTogether(LoadScopeScheduling):
    """Tests of a file run in one process: they share what they set up. In the order in which they were collected, but
    those that wait beside those that compute."""

    def _split_scope(self, nodeid):
        path = nodeid.split("::")[0]
        return f"{WAITING[0]} {zlib.crc32(path.encode()) % PANELS}" if path.startswith(WAITING[0]) else path

    def _assign_work_unit(self, node):
        waits = int(node.gateway.id.removeprefix("gw")) < WAITERS
        fit = (scope for scope in self.workqueue if scope.startswith(WAITING) == waits)
        self.workqueue.move_to_end(next(fit, next(iter(self.workqueue))), last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return FilesTogether(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """After all plugins; stable, so that it is as they want it else."""
    yield
    items.sort(key=lambda item: not item.nodeid.startswith(WAITING))


@pytest.fixture(autouse=True, scope="session")
def _plain_settings():
    """Static files without a manifest, passwords that cost nothing. Once: telling everybody of a setting takes time."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, PASSWORD_HASHERS=hashers):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Its tables are copied."""
    settings.DATABASES["default"].setdefault("TEST", {})["MIGRATE"] = connection.vendor != "sqlite"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of tests that need no committed rows."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            databases.fill_from_template()


@pytest.fixture
def committed_db(django_db_blocker):
    """A database of its own (SQLite file) whose rows every thread and process sees. Yields its URL."""
    with django_db_blocker.unblock():
        url = databases.new_url("sqlite")
        with databases.used(url):
            yield url
        databases.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def each_db(request, django_db_blocker):
    """As `committed_db`, once on SQLite and once on PostgreSQL."""
    with django_db_blocker.unblock():
        if request.param == "postgresql" and not databases.postgres_is_there():
            pytest.skip("no PostgreSQL server")
        url = databases.new_url(request.param)
        with databases.used(url):
            yield url
        databases.drop(url)


def pytest_unconfigure(config):
    """Nothing is left behind."""
    if not hasattr(config, "workerinput"):
        databases.drop_templates()
