"""The panel as a Django app."""

from django.apps import AppConfig


class SyncpanelConfig(AppConfig):
    """HTTP in, HTML out."""

    name = "syncpanel"
