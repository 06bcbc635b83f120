"""When a job is to wait for a person before it sends anything."""

from collections.abc import Mapping
from typing import Any

from django import forms

from integrations.orchestrator.stages.guards import INVALID_AT_LEAST, INVALID_PERCENT
from syncpanel.forms.fields import control
from syncpanel.forms.steps import StepForm

PREFIX = "guard_"


def _limit(label: str, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, widget=forms.NumberInput(control(inputmode="numeric")), **more
    )


class GuardsForm(StepForm):
    """Limits of `Sync.guards`. What is left empty is learned from past jobs."""

    guard_creates = _limit("People added")
    guard_updates = _limit("People changed")
    guard_blanks = _limit("Values emptied")
    guard_invalid_percent = _limit(
        "Percent that cannot be sent",
        max_value=100,
        help_text=f"{INVALID_PERCENT} when nothing is said; from {INVALID_AT_LEAST} people on.",
    )

    def __init__(self, *args: Any, guards: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, initial={PREFIX + name: limit for name, limit in guards.items()}, **kwargs)

    def choices(self) -> dict[str, Any]:
        """All limits there are, once somebody has seen them."""
        if not any(name in self.data for name in self.fields):
            return {}
        given = super().choices()
        return {"guards": {name.removeprefix(PREFIX): limit for name, limit in given.items() if limit is not None}}
