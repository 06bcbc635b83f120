"""The first page in words: the greeting, the one sentence, what needs a person, and the figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from integrations.models import Connection
from integrations.queries.lateness import Late
from integrations.queries.overview import HourCount, Overview, Running, ages, middle_age
from integrations.queries.syncs import SyncHealth
from syncpanel.templatetags.charts import Hour
from syncpanel.templatetags.ui import status_state
from syncpanel.templatetags.words import about, clock, count, duration, noun_for
from syncpanel.words import duplicates
from syncpanel.words.cards import where
from syncpanel.words.drifts import Card, cards
from syncpanel.words.incoming import QuietNote, quiet_note
from syncpanel.words.jobs import percent, stage_line

MOST_REASONS = 3
BEAT_AWAY = "The part of Syncpanel that starts syncs is not running. Whoever runs Syncpanel has to look"


class Need(NamedTuple):
    """One thing that needs a person, with its one button. `post` is a URL the button posts to, else `url` is a link."""

    state: str
    icon: str
    title: object
    note: object
    action: str
    url: str = ""
    post: str = ""


class Live(NamedTuple):
    """A job under way."""

    health: SyncHealth
    pk: int
    percent: float
    state: str
    stage: str
    left: str


class Figure(NamedTuple):
    """One of the four figures."""

    name: str
    value: str
    unit: str
    note: str
    css: str = "t2"
    icon: str = ""


def greeting(now: datetime, name: str) -> str:
    """Good morning, Dana."""
    hour = timezone.localtime(now).hour
    part = "Good morning" if 5 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"
    return f"{part}, {name}" if name else part


def summary(overview: Overview) -> str:
    """How many syncs are healthy."""
    total = overview.total
    if overview.healthy == total:
        return f"All {count(total)} syncs are healthy." if total > 1 else "Your sync is healthy."
    if total == 1:
        return "Your sync needs a look."
    verb = "is" if overview.healthy == 1 else "are"
    return f"{count(overview.healthy)} of {count(total)} {noun_for(total, 'sync,syncs')} {verb} healthy."


def needs(overview: Overview, now: datetime | None = None) -> list[Need]:
    """What needs a person, the most pressing first."""
    return [
        *(_lost(connection) for connection in overview.lost),
        *(_stopped(health) for health in overview.stopped),
        *(_held(health) for health in overview.held),
        *(_late(late) for late in overview.late),
        *(_drift(card) for card in cards(overview.drifts)),
        *(_quiet(quiet_note(one, now or timezone.now())) for one in overview.quiet),
        *_reasons(overview),
        *_duplicates(overview),
    ]


def _lost(connection: Connection) -> Need:
    name, pk = connection.name, connection.pk
    note = "Its jobs stop where they are and go on from there once it is renewed"
    return Need(
        "failed", "key", f"{name} needs a new sign-in", note, "Reconnect", url=reverse("connection-edit", args=[pk])
    )


def _stopped(health: SyncHealth) -> Need:
    job = health.active
    assert job is not None
    title = f"{health.sync.name} stopped at {where(job)}. Nothing is lost"
    if health.connections_lost:
        return Need("failed", "circle-x", title, job.reason, "Look", url=reverse("job-detail", args=[job.pk]))
    return Need("failed", "circle-x", title, job.reason, "Resume", post=reverse("job-resume", args=[job.pk]))


def _held(health: SyncHealth) -> Need:
    job = health.active
    assert job is not None
    title = f"{health.sync.name} is held before sending"
    return Need("warn", "shield-check", title, job.reason, "Look", url=reverse("job-detail", args=[job.pk]))


def _late(late: Late) -> Need:
    sync, job = late.health.sync, late.job
    title = format_html("{} was expected {} and did not start", sync.name, clock(late.slot))
    if job is not None:
        url = reverse("job-detail", args=[job.pk])
        note = f"Job {count(job.pk)} is not finished yet: {stage_line(job).lower()}"
        return Need("warn", "clock", title, note, "Look", url=url)
    note = BEAT_AWAY if late.is_beat_away else late.told or "It is tried again every few seconds. The log may tell why"
    return Need("warn", "clock", title, note, "Start now", post=reverse("sync-start", args=[sync.pk]))


def _drift(card: Card) -> Need:
    return Need("warn", "columns-3", card.title, card.text, card.action, url=card.url)


def _quiet(note: QuietNote) -> Need:
    return Need(
        "warn", "webhook", note.title, note.text, "Look", url=f"{reverse('delivery-list')}?source={note.connection}"
    )


def _reasons(overview: Overview) -> list[Need]:
    names = {health.sync.pk: health.sync.name for health in overview.syncs}
    many = {health.sync.pk: (health.source.one, health.source.many) for health in overview.syncs}
    found = []
    for reason in overview.reasons[:MOST_REASONS]:
        noun = noun_for(reason.count, many.get(reason.syncs[0], ("record", "records")))
        where_from = " · ".join(names.get(sync, "") for sync in reason.syncs[:3])
        url = f"{reverse('failure-list')}?reason={reason.key}"
        title = f"{reason.title}: {count(reason.count)} {noun}"
        found.append(Need("warn", "tool", title, where_from, f"Fix {count(reason.count)}", url=url))
    return found


def _duplicates(overview: Overview) -> list[Need]:
    told = duplicates.need(overview.duplicates)
    return [Need("warn", "users", told.title, told.note, told.action, url=told.url)] if told else []


def running(overview: Overview) -> list[Live]:
    """The jobs under way."""
    return [live(one) for one in overview.running]


def live(one: Running) -> Live:
    """Where a job is, how far, and how long it still takes."""
    job = one.job
    stage = job.reason if job.status == "waiting" and job.reason else stage_line(job)
    left = f"{about(one.left.total_seconds())} left" if one.left is not None else ""
    return Live(one.health, job.pk, percent(job), status_state(job.status), stage, left)


def figures(overview: Overview, hours: Sequence[HourCount], now: datetime) -> list[Figure]:
    """Four figures: today's people, what waits, jobs that finished, how fresh the data is."""
    today = timezone.localtime(now).date()
    arrived = sum(hour.arrived for hour in hours if hour.start.date() == today)
    set_aside = sum(hour.set_aside for hour in hours if hour.start.date() == today)
    return [
        Figure("People synced today", count(arrived), "", f"{count(set_aside)} set aside today"),
        _to_fix(overview),
        _finished(overview),
        _fresh(overview, now),
    ]


