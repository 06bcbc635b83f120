"""How a sandbox behaves; everything but the size and the seed can be changed while it runs."""

from dataclasses import dataclass, fields
from typing import Any, get_type_hints

CHOICES = {
    "tier": ("free", "starter", "pro", "enterprise", "addon", "oauth"),
    "salesforce_tier": ("developer", "enterprise", "unlimited", "sandbox"),
}


@dataclass(slots=True)
class Settings:
    """The knobs of `POST /_control/settings` and of the command line."""

    contacts: int = 47_000
    seed: int = 7
    limits: bool = True
    latency_ms: float = 0
    """Added to every answer of a platform."""
    salesforce_latency_ms: float = 0
    """Added to every answer of Salesforce, on top."""
    search_lag: float = 0
    """Seconds until HubSpot's search sees a write."""
    omit_trace_ids: bool = False
    """HubSpot leaves objectWriteTraceId and `new` out of batch results."""
    shuffle: bool = True
    """HubSpot answers batches in another order than asked."""
    tier: str = "starter"
    """What the HubSpot account pays for."""
    salesforce_tier: str = "enterprise"
    """The edition of the Salesforce org."""
    bulk_delay: float = 0.5
    """Seconds a Salesforce bulk job is queued, and again that it runs."""
    bulk_fail_after: int | None = None
    """A bulk job fails after this many rows, which stay written."""
    bursts: bool = True
    """Every fifth Sforce-Limit-Info carries more than api-usage."""
    compress: bool = False
    """Answer with gzip when asked; off, since it costs more than everything else together."""


def change_settings(settings: Settings, changes: dict[str, Any]) -> None:
    """Raises ValueError for an unknown name or a value of the wrong type; changes nothing then."""
    names = {field.name for field in fields(settings)}
    for name, value in changes.items():
        if name not in names:
            raise ValueError(f"There is no setting {name}.")
        _check_type(name, value)
    for name, value in changes.items():
        setattr(settings, name, value)


def _check_type(name: str, value: object) -> None:
    wanted = get_type_hints(Settings)[name]
    allowed = (int, float) if wanted is float else wanted
    if not isinstance(value, allowed) or (isinstance(value, bool) and wanted is not bool):
        raise ValueError(f"The setting {name} cannot be {value!r}.")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"The setting {name} is one of {', '.join(CHOICES[name])}.")
