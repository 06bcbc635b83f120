"""A new installation: the first administrator, and the one-time token that proves who may create it.

The token is in the link that the start prints. The link is exchanged at once for a note in the session, so that the token
is in no further address, no history and no Referer.
"""

import hashlib
import secrets
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest

from syncpanel import keys
from syncpanel.roles import ADMIN, give_role

GOOD_FOR = 24 * 3600
NOTE = "shown_setup_token"


def is_first_run() -> bool:
    """True while nobody can sign in yet."""
    return not User.objects.exists()


def setup_path() -> Path:
    """The file that holds the token, readable by its owner only."""
    return Path(settings.DATA_DIR) / "setup_token"


def setup_token() -> str:
    """The token, made when first asked for, and anew when nobody has used it for a day."""
    path = setup_path()
    if path.exists() and time.time() - path.stat().st_mtime > GOOD_FOR:
        path.unlink(missing_ok=True)
    return keys.read_or_create(path, lambda: secrets.token_urlsafe(24))


def is_setup_token(text: str) -> bool:
    """Compared in constant time."""
    return secrets.compare_digest(text.encode(), setup_token().encode())


def remember_token(request: HttpRequest) -> None:
    """This session has shown the token. What is kept of it is of no use to anybody who reads it."""
    request.session[NOTE] = _digest(setup_token())
    request.session.set_expiry(0)


def has_shown_token(request: HttpRequest) -> bool:
    """True while the token this session has shown is still the one."""
    return secrets.compare_digest(str(request.session.get(NOTE, "")), _digest(setup_token()))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


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
