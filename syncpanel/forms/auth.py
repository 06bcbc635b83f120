"""Signing in, and creating the first administrator."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password

from syncpanel.forms.fields import control, email_field, password_field


class SignInForm(AuthenticationForm):
    """E-mail and password. One error line that never says which half was wrong."""

    username = email_field(autofocus=True)
    stay = forms.BooleanField(label="Keep me signed in", required=False, initial=True)
    error_messages = {
        "invalid_login": "That e-mail and password do not go together. Try again.",
        "inactive": "That e-mail and password do not go together. Try again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = password_field(
            "Password", autocomplete="current-password", keep=settings.IS_OPEN_DEMO
        )
        if settings.IS_OPEN_DEMO:
            self.initial.update(username=settings.DEMO_EMAIL, password=settings.DEMO_PASSWORD)

    def clean_username(self) -> str:
        """Sign-in names are stored in lower case."""
        return str(self.cleaned_data["username"]).lower()


class FirstAdministratorForm(forms.Form):
    """Name, e-mail and a password, twice."""

    name = forms.CharField(
        label="Your name", max_length=150, widget=forms.TextInput(control(autocomplete="name", autofocus=True))
    )
    email = email_field()
    password = password_field(
        "Password", autocomplete="new-password", help_text="At least 10 characters, nothing that others guess."
    )
    again = password_field("Password again", autocomplete="new-password")

    def clean_email(self) -> str:
        """Sign-in names are stored in lower case."""
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        """Both passwords agree, and the password is a good one for this person."""
        values = super().clean() or self.cleaned_data
        password, person = values.get("password"), values.get("email", "")
        if password and password != values.get("again", password):
            self.add_error("again", "The two passwords differ. Type the same one twice.")
        if password:
            try:
                validate_password(password, User(username=person, email=person, first_name=values.get("name", "")))
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return values
