"""The engine as a Django app."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Models, engine and its commands; knows nothing of HTTP requests or templates."""

    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the queue settings."""
        from integrations import checks  # noqa: F401
