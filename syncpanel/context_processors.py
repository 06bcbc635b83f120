"""What every page needs."""

from django.conf import settings
from django.http import HttpRequest


def panel(request: HttpRequest) -> dict[str, object]:
    """Demo mode."""
    return {"is_demo": settings.DEMO}
