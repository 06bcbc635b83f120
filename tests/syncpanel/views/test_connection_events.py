"""Having a platform call us: an address, the steps over there, the secrets; another address makes the old one useless."""

import re
from typing import Any

import pytest
from django.utils import timezone

from integrations.adapters.registry import capabilities, platforms
from integrations.models import Connection, Event, Sync, WebhookAddress
from integrations.webhooks.addresses import AddressBook
from tests.factories import make_connection, make_sync
from tests.integrations.webhooks.calling import make_address

pytestmark = pytest.mark.django_db
CALLING = [name for name in platforms() if capabilities(name).webhook is not None]


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize("platform", CALLING)
def test_each_platform_that_can_call_says_how(signed_in, settings, platform: str) -> None:
    connection = make_connection(platform)
    client, path = signed_in("Admin"), f"/connections/{connection.pk}/incoming/"
    assert "Make an address" in text(client.get(path))
    client.post(f"/connections/{connection.pk}/address/")
    page = text(client.get(path))
    assert re.search(r'value="http://testserver/hooks/[\w-]{32}/"', page)
    webhook = capabilities(platform).webhook
    assert webhook is not None
    assert "has to set PUBLIC_URL" in page
    settings.PUBLIC_URL = "https://panel.example.com"
    page = text(client.get(path))
    assert "https://panel.example.com/hooks/" in page and "has to set PUBLIC_URL" not in page
    assert page.count("<li><span>") == len(webhook.setup.steps)
    assert "{address}" not in page
    assert all(f'name="{secret.name}"' in page for secret in webhook.setup.secrets)


def test_a_platform_that_calls_nobody_has_no_such_page(signed_in) -> None:
    silent = next(name for name in platforms() if name not in CALLING)
    connection = make_connection(silent)
    for method, path in (("get", "incoming"), ("post", "address"), ("post", "quiet")):
        assert getattr(signed_in("Admin"), method)(f"/connections/{connection.pk}/{path}/").status_code == 404


def test_secrets_are_kept_and_never_shown(signed_in) -> None:
    connection, client = make_connection(), signed_in("Admin")
    path = f"/connections/{connection.pk}/incoming/"
    page = text(client.post(path, {"webhook_secret": "a secret nobody knows"}, follow=True))
    assert "Saved." in page and "a secret nobody knows" not in page and "A value is saved" in page
    client.post(path, {"webhook_secret": ""})
    assert Connection.objects.get().secrets == {"access_token": "x", "webhook_secret": "a secret nobody knows"}
    told = Event.objects.get(stream=connection.stream).data
    assert told == {"changed": [], "secrets_replaced": ["webhook_secret"]}
    too_long = client.post(path, {"webhook_secret": "x" * 3_000})
    assert too_long.status_code == 422 and "x" * 100 not in text(too_long)


def test_another_address_makes_the_old_one_useless(signed_in) -> None:
    old, connection = make_address(make_connection())
    client = signed_in("Admin")
    page = text(client.post(f"/connections/{connection.pk}/address/", follow=True))
    new = str(WebhookAddress.objects.get().token)
    assert "the old one does not answer any more" in page and new in page and old not in page
    book = AddressBook()
    book.ask_refresh = book.refresh
    assert book.find(old) is None
    assert book.find(new) is not None


def test_the_page_of_a_connection_leads_to_its_events(signed_in) -> None:
    sync: Sync = make_sync()
    page = text(signed_in().get(f"/connections/{sync.source_id}/"))
    assert f"/incoming/?source={sync.source_id}" in page and "none set up" in page
    make_address(sync.source)
    assert "nothing has come yet" in text(signed_in().get(f"/connections/{sync.source_id}/"))
    WebhookAddress.objects.update(last_received_at=timezone.now())
    assert "just now" in text(signed_in().get(f"/connections/{sync.source_id}/"))
