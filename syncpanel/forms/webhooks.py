"""The secrets a platform's calls are checked with."""

from typing import Any

from django import forms

from integrations.incoming import WebhookSetup
from integrations.types import CredentialField
from syncpanel.forms.fields import control

LONGEST = 2_000
SAVED = "A value is saved. Leave this empty to keep it."


class WebhookSecretsForm(forms.Form):
    """One field for each secret the platform declares. Nothing that is saved is ever put into the page."""

    def __init__(self, *args: Any, setup: WebhookSetup, saved: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for declared in setup.secrets:
            self.fields[declared.name] = _field(declared, is_saved=declared.name in saved)

    def secrets(self) -> dict[str, str]:
        """What was typed in."""
        return {name: value for name, value in self.cleaned_data.items() if value}


def _field(declared: CredentialField, *, is_saved: bool) -> forms.CharField:
    told = " ".join(filter(None, [SAVED if is_saved else "", declared.help]))
    return forms.CharField(
        label=declared.label,
        required=declared.required and not is_saved,
        max_length=LONGEST,
        help_text=told,
        widget=forms.PasswordInput(control(autocomplete="new-password")),
    )
