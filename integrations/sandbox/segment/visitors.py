"""People on the simulated website: what they do there arrives at Segment like everything else."""

from typing import Any

from integrations.sandbox.generate import COLUMNS, People
from integrations.sandbox.platform import Chosen
from integrations.sandbox.segment import credentials
from integrations.sandbox.segment.ingest import Ingest

Values = dict[str, Any]
_AT = {name: at for at, name in enumerate(COLUMNS)}
_TRAITS = (
    ("email", "email"),
    ("firstName", "firstname"),
    ("lastName", "lastname"),
    ("phone", "phone"),
    ("title", "jobtitle"),
)
SIGNED_UP = "Signed Up"


def user_id(number: int) -> str:
    """The site's own number of a person."""
    return f"user-{number:06d}"


class Website:
    """Has the people of all platforms as visitors; visitor number i is always the same person."""

    def __init__(self, people: People, ingest: Ingest) -> None:
        self._people = people
        self._ingest = ingest
        self._last = 0

    def touch(self, object_name: str, chosen: Chosen, values: Values) -> list[str]:
        """The first so many people, or these, say who they are, or sign up; `values` are traits or properties on top."""
        if object_name not in ("users", "events"):
            raise KeyError(object_name)
        numbers = range(min(chosen, self._people.count)) if isinstance(chosen, int) else map(_read_number, chosen)
        return [self._act(object_name, number, values) for number in numbers]

    def _act(self, object_name: str, number: int, values: Values) -> str:
        self._last += 1
        event: Values = {"userId": user_id(number), "messageId": f"ajs-next-{self._last:012d}", "context": _CONTEXT}
        if object_name == "users":
            event |= {"type": "identify", "traits": {**self._traits(number), **values}}
        else:
            event |= {"type": "track", "event": SIGNED_UP, "properties": {"plan": "pro", **values}}
        self._ingest.take(event, credentials.WEBSITE_KEY, is_counted=False)
        return str(event["userId"] if object_name == "users" else event["messageId"])

    def _traits(self, number: int) -> Values:
        row = self._people.row(number)
        traits: Values = {name: row[_AT[column]] for name, column in _TRAITS}
        traits |= {"company": {"name": row[_AT["company"]]}, "address": {"country": row[_AT["country"]]}}
        return {name: value for name, value in traits.items() if value}


def _read_number(text: str) -> int:
    return int(text.rpartition("-")[2])


_CONTEXT = {
    "library": {"name": "analytics.js", "version": "next-1.70.0"},
    "campaign": {"source": "newsletter", "medium": "email", "name": "autumn"},
    "page": {"path": "/pricing", "url": "https://www.example.com/pricing", "title": "Pricing"},
}
