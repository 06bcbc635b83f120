"""The entries of the navigation: only pages that exist."""

from typing import NamedTuple

from django.conf import settings


class Entry(NamedTuple):
    """One entry. `url_name` says where it leads; every page whose URL name starts with `subject` belongs to it.
    `in_bar`: on a phone it stands in the bar below, which has room for four, and not behind "More"."""

    url_name: str
    icon: str
    label: str
    subject: str
    short: str = ""
    in_bar: bool = True


MAIN = (
    Entry("overview", "layout-dashboard", "Overview", "overview"),
    Entry("sync-list", "refresh", "Syncs", "sync"),
    Entry("job-list", "activity", "Jobs", "job", in_bar=False),
    Entry("failure-list", "tool", "Fix-it list", "failure", "Fix it"),
    Entry("duplicate-list", "users", "Duplicates", "duplicate", in_bar=False),
    Entry("mapping-list", "arrows-right-left", "Field mappings", "mapping", "Mappings"),
)
SET_UP = (
    Entry("connection-list", "plug-connected", "Connections", "connection"),
    Entry("limit-list", "gauge", "Limits", "limit"),
    Entry("delivery-list", "webhook", "Incoming events", "delivery"),
)
SANDBOX = Entry("sandbox", "flask", "Sandbox", "sandbox")
TEAM = (Entry("activity-list", "history", "Activity", "activity"),)

ALSO = {"batch": "job"}


def subject_of(url_name: str) -> str:
    """Which entry a page belongs to: the noun its URL name begins with."""
    noun = url_name.split("-", maxsplit=1)[0]
    return ALSO.get(noun, noun)


def groups() -> list[tuple[str, tuple[Entry, ...]]]:
    """The navigation, group by group; the sandbox is there in the demo only."""
    return [("", MAIN), ("Set up", (*SET_UP, SANDBOX) if settings.DEMO else SET_UP), ("Team", TEAM)]
