"""Template tags that draw charts as SVG.

Every size is a presentation attribute (width="42%"), which a strict Content-Security-Policy allows; colours are CSS
classes, so dark mode costs nothing. Beside each chart the page says the same in words or offers a table.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


class Hour(NamedTuple):
    """One bar of `throughput`: what was sent, what is to fix, and the usual range of that hour."""

    label: str
    done: int
    failed: int
    usual_low: int = 0
    usual_high: int = 0


# letter → (height in %, state, what it means): the height differs by result, so it reads without colour.
TICKS = {
    "o": (100, "ok", "finished"),
    "w": (72, "warn", "finished with records to fix"),
    "f": (42, "failed", "stopped"),
    "r": (100, "running", "running now"),
    "p": (30, "paused", "paused or cancelled"),
    "-": (14, "idle", "did not run"),
}


@register.simple_tag
def bar(
    percent: float, state: str = "running", failed: float = 0, label: str = "", text: str = "", *, height: int = 8
) -> SafeString:
    """A progress bar. `percent` and `failed` (its red tail) are 0 to 100; `text` is a sentence for screen readers."""
    percent = max(0.0, min(100.0, float(percent)))
    return format_html(
        '<svg class="bar s-{}" width="100%" height="{}" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        'aria-valuenow="{}" aria-label="{}" aria-valuetext="{}">{}{}</svg>',
        state,
        height,
        round(percent),
        label,
        text or f"{percent:.0f}%",
        _dashes(percent, height) if state == "waiting" else _fill("b-fill", 0, percent),
        _fill("b-fail", percent - failed, failed) if failed and state != "waiting" else "",
    )


def _fill(name: str, start: float, width: float) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}%" y="0" height="100%" width="{}%"></rect>', name, round(start, 2), round(width, 2)
    )


def _dashes(percent: float, height: int) -> SafeString:
    """Waiting is dashed, so that it is not mistaken for running by people who see no difference in colour."""
    return format_html(
        '<line class="b-dash" x1="0" x2="{}%" y1="50%" y2="50%" stroke-width="{}" stroke-dasharray="7 3"></line>',
        round(percent, 2),
        height,
    )


@register.simple_tag
def ticks(results: str) -> SafeString:
    """The last jobs as a strip, newest right: one letter of TICKS each."""
    step = 100 / max(len(results), 1)
    bars = format_html_join(
        "",
        '<rect class="k-{}" x="{}%" y="{}%" width="{}%" height="{}%" rx="1.5"></rect>',
        (
            (TICKS[letter][1], round(n * step, 2), 100 - TICKS[letter][0], round(step * 0.66, 2), TICKS[letter][0])
            for n, letter in enumerate(results)
        ),
    )
    return format_html(
        '<svg class="ticks" width="100%" height="22" role="img" aria-label="{}">{}</svg>',
        _ticks_in_words(results),
        bars,
    )


def _ticks_in_words(results: str) -> str:
    counted = ((results.count(letter), meaning) for letter, (_, _, meaning) in TICKS.items() if letter != "-")
    said = ", ".join(f"{number} {meaning}" for number, meaning in counted if number)
    return f"Last jobs: {said}" if said else "No jobs yet"


@register.simple_tag
def spark(values: Sequence[float], state: str = "running", width: int = 120, height: int = 32) -> SafeString:
    """A small line without axes."""
    low, high = min(values, default=0), max(values, default=0)
    span, last = (high - low) or 1, max(len(values) - 1, 1)
    line = "M" + " L".join(
        f"{n / last * 100:.2f},{30 - (value - low) / span * 26:.2f}" for n, value in enumerate(values)
    )
    return format_html(
        '<svg class="spark s-{}" width="{}" height="{}" viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="sp-area" d="{} L100,32 L0,32 Z"></path><path class="sp-line" d="{}"></path></svg>',
        state,
        width,
        height,
        line,
        line,
    )


@register.simple_tag
def throughput(hours: Sequence[Hour], ceiling: float, noun: str = "people", now: int = -1) -> SafeString:
    """Bars per hour (sent, and above them what is to fix) over the band of what is usual; `now` is the pale bar."""
    step = 100 / max(len(hours), 1)
    grid = format_html_join(
        "", '<line class="c-grid" x1="0" x2="100%" y1="{0}%" y2="{0}%"></line>', ((g,) for g in (0.4, 25, 50, 75, 99.6))
    )
    bars = format_html_join(
        "", "{}", ((_hour(hour, n * step, step, ceiling, is_now=n == now, noun=noun),) for n, hour in enumerate(hours))
    )
    return format_html(
        '<svg class="plot" width="100%" height="100%" aria-hidden="true">{}<svg width="100%" height="100%" '
        'viewBox="0 0 100 100" preserveAspectRatio="none"><path class="c-band" d="{}"></path></svg>{}</svg>',
        grid,
        _band(hours, step, ceiling),
        bars,
    )


def _band(hours: Sequence[Hour], step: float, ceiling: float) -> str:
    """The path around the usual range; empty where there is none."""
    if not any(hour.usual_high for hour in hours):
        return ""
    high = [(step * (n + 0.5), 100 - hour.usual_high / ceiling * 100) for n, hour in enumerate(hours)]
    low = [(step * (n + 0.5), 100 - hour.usual_low / ceiling * 100) for n, hour in enumerate(hours)]
    around = [(0, high[0][1]), *high, (100, high[-1][1]), *reversed(low)]
    return "M" + " L".join(f"{x:.2f},{y:.2f}" for x, y in around) + " Z"


def _hour(hour: Hour, left: float, step: float, ceiling: float, *, is_now: bool, noun: str) -> SafeString:
    """One hour: its bar, its red cap, and the invisible column that shows the figures on hover."""
    top, cap = hour.done / ceiling * 100, max(hour.failed / ceiling * 100, 2.2)
    x, width = round(left + step * 0.2, 2), round(step * 0.6, 2)
    rect = '<rect class="{}" x="{}%" y="{}%" width="{}%" height="{}%" rx="2"></rect>'
    done = format_html(rect, "c-bar c-now" if is_now else "c-bar", x, round(100 - top, 2), width, round(top, 2))
    failed = format_html(rect, "c-bad", x, round(100 - top - cap - 1.4, 2), width, round(cap, 2)) if hour.failed else ""
    tip = f"{hour.label}|{hour.done:,} {noun}|{f'{hour.failed:,} to fix' if hour.failed else 'nothing to fix'}"
    hover = format_html(
        '<rect class="c-hit" x="{}%" y="0" width="{}%" height="100%" data-tip="{}"></rect>',
        round(left, 2),
        round(step, 2),
        tip,
    )
    return format_html("{}{}{}", done if hour.done or hour.failed else "", failed, hover)


class Column(Protocol):
    """One day of `columns`: its calls, and how high it stands (0 to 100)."""

    day: date
    calls: int
    percent: int


@register.simple_tag
def columns(days: Sequence[Column]) -> SafeString:
    """One column per day; a day without calls is a thin line."""
    step = 100 / max(len(days), 1)
    drawn = format_html_join(
        "",
        '<rect class="c-bar{}" x="{}%" y="{}%" width="{}%" height="{}%" rx="2" data-tip="{}"></rect>',
        (
            (
                " c-none" if not day.calls else "",
                round(n * step + step * 0.1, 2),
                100 - max(day.percent, 2),
                round(step * 0.8, 2),
                max(day.percent, 2),
                f"{day.day:%a %d %b}|{day.calls:,} calls",
            )
            for n, day in enumerate(days)
        ),
    )
    return format_html('<svg class="plot" width="100%" height="72" aria-hidden="true">{}</svg>', drawn)


@register.simple_tag
def ring(percent: float, state: str = "ok", size: int = 44) -> SafeString:
    """A gauge; the words beside it say the same."""
    around = 2 * 3.14159 * 18
    return format_html(
        '<svg class="ring s-{}" width="{}" height="{}" viewBox="0 0 44 44" aria-hidden="true">'
        '<circle class="r-track" cx="22" cy="22" r="18"></circle><circle class="r-fill{}" cx="22" cy="22" r="18" '
        'stroke-dasharray="{} {}" transform="rotate(-90 22 22)"></circle></svg>',
        state,
        size,
        size,
        "" if percent >= 0.5 else " r-none",  # round ends would draw a dot for nothing
        round(around * max(0.0, min(100.0, float(percent))) / 100, 1),
        round(around, 1),
    )


DOTS = {"o": "ok", "c": "running", "w": "warn"}


@register.simple_tag
def dots(letters: str, label: str) -> SafeString:
    """One small block a person: fine, changed, or in need of a look; the label says it in words."""
    step = 100 / max(len(letters), 1)
    blocks = format_html_join(
        "",
        '<rect class="d-{}" x="{}%" width="{}%" height="{}" y="{}" rx="3"></rect>',
        (
            (
                DOTS[letter],
                round(place * step, 3),
                round(step * 0.8, 3),
                10 if letter == "w" else 7,
                0 if letter == "w" else 3,
            )
            for place, letter in enumerate(letters)
        ),
    )
    return format_html('<svg class="dots" width="100%" height="10" role="img" aria-label="{}">{}</svg>', label, blocks)


@register.simple_tag
def typical(low: float, high: float, now: float, scale: float, expected: float = 0) -> SafeString:
    """The ruler of "normal 38–44 min, now at 41": the usual range in green, the forecast pale."""

    def at(value: float) -> float:
        return round(min(value / scale * 100, 100), 2)

    forecast = format_html(
        '<rect class="ty-exp" x="{}%" y="9" width="{}%" height="6" rx="3"></rect>'
        '<rect class="ty-expend" x="{}%" y="5" width="2" height="14" rx="1"></rect>',
        at(now),
        round(max(at(expected) - at(now), 0), 2),
        at(expected),
    )
    return format_html(
        '<svg class="typical" width="100%" height="24" aria-hidden="true">'
        '<rect class="ty-track" x="0" y="9" width="100%" height="6" rx="3"></rect>'
        '<rect class="ty-usual" x="{}%" y="4" width="{}%" height="16" rx="4"></rect>'
        '<rect class="ty-now" x="0" y="9" width="{}%" height="6" rx="3"></rect>{}'
        '<circle class="ty-dot" cx="{}%" cy="12" r="7"></circle></svg>',
        at(low),
        round(at(high) - at(low), 2),
        at(now),
        forecast if expected else "",
        at(now),
    )
