"""Signed-in clients, and a small sandbox for pages that talk to it."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.sandbox.server import SandboxServer
from syncpanel.roles import give_role

numbers = count(1)
PASSWORD = "correct horse battery"


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """A person with a role."""

    def make(role: str = "Viewer", email: str = "") -> User:
        email = email or f"person{next(numbers)}@example.com"
        user = User.objects.create_user(email, email=email, password=PASSWORD, first_name="Dana", last_name="Wells")
        give_role(user, role)
        return user

    return make


@pytest.fixture
def signed_in(make_user: Callable[..., User]) -> Callable[..., Client]:
    """A client of a person with that role."""

    def sign_in(role: str = "Viewer") -> Client:
        client = Client()
        client.force_login(make_user(role))
        return client

    return sign_in


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(contacts=450, limits=False) as server:
        yield server
