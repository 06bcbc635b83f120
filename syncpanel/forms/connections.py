"""The connection form: only the fields its platform's adapter declares. Secrets go in and never come back."""

from collections.abc import Iterable
from typing import Any

from django import forms

from integrations.adapters.addresses import find_problem
from integrations.models import Connection
from integrations.rate_limits.registry import policy
from integrations.types import Capabilities, CredentialField, SignInMethod
from syncpanel.forms.fields import control


class ConnectionForm(forms.Form):
    """Name, sign-in fields, settings. `saved` names the secrets that are kept when their field is left empty."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="Your team sees this name everywhere.",
        widget=forms.TextInput(control()),
    )
    tier = forms.ChoiceField(
        label="Plan of the account",
        required=False,
        help_text="It decides how many calls the platform allows.",
        widget=forms.Select(control()),
    )
    reserve_percent = forms.IntegerField(
        label="Leave for other tools, in %",
        min_value=0,
        max_value=90,
        initial=0,
        help_text="This share of the platform's limits is never used by syncs.",
        widget=forms.NumberInput(control(inputmode="numeric")),
    )
    share_samples = forms.TypedChoiceField(
        label="Masked values may go to the language model",
        choices=[("yes", "Yes, masked"), ("no", "No, nothing of any record")],
        coerce=lambda answer: answer == "yes",
        initial="yes",
        help_text="Only when somebody has a mapping written. It sees t***@e******.com, never an address.",
        widget=forms.Select(control()),
    )

    def __init__(
        self,
        *args: Any,
        declared: Capabilities,
        method: SignInMethod,
        connection: Connection | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.declared, self.method, self.connection = declared, method, connection
        self.saved = self._saved_secrets()
        if connection:
            kept: dict[str, Any] = {"tier": connection.tier, "reserve_percent": connection.reserve_percent}
            kept["share_samples"] = "yes" if connection.share_samples else "no"
            self.initial.update(kept, name=connection.name)
        limits = policy(declared.platform)
        self.fields["tier"].choices = limits.tier_choices if limits else [("", "No limits are known")]
        for declared_field in self._declared_fields():
            self.fields[declared_field.name] = self._field(declared_field)
        declared_names = [field.name for field in self._declared_fields()]
        self.order_fields(["name", *declared_names, "tier", "reserve_percent", "share_samples"])

    def _saved_secrets(self) -> set[str]:
        """Of this way to sign in. With them the connection keeps others, such as those of incoming calls."""
        if self.connection is None or self.connection.method != self.method.name:
            return set()
        asked = {field.name for field in self.method.fields if field.is_secret}
        return {name for name, value in self.connection.secrets.items() if value and name in asked}

    def _declared_fields(self) -> Iterable[CredentialField]:
        return (*self.method.fields, *self.declared.settings)

    def _field(self, field: CredentialField) -> forms.Field:
        if field.is_secret:
            return self._secret(field)
        kept = self.connection.settings.get(field.name) if self.connection else None
        told: dict[str, Any] = {"label": field.label, "required": field.required, "help_text": field.help}
        told["initial"] = field.default if kept is None else kept
        if field.choices:
            return forms.ChoiceField(choices=field.choices, widget=forms.Select(control()), **told)
        checks = [_check_address] if field.is_address else []
        widget = forms.TextInput(control(placeholder=field.placeholder))
        return forms.CharField(max_length=500, validators=checks, widget=widget, **told)

    def _secret(self, field: CredentialField) -> forms.Field:
        """Never rendered back, not even after a mistake elsewhere in the form."""
        return forms.CharField(
            label=field.label,
            required=field.required and field.name not in self.saved,
            help_text=field.help,
            max_length=10_000,
            widget=forms.PasswordInput(control(placeholder=field.placeholder, autocomplete="new-password")),
        )

    def clean_name(self) -> str:
        """One name, one connection."""
        name = str(self.cleaned_data["name"])
        others = Connection.objects.filter(name=name).exclude(pk=self.connection.pk if self.connection else None)
        if others.exists():
            raise forms.ValidationError("Another connection has this name. Choose a different one.")
        return name

    def clean(self) -> dict[str, Any]:
        """A saved secret is only ever sent where it was saved for: a new address asks for it again."""
        values = super().clean() or self.cleaned_data
        moved = self.connection is not None and any(
            values.get(field.name, "") != self.connection.settings.get(field.name, field.default)
            for field in self._declared_fields()
            if not (field.is_secret or field.choices or field.is_local)
        )
        for name in self.saved if moved else ():
            if not values.get(name):
                self.add_error(name, "Type this again: what it is sent to has changed.")
        return values

    def secrets(self) -> dict[str, str]:
        """The secrets that were typed in."""
        return {f.name: self.cleaned_data.get(f.name, "") for f in self.method.fields if f.is_secret}

    def settings(self) -> dict[str, str]:
        """All that is not secret, without what was left empty. What no form asks for stays as it was saved."""
        asked = {f.name for method in self.declared.sign_in_methods for f in method.fields}
        asked |= {field.name for field in self.declared.settings}
        before = self.connection.settings if self.connection else {}
        plain = [field.name for field in self._declared_fields() if not field.is_secret]
        typed = {name: self.cleaned_data[name] for name in plain if self.cleaned_data.get(name)}
        return {name: value for name, value in before.items() if name not in asked} | typed


def _check_address(text: str) -> None:
    if problem := find_problem(text):
        raise forms.ValidationError(problem)


class DeleteConnectionForm(forms.Form):
    """Deleting asks for the name, typed."""

    name = forms.CharField(label="Name of the connection", widget=forms.TextInput(control(autocomplete="off")))

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = connection

    def clean_name(self) -> str:
        """The same name, letter by letter."""
        if self.cleaned_data["name"].strip() != self.connection.name:
            raise forms.ValidationError(f"Type “{self.connection.name}” to delete it.")
        return self.connection.name
