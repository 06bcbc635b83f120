"""Why people are on the Fix-it list, counted: by reason, from indexes alone, so that 100,000 rows cost milliseconds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet

from integrations.enums import FailureStatus
from integrations.models import FailedRecord


@dataclass(frozen=True, slots=True)
class Reason:
    """One group of failed records: a code, the field it concerns, its title in words. `syncs` are keys, most first."""

    code: str
    field: str
    title: str
    count: int
    syncs: tuple[int, ...]

    @property
    def key(self) -> str:
        """The group in a URL."""
        return f"{self.code}:{self.field}"


def reasons_of_job(job: int) -> tuple[Reason, ...]:
    """Why records of one job wait, most first. Two queries."""
    return _reasons(FailedRecord.objects.open().filter(job=job), by_sync=False)


def reasons(sync: int | None = None, status: str = FailureStatus.OPEN) -> tuple[Reason, ...]:
    """Why records wait, in all syncs or one, most first. Two queries."""
    found = FailedRecord.objects.filter(status=status)
    return _reasons(found.filter(sync=sync) if sync else found)


def _reasons(found: QuerySet[FailedRecord], *, by_sync: bool = True) -> tuple[Reason, ...]:
    """The title is that of the newest record of each group: reading every title would read every row.

    Grouped by exactly the columns of one index, because the planner follows the grouping more than the filter.
    """
    groups: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    columns = ("code", "field", "sync") if by_sync else ("code", "field")
    counted = found.order_by().values_list(*columns).annotate(number=Count("pk"), newest=Max("pk"))
    for code, field, *sync, number, newest in counted:
        groups[code, field].append((number, sync[0] if sync else 0, newest))
    titles = _titles(max(part[2] for part in parts) for parts in groups.values())
    listed = (_reason(code, field, parts, titles) for (code, field), parts in groups.items())
    return tuple(sorted(listed, key=lambda r: (-r.count, r.title)))


def _titles(newest: Iterable[int]) -> dict[int, str]:
    return dict(FailedRecord.objects.filter(pk__in=list(newest)).values_list("pk", "title"))


def _reason(code: str, field: str, parts: list[tuple[int, int, int]], titles: dict[int, str]) -> Reason:
    newest = max(part[2] for part in parts)
    syncs = tuple(sync for _, sync, _ in sorted(parts, reverse=True) if sync)
    return Reason(code, field, titles.get(newest, code), sum(part[0] for part in parts), syncs)
