"""What the steps of the wizard are made of."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from integrations.models import Connection
from integrations.orchestrator.object_lists import objects_of
from integrations.types import ObjectSchema
from syncpanel.forms.fields import control

CHOOSE = ("", "Choose …")
Choices = list[tuple[str, str]]


class StepForm(forms.Form):
    """A step. What is valid is kept, also of a step that is not complete."""

    def choices(self) -> dict[str, Any]:
        """What was chosen, as far as it can be; None forgets an earlier choice."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.fields}


def select(
    label: str, choices: Iterable[tuple[str, str]], *, help_text: str = "", required: bool = False
) -> forms.ChoiceField:
    """A list to choose from."""
    return forms.ChoiceField(
        label=label, choices=list(choices), help_text=help_text, required=required, widget=forms.Select(control())
    )


def radio(label: str, choices: Iterable[tuple[str, str]]) -> forms.ChoiceField:
    """A few sentences of which one is chosen."""
    return forms.ChoiceField(label=label, choices=list(choices), widget=forms.RadioSelect())


def field_choices(
    schema: ObjectSchema | None, *, readable: bool = False, writable: bool = False, keys: bool = False
) -> Choices:
    """Fields by their labels; the ones of the same label are told apart by name."""
    found = [
        field
        for field in (schema.fields if schema else ())
        if (not readable or field.readable) and (not writable or field.writable) and (not keys or field.is_key)
    ]
    labels = [field.label for field in found]
    twice = {label for label in labels if labels.count(label) > 1}
    return [(f.name, f"{f.label} ({f.name})" if f.label in twice else f.label) for f in found]


def end_choices(connections: Sequence[Connection], *, reading: bool) -> Choices:
    """Every object of every connection that can be read, or written, as its account has it."""
    return [
        (f"{connection.pk}:{one.name}", f"{connection.name}: {one.label}")
        for connection in connections
        for one in objects_of(connection)
        if (one.can_read or one.comes_by_webhook_only if reading else one.can_write)
    ]
