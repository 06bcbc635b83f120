"""Changing a connection beside workers that use it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Connection
from integrations.orchestrator.connections import keep_check, save_connection
from integrations.orchestrator.ports import RowTokens
from integrations.types import CheckLine, CheckResult, Token
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("secrets", "kept"), [({}, "rotated"), ({"access_token": "new"}, None)], ids=["renamed", "new secret"]
)
def test_a_token_renewed_while_a_person_edits_survives_unless_the_sign_in_changes(secrets, kept) -> None:
    opened = Connection.objects.get(pk=make_connection().pk)
    RowTokens(opened).save(Token("next", None, refresh_token="rotated"))
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


def test_a_token_of_credentials_that_were_replaced_meanwhile_is_not_kept() -> None:
    connection = make_connection()
    tokens = RowTokens(Connection.objects.get(pk=connection.pk))
    save_connection(
        connection,
        name=connection.name,
        platform=connection.platform,
        method=connection.method,
        settings={},
        secrets={"access_token": "of another account"},
        actor="dana",
    )
    tokens.save(Token("of the old account"))
    assert Connection.objects.get(pk=connection.pk).token == {}


def test_another_way_to_sign_in_forgets_the_old_secrets_and_keeps_those_of_incoming_calls() -> None:
    connection = make_connection(secrets={"access_token": "old", "webhook_secret": "signs"})
    save_connection(
        connection,
        name=connection.name,
        platform=connection.platform,
        method="oauth",
        settings={},
        secrets={"client_secret": "new", "refresh_token": "next"},
        actor="dana",
    )
    kept = Connection.objects.get(pk=connection.pk).secrets
    assert kept == {"webhook_secret": "signs", "client_secret": "new", "refresh_token": "next"}


@pytest.mark.parametrize(
    ("ids", "kept"),
    [(["146"], "146"), (["146", "147"], "147"), (["146", ""], "146")],
    ids=["first", "moved", "not told"],
)
def test_a_test_finds_out_which_account_it_is(ids, kept) -> None:
    connection = make_connection()
    for account_id in ids:
        keep_check(connection, CheckResult((CheckLine("Sign in", True),), f"Account {account_id}", account_id), "dana")
    assert Connection.objects.get(pk=connection.pk).account_id == kept


def test_a_lock_that_ran_out_is_not_freed_for_the_one_who_took_it_over() -> None:
    tokens = RowTokens(make_connection())
    with tokens.locked():
        later = timezone.now() + timedelta(minutes=1)
        Connection.objects.filter(pk=tokens.connection_id).update(token_locked_until=later)
    assert Connection.objects.get(pk=tokens.connection_id).token_locked_until == later
