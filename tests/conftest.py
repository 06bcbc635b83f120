"""What every test needs: settings of its own, quick passwords, plain static files."""

import os
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="syncpanel-tests-"))

import pytest

from tests import databases


@pytest.fixture(autouse=True)
def _plain_settings(settings):
    """Static files without a manifest, passwords that cost nothing."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
    databases.drop_templates()
