"""The first four steps of the wizard. Each gives and takes choices by the names that `orchestrator/sync_drafts.py` keeps."""

from collections.abc import Sequence
from typing import Any

from django import forms

from integrations.enums import Operator, ReadMode, Way, Winner
from integrations.mappings.conditions import WITHOUT_VALUE
from integrations.models import Connection, Mapping
from integrations.models.sync import TOGETHER
from integrations.orchestrator.sync_drafts import End
from integrations.types import ObjectSchema
from syncpanel.forms.fields import control
from syncpanel.forms.steps import CHOOSE, Choices, StepForm, end_choices, field_choices, radio, select

MOST_CONDITIONS = 10
MOST_MATCHES = 2


class EndsForm(StepForm):
    """From where, to where, under which name."""

    source = select("From", [], required=True)
    destination = select("To", [], required=True)
    two_ways = forms.BooleanField(
        label="Keep both equal, in both directions",
        required=False,
        help_text="A change on either side is carried to the other. Possible where both can be read, written and searched.",
    )
    name = forms.CharField(
        label="Name", max_length=120, required=False, widget=forms.TextInput(control(autocomplete="off"))
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connections = list(Connection.objects.defer("secrets", "token").order_by("name"))
        self.fields["source"].choices = [CHOOSE, *end_choices(connections, reading=True)]
        self.fields["destination"].choices = [CHOOSE, *end_choices(connections, reading=False)]

    def clean(self) -> dict[str, Any]:
        """The two ends differ."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("source") and cleaned["source"] == cleaned.get("destination"):
            self.add_error("destination", "Choose another end: this is where it comes from.")
        return cleaned

    def choices(self) -> dict[str, Any]:
        """An empty name is no choice."""
        return {**super().choices(), "name": self.cleaned_data.get("name") or None}


class PeopleForm(StepForm):
    """Who is included: everybody or only what changed, and conditions that must all hold."""

    read_mode = radio("How much is read each time", ReadMode.choices)

    def __init__(
        self, *args: Any, schema: ObjectSchema | None, conditions: Sequence[dict[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.schema = schema
        names = [CHOOSE, *field_choices(schema, readable=True)]
        for at in range(min(len(conditions) + 1, MOST_CONDITIONS)):
            before = conditions[at] if at < len(conditions) else {}
            self._add_row(at, names, before)

    def _add_row(self, at: int, names: Choices, before: dict[str, str]) -> None:
        number = f"condition {at + 1}"
        self.fields[f"field_{at}"] = select(f"Field of {number}", names)
        self.fields[f"operator_{at}"] = select(f"Comparison of {number}", Operator.choices)
        self.fields[f"value_{at}"] = forms.CharField(
            label=f"Value of {number}",
            required=False,
            max_length=200,
            widget=forms.TextInput(control(autocomplete="off")),
        )
        for part in ("field", "operator", "value"):
            self.initial.setdefault(f"{part}_{at}", before.get(part, ""))

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The conditions as the page shows them: three controls each."""
        numbers = [name.removeprefix("field_") for name in self.fields if name.startswith("field_")]
        return [(self[f"field_{n}"], self[f"operator_{n}"], self[f"value_{n}"]) for n in numbers]

    def clean(self) -> dict[str, Any]:
        """A condition has a value, unless it needs none."""
        cleaned: dict[str, Any] = super().clean() or {}
        for at in range(len(self.rows)):
            operator = cleaned.get(f"operator_{at}") or Operator.IS
            if cleaned.get(f"field_{at}") and operator not in WITHOUT_VALUE and not cleaned.get(f"value_{at}"):
                self.add_error(f"value_{at}", "Say which value, or choose “is empty”.")
        return cleaned

    def choices(self) -> dict[str, Any]:
        """Rows without a field are left out."""
        conditions = []
        for at in range(len(self.rows)):
            field, operator = self.cleaned_data.get(f"field_{at}"), self.cleaned_data.get(f"operator_{at}")
            if field:
                value = "" if operator in WITHOUT_VALUE else self.cleaned_data.get(f"value_{at}", "")
                conditions.append({"field": field, "operator": operator or Operator.IS.value, "value": value})
        return {"read_mode": self.cleaned_data.get("read_mode"), "conditions": conditions}


class FieldsForm(StepForm):
    """The mapping, and what tells who is who. Two-way syncs have a mapping and a key for the way back too."""

    mapping = select("Mapping", [])
    destination_key = select(
        "Who is who is told by", [], help_text="Nobody is added twice: this field finds them again."
    )

    def __init__(
        self,
        *args: Any,
        source: End,
        destination: End,
        schemas: tuple[ObjectSchema | None, ObjectSchema | None],
        two_ways: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].choices = [CHOOSE, *_mappings(source, destination)]
        self.fields["destination_key"].choices = _keys(destination, schemas[1])
        if destination.object.can_find:
            self._add_matches(schemas[1], destination.object.finds_by)
        if two_ways:
            self.fields["mapping_back"] = select("Mapping for the way back", [CHOOSE, *_mappings(destination, source)])
            self.fields["key_back"] = select("Who is who on the way back", _keys(source, schemas[0]))

    def _add_matches(self, schema: ObjectSchema | None, finds_by: tuple[str, ...]) -> None:
        """Some platforms look nobody up by all fields; what a match is held together with we look at ourselves."""
        names = [("", "Nothing else"), *field_choices(schema, readable=True)]
        asked = [one for one in names if not finds_by or one[0] in ("", *finds_by)]
        kept: list[str] = self.initial.get("match_fields") or []
        for at in range(MOST_MATCHES):
            one, _, other = (kept[at] if at < len(kept) else "").partition(TOGETHER)
            self.fields[f"match_{at}"] = select("Who is not found may be found by" if at == 0 else "or else by", asked)
            self.fields[f"match_{at}_and"] = select("together with", names)
            self.initial |= {f"match_{at}": one, f"match_{at}_and": other}

    @property
    def matches(self) -> list[tuple[Any, Any]]:
        """The match fields as the page shows them, two controls each."""
        return [
            (self[f"match_{at}"], self[f"match_{at}_and"]) for at in range(MOST_MATCHES) if f"match_{at}" in self.fields
        ]

    def choices(self) -> dict[str, Any]:
        """Match fields that only together tell are joined."""
        chosen = {name: value for name, value in super().choices().items() if not name.startswith("match_")}
        pairs = [
            (self.cleaned_data.get(f"match_{at}"), self.cleaned_data.get(f"match_{at}_and"))
            for at in range(MOST_MATCHES)
        ]
        chosen["match_fields"] = [TOGETHER.join(filter(None, pair)) for pair in pairs if pair[0]]
        for name in ("mapping", "mapping_back"):
            if name in chosen:
                chosen[name] = int(chosen[name]) if chosen[name] else None
        return chosen


def _mappings(source: End, destination: End) -> Choices:
    found = Mapping.objects.filter(
        source_platform=source.connection.platform,
        source_object=source.object.name,
        destination_platform=destination.connection.platform,
        destination_object=destination.object.name,
    ).select_related("published")
    return [(str(one.pk), one.name if one.published else f"{one.name} (not published yet)") for one in found]


def _keys(end: End, schema: ObjectSchema | None) -> Choices:
    """The platform's usual key first, its own id last: nobody who is new has one."""
    keys = field_choices(schema, keys=True)
    usual, own = end.object.default_key, end.object.id_field or "Id"
    if usual and usual not in dict(keys):
        keys.append((usual, dict(field_choices(schema)).get(usual, usual)))
    return sorted(keys, key=lambda one: (one[0] != usual, one[0] == own)) or [CHOOSE]


class PairsForm(StepForm):
    """Two-way: which fields go which way, and who wins when both changed."""

    wins = select("If both sides changed the same field", [], required=True)

    def __init__(
        self, *args: Any, source: End, destination: End, pairs: Sequence[dict[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = list(pairs)
        words = _winners(source, destination)
        self.fields["wins"].choices = words
        self.was_shown = "way_0" in self.data
        for at, pair in enumerate(self.pairs):
            words_of_pair = f"{pair['left']} and {pair['right']}"
            self.fields[f"way_{at}"] = select(f"Way of {words_of_pair}", Way.choices, required=self.was_shown)
            self.fields[f"wins_{at}"] = select(f"Who wins {words_of_pair}", [("", "as above"), *words])
            self.initial |= {f"way_{at}": pair["way"], f"wins_{at}": pair.get("wins", "")}

    @property
    def rows(self) -> list[tuple[dict[str, str], Any, Any]]:
        """The pairs as the page shows them."""
        return [(pair, self[f"way_{at}"], self[f"wins_{at}"]) for at, pair in enumerate(self.pairs)]

    def choices(self) -> dict[str, Any]:
        """The pairs with their ways, once somebody has seen them."""
        cleaned = self.cleaned_data
        if not self.was_shown:
            return {"wins": cleaned.get("wins") or Winner.ASK.value}
        pairs = [
            {**pair, "way": cleaned.get(f"way_{at}", pair["way"]), "wins": cleaned.get(f"wins_{at}", "")}
            for at, pair in enumerate(self.pairs)
        ]
        return {"pairs": pairs, "wins": cleaned.get("wins") or Winner.ASK.value}


def _winners(source: End, destination: End) -> Choices:
    words = [
        (Winner.ASK.value, "Ask me"),
        (Winner.LEFT.value, f"{source.connection.name} wins"),
        (Winner.RIGHT.value, f"{destination.connection.name} wins"),
    ]
    knows_age = source.object.modified_field and destination.object.modified_field
    return [*words, (Winner.NEWER.value, "The newer one wins")] if knows_age else words
