"""Template tags: small visual pieces. None of them emits a style attribute or a script."""

from django import template
from django.contrib.auth.base_user import AbstractBaseUser
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from integrations.adapters.registry import capabilities
from integrations.enums import ConnectionState, Status
from syncpanel.roles import role_of

register = template.Library()

SPRITE = "vendor/icons/icons.svg"

# state → (word, icon). The colour lives in CSS under .s-<state>; word and icon are always shown with it.
STATES = {
    "ok": ("Healthy", "circle-check"),
    "running": ("Running", "loader-2"),
    "warn": ("Needs a look", "alert-triangle"),
    "failed": ("Stopped", "circle-x"),
    "waiting": ("Waiting", "hourglass"),
    "paused": ("Paused", "player-pause"),
    "idle": ("Scheduled", "clock"),
    "draft": ("Draft", "pencil"),
}
STATUS_STATES: dict[str, str] = {
    Status.QUEUED: "idle",
    Status.RUNNING: "running",
    Status.WAITING: "waiting",
    Status.PAUSED: "paused",
    Status.STUCK: "failed",
    Status.SUCCEEDED: "ok",
    Status.PARTIAL: "warn",
    Status.CANCELLED: "paused",
}
CONNECTION_STATES: dict[str, str] = {
    ConnectionState.UNTESTED: "draft",
    ConnectionState.OK: "ok",
    ConnectionState.SIGN_IN_NEEDED: "failed",
    ConnectionState.TROUBLE: "warn",
}
STATUS_ICONS: dict[str, str] = {Status.CANCELLED: "ban"}


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A glyph of the sprite; hidden from screen readers unless it has a label of its own."""
    spoken = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html('<svg class="i {}"{}><use href="{}#i-{}"></use></svg>', size, spoken, static(SPRITE), name)


@register.simple_tag
def pill(state: str, label: str = "", quiet: bool = False, glyph: str = "") -> SafeString:
    """A state as colour, icon and word. `quiet` leaves the background out, for tables."""
    word, default = STATES[state]
    return format_html(
        '<span class="pill s-{}{}">{}<span>{}</span></span>',
        state,
        " quiet" if quiet else "",
        icon(glyph or default, "spin" if state == "running" else ""),
        label or word,
    )


@register.simple_tag
def status_pill(status: str, label: str = "", quiet: bool = False) -> SafeString:
    """A job's status as a pill."""
    return pill(STATUS_STATES[status], label or str(Status(status).label), quiet, STATUS_ICONS.get(status, ""))


@register.simple_tag
def connection_pill(state: str, quiet: bool = False) -> SafeString:
    """A connection's state as a pill."""
    return pill(CONNECTION_STATES[state], str(ConnectionState(state).label), quiet)


@register.filter
def status_state(status: str) -> str:
    """The colour word of a job's status, for s-… classes."""
    return STATUS_STATES[status]


@register.simple_tag
def tile(letter: str, hue: str = "slate", size: str = "") -> SafeString:
    """A letter tile that stands for a platform: no third-party logos."""
    return format_html('<span class="tile t-{} {}" aria-hidden="true">{}</span>', hue, size, letter)


@register.simple_tag
def platform_tile(platform: str, size: str = "") -> SafeString:
    """The tile of a platform, as its adapter declares it."""
    declared = capabilities(platform)
    return tile(declared.letter, declared.hue, size)


@register.simple_tag
def crumb(label: object, url: str = "") -> SafeString:
    """One step of "You are here"; without an address it is the present page."""
    if url:
        return format_html('{}<a href="{}" class="cut">{}</a>', icon("chevron-right"), url, label)
    return format_html('{}<span aria-current="page" class="cut">{}</span>', icon("chevron-right"), label)


@register.filter
def soft(value: object) -> SafeString:
    """Lets long e-mail addresses break after the @ instead of inside a word."""
    return mark_safe(escape(value).replace("@", "@<wbr>"))  # noqa: S308 - escaped on the same line


@register.filter
def initials(name: str) -> str:
    """Dana Wells → DW; dana@example.com → D."""
    return "".join(word[0] for word in name.split("@", maxsplit=1)[0].split())[:2].upper()


@register.filter
def role(user: AbstractBaseUser) -> str:
    """What a person may do, in one word."""
    return role_of(user)
