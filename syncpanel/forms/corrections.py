"""The form that corrects one failed record, made from the destination's fields (or the source's, when the mapping failed)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from integrations.enums import FieldType
from integrations.queries.failures import FailureDetail
from integrations.types import FieldSchema, ObjectSchema
from syncpanel.forms.fields import control

SENT, RECEIVED = "sent", "received"
MOST_FIELDS = 60
INPUT_TYPES = {
    FieldType.EMAIL: "email",
    FieldType.PHONE: "tel",
    FieldType.URL: "url",
    FieldType.DATE: "date",
}
UNREADABLE = ("id",)


class CorrectionForm(forms.Form):
    """One control per field of the record; `changes()` holds only what a person changed. The engine checks the meaning.

    `problems` are further fields that the destination would refuse, so that they can be corrected in one go. What is
    suggested stands in its field already, unless a person has put something there.
    """

    def __init__(
        self,
        posted: Mapping[str, Any] | None = None,
        *,
        detail: FailureDetail,
        source: ObjectSchema | None,
        destination: ObjectSchema | None,
        problems: Iterable[str] = (),
    ) -> None:
        super().__init__(posted)
        self.side = RECEIVED if detail.mapped is None else SENT
        self.values = detail.received if detail.mapped is None else detail.mapped
        schema = source if self.side == RECEIVED else destination
        self.suggested = suggestion_for(detail, self.side)
        self.first = list(dict.fromkeys([*first_fields(detail, self.side), *problems, *self.suggested]))
        for name in field_names(self.first, self.values, schema):
            found = schema.field(name) if schema else None
            self.fields[name] = make_field(found, name, self.suggested.get(name, self.values.get(name)))

    @property
    def prominent(self) -> list[BoundField]:
        """The fields the problem is about, and those that were corrected wrongly."""
        return [self[name] for name in self.fields if self._is_prominent(name)]

    @property
    def others(self) -> list[BoundField]:
        """Everything else a person may change."""
        return [self[name] for name in self.fields if not self._is_prominent(name)]

    def _is_prominent(self, name: str) -> bool:
        return name in self.first or (self.is_bound and name in self.errors)

    def changes(self) -> dict[str, dict[str, Any]]:
        """{"sent": {field: value}} or {"received": …}: what differs from the present values."""
        changed = {
            name: value for name, value in self.cleaned_data.items() if not is_same(value, self.values.get(name))
        }
        return {self.side: changed} if changed else {}

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Show the engine's problems at their fields."""
        for name, sentence in problems.items():
            self.add_error(name if name in self.fields else None, sentence)


def suggestion_for(detail: FailureDetail, side: str) -> dict[str, Any]:
    """Field → suggested value, of the fields that nobody has corrected yet."""
    corrected = detail.record.corrections.get(side, {})
    values: dict[str, Any] = detail.record.suggestion.get("values", {}) if side == SENT else {}
    return {name: value for name, value in values.items() if name not in corrected}


def first_fields(detail: FailureDetail, side: str) -> list[str]:
    """The field the record failed on; without one, the fields the mapping reads."""
    record = detail.record
    if record.field and (side == SENT or record.field in detail.received):
        return [record.field]
    if side == RECEIVED:
        read: list[str] = record.job.mapping_version.source_fields
        return [name for name in read if name not in UNREADABLE] or [n for n in detail.received if n not in UNREADABLE]
    return []


def field_names(first: Iterable[str], values: Mapping[str, Any], schema: ObjectSchema | None) -> list[str]:
    """The fields of the form, in order: what the problem is about, then what the record holds."""
    plain = [name for name, value in values.items() if not isinstance(value, dict | list) and name not in UNREADABLE]
    names = [*first, *plain]
    writable = [name for name in names if not schema or not schema.field(name) or is_open(schema, name)]
    return list(dict.fromkeys(writable))[:MOST_FIELDS]


def is_open(schema: ObjectSchema, name: str) -> bool:
    """True when the platform lets us write the field, or does not know it."""
    found = schema.field(name)
    return found is None or found.writable


def make_field(schema: FieldSchema | None, name: str, value: Any) -> forms.Field:
    """A control that fits the field: a list for picklists, a number for numbers."""
    kind = schema.type if schema else FieldType.STRING
    shared = {"label": schema.label if schema else name, "required": False, "initial": as_text(value)}
    if schema and schema.choices and kind != FieldType.MULTI_CHOICE:
        return forms.ChoiceField(choices=choices_of(schema, value), widget=forms.Select(control()), **shared)
    if kind == FieldType.BOOLEAN:
        options = [("", "Empty"), ("true", "Yes"), ("false", "No")]
        return forms.TypedChoiceField(
            choices=options,
            coerce=lambda text: text == "true",
            empty_value="",
            widget=forms.Select(control()),
            **shared,
        )
    if kind == FieldType.INTEGER:
        return forms.IntegerField(widget=forms.NumberInput(control()), **shared)
    if kind == FieldType.NUMBER:
        return forms.FloatField(widget=forms.NumberInput(control(step="any")), **shared)
    return text_field(schema, kind, shared)


def text_field(schema: FieldSchema | None, kind: FieldType, shared: dict[str, Any]) -> forms.CharField:
    """Text in one line or several, with the length the platform takes as a hint; longer is refused by the engine."""
    longest = schema.max_length if schema else None
    hint = f"At most {longest:,} characters." if longest and longest < 256 else ""
    if kind == FieldType.TEXT:
        return forms.CharField(widget=forms.Textarea(control(rows=3)), help_text=hint, **shared)
    widget = forms.TextInput(control(type=INPUT_TYPES.get(kind, "text"), autocomplete="off"))
    return forms.CharField(widget=widget, help_text=hint, **shared)


def choices_of(schema: FieldSchema, value: Any) -> list[tuple[str, str]]:
    """The picklist; a present value that is not in it stays visible and says so."""
    labels = schema.choice_labels or schema.choices
    listed = [("", "Empty"), *zip(schema.choices, labels, strict=False)]
    present = as_text(value)
    if present and present not in schema.choices:
        listed.append((present, f"{present} (not in the list)"))
    return listed


def as_text(value: Any) -> str:
    """A value as a control shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def is_same(given: Any, present: Any) -> bool:
    """True when a person left the value as it was; empty and missing are the same."""
    return as_text(given) == as_text(present)
