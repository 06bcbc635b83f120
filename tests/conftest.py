"""What every test needs: settings of its own, quick passwords, plain static files."""

import os
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="syncpanel-tests-"))

import pytest


@pytest.fixture(autouse=True)
def _plain_settings(settings):
    """Static files without a manifest, passwords that cost nothing."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
