"""What can be told to the simulated HubSpot."""

from dataclasses import dataclass, field

TIERS = ("free", "starter", "pro", "enterprise", "addon", "oauth")


@dataclass(slots=True)
class Options:
    """Its own knobs."""

    tier: str = field(default="starter", metadata={"choices": TIERS, "help": "what the HubSpot account pays for"})
    search_lag: float = field(default=0, metadata={"help": "seconds until HubSpot's search sees a write"})
    omit_trace_ids: bool = False
    """Batch results leave out objectWriteTraceId and `new`."""
    shuffle: bool = True
    """Batches are answered in another order than asked."""
