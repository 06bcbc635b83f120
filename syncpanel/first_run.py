"""A new installation: the first administrator, and the one-time token that proves who may create it."""

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction

from syncpanel import keys
from syncpanel.roles import ADMIN, give_role


def is_first_run() -> bool:
    """True while nobody can sign in yet."""
    return not User.objects.exists()


def setup_path() -> Path:
    """The file that holds the token, readable by its owner only."""
    return Path(settings.DATA_DIR) / "setup_token"


def setup_token() -> str:
    """The token, made when first asked for."""
    return keys.read_or_create(setup_path(), lambda: secrets.token_urlsafe(24))


def is_setup_token(text: str) -> bool:
    """Compared in constant time."""
    return secrets.compare_digest(text.encode(), setup_token().encode())


def create_first_administrator(name: str, email: str, password: str) -> User | None:
    """The first user, as Admin; None when somebody else was quicker. The token is used up."""
    with transaction.atomic():
        Group.objects.select_for_update().get(name=ADMIN)  # the second of two submissions waits here
        if not is_first_run():
            return None
        first_name, _, last_name = name.strip().partition(" ")
        user = User.objects.create_user(
            email, email=email, password=password, first_name=first_name, last_name=last_name
        )
        give_role(user, ADMIN)
    setup_path().unlink(missing_ok=True)
    return user
