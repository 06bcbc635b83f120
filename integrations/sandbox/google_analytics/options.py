"""What can be told to the simulated Google Analytics."""

from dataclasses import dataclass, field

TIERS = ("standard", "premium")


@dataclass(slots=True)
class Options:
    """Its own knobs."""

    analytics_tier: str = field(
        default="standard", metadata={"choices": TIERS, "help": "a standard property, or one of Analytics 360"}
    )
    report_lag: float = field(default=60, metadata={"help": "seconds until Google's reports count an event"})
    export_seconds: float = field(default=20, metadata={"help": "how long Google makes the list of an audience"})
    exports_fail: bool = False
    """Lists of audiences are not made."""
    api_disabled: bool = False
    """The Data API is switched off in the project."""
