"""What can be told to the simulated Salesforce."""

from dataclasses import dataclass, field

TIERS = ("developer", "enterprise", "unlimited", "sandbox")


@dataclass(slots=True)
class Options:
    """Its own knobs."""

    salesforce_tier: str = field(
        default="enterprise", metadata={"choices": TIERS, "help": "the edition of the Salesforce org"}
    )
    salesforce_latency_ms: float = field(default=0, metadata={"help": "added to Salesforce's answers, on top"})
    bulk_delay: float = 0.5
    """Seconds a bulk job is queued, and again that it runs."""
    bulk_fail_after: int | None = None
    """A bulk job fails after this many rows, which stay written."""
    bursts: bool = True
    """Every fifth Sforce-Limit-Info carries more than api-usage."""
