"""The list of syncs: everything asked for is in the address, the menu acts and leads back, polls cost little."""

import re

import pytest
from django.utils import timezone

from integrations.enums import Status
from integrations.models import Sync
from integrations.queries.overview import page_version
from tests.factories import make_failure, make_job, make_sync
from tests.integrations.queries.rows import ended

TABLE = {"HX-Request": "true", "HX-Target": "syncs-table"}
WHOLE = {"HX-Request": "true", "HX-Target": "syncs"}


@pytest.fixture
def two(db) -> list[Sync]:
    fine, broken = make_sync(name="Alpha"), make_sync(name="Beta", every_minutes=60)
    ended(fine)
    make_failure(ended(broken, Status.PARTIAL, failures_open=1))
    return [fine, broken]


def shown(page: str) -> list[str]:
    return re.findall(r'<a class="pname" href="/syncs/\d+/">.*?</span> (\w+)</a>', page)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Beta", "Alpha"]),
        ("?sort=name", ["Alpha", "Beta"]),
        ("?state=ok", ["Alpha"]),
        ("?state=nonsense&sort=nonsense", ["Beta", "Alpha"]),
        ("?system=hubspot&q=alp", ["Alpha"]),
        ("?system=nonesuch", []),
    ],
)
def test_what_is_shown_is_in_the_address(signed_in, two, query, names):
    assert shown(signed_in().get(f"/syncs/{query}").content.decode()) == names


def test_every_filter_can_be_taken_away_alone(signed_in, two):
    page = signed_in().get("/syncs/?q=alp&state=ok&system=hubspot&after=0:A").content.decode()
    tags = re.findall(r'<a class="tag" href="([^"]*)"', page)
    assert tags == ["?state=ok&amp;system=hubspot", "?q=alp&amp;system=hubspot", "?q=alp&amp;state=ok"]


@pytest.mark.parametrize(
    ("headers", "root"), [(TABLE, '<div id="syncs-table"'), (WHOLE, '<section class="card flush" id="syncs"')]
)
def test_htmx_gets_the_part_it_asks_for(signed_in, two, headers, root):
    page = signed_in().get("/syncs/?state=ok", headers=headers).content.decode()
    assert page.lstrip().startswith(root)
    assert shown(page) == ["Alpha"]


def test_a_poll_with_nothing_new_gets_nothing_and_a_browser_always_the_page(signed_in, two):
    client, newest = signed_in(), page_version(timezone.now())
    assert client.get(f"/syncs/?v={newest}", headers=TABLE).status_code == 204
    assert client.get(f"/syncs/?v={newest}").status_code == 200
    make_job(two[0])
    page = client.get(f"/syncs/?v={newest}&state=idle", headers=TABLE).content.decode()
    assert shown(page) == ["Alpha"]
    assert 'name="back" value="/syncs/?state=idle"' not in page, "a viewer has no buttons"


def test_the_menu_switches_a_sync_and_leads_back_to_the_same_list(signed_in, two):
    client = signed_in("Fixer")
    page = client.get("/syncs/?state=ok").content.decode()
    assert re.search(rf'action="/syncs/{two[0].pk}/disable/".*?name="back" value="/syncs/\?state=ok"', page)
    assert f'popovertarget="menu-{two[0].pk}"' in page
    answer = client.post(f"/syncs/{two[0].pk}/disable/", {"back": "/syncs/?state=ok"})
    assert answer["Location"] == "/syncs/?state=ok"
    assert not Sync.objects.get(pk=two[0].pk).is_enabled


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_no_way_back_leads_out_of_the_panel(signed_in, two, back):
    answer = signed_in("Fixer").post(f"/syncs/{two[0].pk}/disable/", {"back": back})
    assert answer["Location"] == f"/syncs/{two[0].pk}/"


def test_a_viewer_is_offered_nothing_to_change(signed_in, two):
    page = signed_in("Viewer").get("/syncs/").content.decode()
    assert not re.search(r'action="/syncs/\d+/', page)
    assert f'href="/syncs/{two[0].pk}/settings/"' in page


@pytest.mark.parametrize(
    ("query", "said"), [("?q=zzz", "No sync matches “zzz”."), ("?state=failed", "No sync is like that.")]
)
def test_an_empty_list_says_why(signed_in, two, query, said):
    assert said in signed_in().get(f"/syncs/{query}").content.decode()


def test_without_a_sync_the_list_says_what_to_do_first(signed_in, db):
    assert "Connect both systems first." in signed_in().get("/syncs/").content.decode()
