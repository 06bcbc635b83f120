"""Changing a connection beside workers that use it."""

import pytest

from integrations.models import Connection
from integrations.orchestrator.connections import save_connection
from integrations.orchestrator.ports import RowTokens
from integrations.types import Token
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("secrets", "kept"), [({}, "rotated"), ({"access_token": "new"}, None)], ids=["renamed", "new secret"]
)
def test_a_token_renewed_while_a_person_edits_survives_unless_the_sign_in_changes(secrets, kept) -> None:
    opened = Connection.objects.get(pk=make_connection().pk)
    RowTokens(opened.pk).save(Token("next", None, refresh_token="rotated"))
    save_connection(
        opened,
        name="Renamed",
        platform=opened.platform,
        method=opened.method,
        settings=opened.settings,
        secrets=secrets,
        actor="dana",
    )
    now = Connection.objects.get(pk=opened.pk)
    assert now.name == "Renamed"
    assert now.token.get("refresh_token") == kept
