"""Walking over a job's source pages in groups that fit one call into the sandbox and one commit."""

from collections.abc import Iterator

from integrations.enums import PageStatus
from integrations.models import SourcePage
from integrations.orchestrator.work import Work

GROUP_RECORDS = 1_000
GROUP_BYTES = 4_000_000


def groups(work: Work, status: PageStatus) -> Iterator[list[SourcePage]]:
    """Pages of that status in order, in groups of about a thousand records; a page is never split."""
    group: list[SourcePage] = []
    records = size = 0
    for page in _pages(work, status):
        weight = len(getattr(page, _payload(status)))
        if group and (records + page.count > GROUP_RECORDS or size + weight > GROUP_BYTES):
            yield group
            group, records, size = [], 0, 0
        group.append(page)
        records, size = records + page.count, size + weight
    if group:
        yield group


def _pages(work: Work, status: PageStatus) -> Iterator[SourcePage]:
    """One small read after the other, so that nothing is held open and memory stays flat."""
    last = -1
    while True:
        chunk = SourcePage.objects.filter(job_id=work.job.pk, status=status, number__gt=last).order_by("number")
        rows = list(chunk.only("number", "count", "job_id", _payload(status))[:12])
        if not rows:
            return
        yield from rows
        last = rows[-1].number


def _payload(status: PageStatus) -> str:
    """The one blob that a stage works on; the other is read only where it is needed."""
    return "mapped" if status == PageStatus.MAPPED else "records"
