"""The panel as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SyncpanelConfig(AppConfig):
    """HTTP in, HTML out."""

    name = "syncpanel"

    def ready(self) -> None:
        """The roles follow the code: every migrate writes them."""
        from syncpanel.roles import save_roles

        post_migrate.connect(save_roles, sender=self)
