"""How a sandbox behaves; everything but who its people are can be changed while it runs.

What concerns one platform only is declared in its folder (`options.py`); all names together are one flat list.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, get_type_hints

from integrations.sandbox.registry import parts

Options = TypeVar("Options")
ONLY_ON_RESET = frozenset({"contacts", "seed", "oddness"})


def make_options() -> dict[type, Any]:
    """The options of every platform, as they are at the start."""
    return {part.Options: part.Options() for _, part in parts("options")}


@dataclass(slots=True)
class Settings:
    """The knobs of `POST /_control/settings` and of the command line."""

    contacts: int = 47_000
    seed: int = 7
    oddness: float = 1
    """So many times as many odd contacts as usual: a small portal has some of each kind then."""
    limits: bool = True
    latency_ms: float = 0
    """Added to every answer of a platform."""
    compress: bool = False
    """Answer with gzip when asked; off, since it costs more than everything else together."""
    webhook_pace: float = field(
        default=60, metadata={"help": "webhooks are repeated so many times faster than vendors do"}
    )
    webhook_most: int = 0
    """Happenings in one call at most; 0 leaves it to the vendor."""
    webhook_in_flight: int = 50
    """Calls at once, whatever the vendors would do."""
    webhook_duplicates: float = 0
    """This share of the calls is made twice, though acknowledged."""
    webhook_reorder: bool = False
    """Calls and what is in them leave in another order than it happened."""
    life: float = field(
        default=0,
        metadata={"help": "how busy people at the platforms are: 0 nobody does anything, 1 somebody every few seconds"},
    )
    options: dict[type, Any] = field(default_factory=make_options)

    def of(self, kind: type[Options]) -> Options:
        """One platform's own options."""
        found: Options = self.options[kind]
        return found


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting: where it is kept, what it may be, and what it does."""

    home: Any
    name: str
    kind: Any
    choices: tuple[str, ...]
    help: str

    def check(self, value: object) -> None:
        """Raises ValueError when it cannot be that."""
        allowed = (int, float) if self.kind is float else self.kind
        if not isinstance(value, allowed) or (isinstance(value, bool) and self.kind is not bool):
            raise ValueError(f"The setting {self.name} cannot be {value!r}.")
        if self.choices and value not in self.choices:
            raise ValueError(f"The setting {self.name} is one of {', '.join(self.choices)}.")


def knobs(settings: Settings) -> Iterator[Knob]:
    """All settings there are."""
    for home in (settings, *settings.options.values()):
        hints = get_type_hints(type(home))
        for one in fields(home):
            if one.name != "options":
                told = one.metadata
                yield Knob(home, one.name, hints[one.name], told.get("choices", ()), told.get("help", ""))


def change_settings(settings: Settings, changes: dict[str, Any]) -> None:
    """Raises ValueError for an unknown name or a value of the wrong type; changes nothing then."""
    known = {knob.name: knob for knob in knobs(settings)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f"There is no setting {name}.")
        known[name].check(value)
    for name, value in changes.items():
        setattr(known[name].home, name, value)
