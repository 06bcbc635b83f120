"""Form fields that look like ours: class "in" on every control, and a password that scripts can show."""

from typing import Any

from django import forms


def control(**attrs: Any) -> dict[str, Any]:
    """Attributes of a text control."""
    return {"class": "in", **attrs}


def email_field(**attrs: Any) -> forms.EmailField:
    """An e-mail address, which is also the sign-in name."""
    return forms.EmailField(
        label="E-mail", max_length=150, widget=forms.EmailInput(control(autocomplete="username", **attrs))
    )


def password_field(label: str, *, autocomplete: str, help_text: str = "", keep: bool = False) -> forms.CharField:
    """A password, never stripped; `keep` puts its value back into the page (the demo account only)."""
    return forms.CharField(
        label=label,
        strip=False,
        help_text=help_text,
        widget=forms.PasswordInput(control(autocomplete=autocomplete), render_value=keep),
    )
