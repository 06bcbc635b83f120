"""The panel as a Django app."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class SyncpanelConfig(AppConfig):
    """HTTP in, HTML out."""

    name = "syncpanel"

    def ready(self) -> None:
        """The roles follow the code: every migrate writes them."""
        from syncpanel.roles import save_roles

        # the engine's models carry the permissions; an app without models is never a sender
        post_migrate.connect(save_roles, sender=apps.get_app_config("integrations"))
