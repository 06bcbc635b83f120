"""How long the last jobs took, drawn as SVG without a style attribute."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integrations.enums import ACTIVE, Status
from integrations.queries.forecast import Band
from integrations.queries.jobs import PastJob
from syncpanel.templatetags.words import count, duration

register = template.Library()

PLACES = 12
COLOURS: dict[str, str] = {Status.STUCK: "bad", Status.CANCELLED: "gone"}


@register.simple_tag
def durations(jobs: Sequence[PastJob], usual: Band | None, places: int = PLACES) -> SafeString:
    """One bar per job, oldest left, over the band of what is usual. Late ones are amber, running ones pale."""
    ceiling = ceiling_of(jobs)
    grid = format_html_join(
        "", '<line class="c-grid" x1="0" x2="100%" y1="{0}%" y2="{0}%"></line>', ((g,) for g in (0.5, 50, 99.5))
    )
    bars = format_html_join(
        "", "{}", ((_bar(job, place, places, ceiling, usual),) for place, job in _placed(jobs, places))
    )
    return format_html(
        '<svg class="plot" width="100%" height="100%" role="img" aria-label="{}">{}{}{}</svg>',
        in_words(jobs),
        grid,
        _band(usual, ceiling),
        bars,
    )


@register.simple_tag
def durations_top(jobs: Sequence[PastJob]) -> str:
    """What the top of the chart stands for."""
    return duration(ceiling_of(jobs))


@register.simple_tag
def durations_middle(jobs: Sequence[PastJob]) -> str:
    """What the middle of the chart stands for."""
    return duration(ceiling_of(jobs) / 2)


def ceiling_of(jobs: Sequence[PastJob]) -> float:
    """A round number of seconds a little above the longest."""
    longest = max((job.took.total_seconds() for job in jobs), default=0.0)
    for step in (10, 20, 60, 120, 300, 600, 1200, 3600, 7200, 14_400, 43_200, 86_400):
        if longest * 1.1 <= step * 4:
            return float(max(step, -(-longest * 1.1 // step) * step))
    return longest * 1.1


def in_words(jobs: Sequence[PastJob]) -> str:
    """The chart as a sentence."""
    if not jobs:
        return "No jobs yet"
    took = [job.took for job in jobs]
    return f"The last {len(jobs)} jobs took {duration(min(took))} to {duration(max(took))}; the newest {duration(took[-1])}"


def _placed(jobs: Sequence[PastJob], places: int) -> list[tuple[int, PastJob]]:
    """The newest stands right, also when there are few."""
    shown = jobs[-places:]
    return list(enumerate(shown, start=places - len(shown)))


def _bar(job: PastJob, place: int, places: int, ceiling: float, usual: Band | None) -> SafeString:
    step = 100 / places
    height = max(1.5, min(100.0, job.took.total_seconds() / ceiling * 100))
    return format_html(
        '<rect class="c-bar {}" x="{}%" width="{}%" y="{}%" height="{}%" rx="2" data-tip="{}"></rect>',
        _colour(job, usual),
        round(place * step + step * 0.22, 2),
        round(step * 0.56, 2),
        round(100 - height, 2),
        round(height, 2),
        f"Job {count(job.pk)}|{duration(job.took)}|{Status(job.status).label}",
    )


def _colour(job: PastJob, usual: Band | None) -> str:
    if job.status in COLOURS:
        return COLOURS[job.status]
    if job.status in ACTIVE:
        return "c-now"
    return "late" if usual and job.took > usual.high * 1.1 else "okb"


def _band(usual: Band | None, ceiling: float) -> SafeString | str:
    if usual is None:
        return ""
    low, high = (moment.total_seconds() / ceiling * 100 for moment in (usual.low, usual.high))
    return format_html(
        '<rect class="c-band" x="0" width="100%" y="{}%" height="{}%"></rect>',
        round(100 - high, 2),
        round(max(high - low, 1), 2),
    )
