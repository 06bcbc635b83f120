"""The last step of the wizard: when a sync starts, and how careful it is."""

from typing import Any

from django import forms

from integrations.enums import Departed, EmptyValues, SyncMode
from integrations.models import Sync
from integrations.orchestrator.sync_drafts import AFTER, CRON, HAND, INTERVAL, End, can_listen
from integrations.timetables import zones
from integrations.types import ObjectSchema
from syncpanel.forms.fields import control
from syncpanel.forms.steps import CHOOSE, Choices, StepForm, field_choices, radio, select


class WhenForm(StepForm):
    """When it starts, and how careful it is."""

    starts = radio("When does it start?", [])
    every_minutes = forms.IntegerField(
        label="Minutes between two starts",
        required=False,
        min_value=1,
        widget=forms.NumberInput(control(inputmode="numeric")),
    )
    cron = forms.CharField(
        label="Times",
        required=False,
        max_length=100,
        help_text="Minute, hour, day, month, weekday. “0 9 * * 1-5” is 09:00 from Monday to Friday.",
        widget=forms.TextInput(control(autocomplete="off", placeholder="0 9 * * 1-5")),
    )
    time_zone = select("Time zone", [])
    on_webhook = forms.BooleanField(required=False)
    after = select("After which sync", [])
    write_mode = radio("What may it do?", SyncMode.choices)
    empty_values = radio("When a value is empty at the source", EmptyValues.choices)
    departed = radio("Who left the source", [])
    departed_field = select("Field to empty", [])
    departed_most = forms.IntegerField(
        label="At most so many at once",
        required=False,
        min_value=1,
        widget=forms.NumberInput(control(inputmode="numeric")),
    )
    batch_size = forms.IntegerField(
        label="People per call", required=False, min_value=1, widget=forms.NumberInput(control(inputmode="numeric"))
    )
    priority = select(
        "When several wait for one system's limit", [("3", "It can wait"), ("5", "In its turn"), ("8", "It goes first")]
    )

    def __init__(
        self,
        *args: Any,
        destination: End,
        source: End,
        schema: ObjectSchema | None,
        sync: Sync | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts"].choices = starts_of(source)
        self._offer_events(source)
        self.fields["time_zone"].choices = [
            ("", "The panel's own"),
            *((zone, zone.replace("_", " ")) for zone in zones()),
        ]
        others = Sync.objects.exclude(pk=sync.pk if sync else None).order_by("name").values_list("pk", "name")
        self.fields["after"].choices = [CHOOSE, *((str(pk), name) for pk, name in others[:500])]
        allowed = [(mode, label) for mode, label in SyncMode.choices if mode in destination.object.modes]
        self.fields["write_mode"].choices = allowed
        self.fields["departed"].choices = _departures(destination)
        self.fields["departed_field"].choices = [CHOOSE, *field_choices(schema, writable=True)]

    def _offer_events(self, source: End) -> None:
        """A tick beside the timetable, where the source tells of changes and something else may start it too."""
        name, field = source.connection.name, self.fields["on_webhook"]
        if source.object.comes_by_webhook_only or not can_listen(source):
            del self.fields["on_webhook"]
            return
        field.label = f"Also within seconds, when {name} tells of a change"
        field.help_text = f"{name} has to be told our address once. “Incoming events” says how."

    def choices(self) -> dict[str, Any]:
        """Numbers as numbers."""
        chosen = super().choices()
        for name in ("after", "priority"):
            if name in chosen:
                chosen[name] = int(chosen[name]) if chosen[name] else None
        return chosen


def starts_of(source: End) -> Choices:
    """What may start a sync that reads this."""
    if source.object.comes_by_webhook_only:
        return [(HAND, f"Whenever {source.connection.name} sends something")]
    return [
        (HAND, "Only by hand"),
        (INTERVAL, "Every so many minutes"),
        (CRON, "At certain times"),
        (AFTER, "After another sync"),
    ]


def _departures(destination: End) -> Choices:
    words = [(Departed.NOTHING.value, "Nothing: they stay as they are")]
    if destination.object.can_archive:
        words.append((Departed.ARCHIVE.value, f"They are archived in {destination.connection.name}"))
    if destination.object.id_field:
        words.append((Departed.CLEAR.value, "One of their fields is emptied"))
    return words