def _to_fix(overview: Overview) -> Figure:
    if not overview.to_fix:
        return Figure("Waiting to be fixed", "0", "", "everyone went through")
    first, kinds = overview.reasons[0], len(overview.reasons)
    note = f"{count(first.count)} of them share one reason" if first.count > 1 else f"{count(kinds)} different reasons"
    note = "all for one reason" if kinds == 1 else note
    return Figure("Waiting to be fixed", count(overview.to_fix), "", note, "c-warn", "alert-triangle")


def _finished(overview: Overview) -> Figure:
    if not overview.ended:
        return Figure("Jobs finished, last 7 days", "–", "", "no job has ended yet")
    share = f"{100 * overview.finished / overview.ended:.1f}".removesuffix(".0")
    return Figure(
        "Jobs finished, last 7 days", share, "%", f"{count(overview.finished)} of {count(overview.ended)} jobs"
    )


def _fresh(overview: Overview, now: datetime) -> Figure:
    known = ages(overview.syncs, now)
    if not known:
        return Figure("How fresh your data is", "–", "", "nothing has been read yet")
    value, _, unit = duration(middle_age(known)).partition(" ")
    oldest, name = known[-1]
    return Figure("How fresh your data is", value, unit, f"Oldest: {name}, {duration(oldest)}")


class Chart(NamedTuple):
    """People per hour: bars, the round number at the top, and the words at the axes."""

    hours: list[Hour]
    ceiling: int
    rows: Sequence[HourCount]
    scale: list[str]
    times: list[str]
    has_usual: bool


def chart(hours: Sequence[HourCount]) -> Chart:
    """The last 24 hours as a chart; the newest bar is the hour under way."""
    bars = [Hour(f"{h.start:%H:%M}", h.arrived, h.set_aside, h.usual_low, h.usual_high) for h in hours]
    ceiling = round_up(max((max(b.done + b.failed, b.usual_high) for b in bars), default=0))
    steps = [_short(ceiling * n / 4) for n in (4, 3, 2, 1, 0)]
    times = [f"{hours[n].start:%H:%M}" for n in (0, 6, 12, 18)] if len(hours) > 18 else []
    return Chart(bars, ceiling, list(reversed(hours)), steps, [*times, "Now"], any(b.usual_high for b in bars))


def round_up(number: int) -> int:
    """The next 1, 2 or 4 times a power of ten, divisible by four, with room above the highest bar."""
    wanted = max(number * 1.08, 4)
    power = 4
    while True:
        for factor in (1, 2, 5):
            if power * factor >= wanted:
                return power * factor
        power *= 10


def _short(number: float) -> str:
    if number >= 1_000_000:
        return f"{number / 1_000_000:g}m"
    return f"{number / 1_000:g}k" if number >= 1_000 else f"{number:g}"
