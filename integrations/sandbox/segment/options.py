"""What can be told to the simulated Segment."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Options:
    """Its own knobs."""

    segment_lag: float = field(
        default=0, metadata={"help": "seconds until Segment knows of what it took: profiles, webhooks, figures"}
    )
    segment_calls: int = 1_000
    """Calls a second that the Tracking API takes."""
