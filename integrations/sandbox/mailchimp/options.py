"""What can be told to the simulated Mailchimp."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Options:
    """Its own knobs."""

    mailchimp_latency_ms: float = field(default=0, metadata={"help": "added to Mailchimp's answers, on top"})
    mailchimp_batch_delay: float = 0.5
    """Seconds a batch waits, and again that it is worked on."""
    mailchimp_forget_rows: int = 0
    """So many rows of a bulk call are in none of its three lists, though they were carried out."""
    mailchimp_tags_count: bool = False
    """A change of tags moves last_changed."""
