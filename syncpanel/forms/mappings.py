"""Forms of the mapping editor: a new mapping, and a made-up person."""

from typing import Any

from django import forms

from integrations.mappings.checks import source_fields
from integrations.models import Connection, Mapping, MappingDraft
from integrations.orchestrator.drafts import MOST_INSTRUCTIONS
from integrations.orchestrator.schemas import known
from syncpanel.forms.fields import control
from syncpanel.forms.steps import CHOOSE, end_choices

MOST_FIELDS = 60


class MappingForm(forms.Form):
    """A name, two ends, and the wish in plain words."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        widget=forms.TextInput(control(placeholder="Contacts to leads", autocomplete="off")),
    )
    source = forms.ChoiceField(label="From", widget=forms.Select(control()))
    destination = forms.ChoiceField(label="To", widget=forms.Select(control()))
    instructions = forms.CharField(
        label="What should it do?",
        required=False,
        max_length=MOST_INSTRUCTIONS,
        help_text="In your own words. You can also start from the suggestion and say it later.",
        widget=forms.Textarea(
            control(rows=5, placeholder="For example: use the company name, and set lead source to Web if it is empty.")
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections = {one.pk: one for one in Connection.objects.defer("secrets", "token").order_by("name")}
        connections = list(self._connections.values())
        self.fields["source"].choices = [CHOOSE, *end_choices(connections, reading=True)]
        self.fields["destination"].choices = [CHOOSE, *end_choices(connections, reading=False)]

    def clean(self) -> dict[str, Any]:
        """The two ends differ."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("source") and cleaned.get("source") == cleaned.get("destination"):
            self.add_error("destination", "Choose another end: this is where it comes from.")
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """As `create_mapping` takes it."""
        source, source_object = self._end("source")
        destination, destination_object = self._end("destination")
        return {
            "name": self.cleaned_data["name"],
            "source": source,
            "source_object": source_object,
            "destination": destination,
            "destination_object": destination_object,
            "instructions": self.cleaned_data["instructions"],
        }

    def _end(self, side: str) -> tuple[Connection, str]:
        pk, _, object_name = self.cleaned_data[side].partition(":")
        return self._connections[int(pk)], object_name


class MadeUpForm(forms.Form):
    """One field for everything the mapping reads, with the platform's labels; nothing is required."""

    def __init__(self, *args: Any, mapping: Mapping, draft: MappingDraft, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schema = known(mapping.source_connection, mapping.source_object) if mapping.source_connection else None
        labels = {field.name: field for field in schema.fields} if schema else {}
        names = sorted(source_fields(draft.code) or labels)
        for name in [one for one in names if one != "id"][:MOST_FIELDS]:
            field = labels.get(name)
            self.fields[f"f_{name}"] = forms.CharField(
                label=field.label if field else name,
                required=False,
                strip=False,
                max_length=5_000,
                widget=forms.TextInput(control(autocomplete="off")),
            )

    def record(self) -> dict[str, str]:
        """The flat record; what was left empty is empty."""
        return {name.removeprefix("f_"): value for name, value in self.cleaned_data.items()}
