"""What the navigation shows beside its entries."""

from integrations.models import FailedRecord

MOST = 1000


def count_to_fix() -> int:
    """How many failed records wait for a person; counts no further than MOST, so it costs the same with a million."""
    return FailedRecord.objects.open()[:MOST].count()
