"""The limits page."""

import re

from django.utils import timezone

from integrations.models import RateUse
from tests.factories import make_connection, make_sync


def version_of(page: str) -> str:
    found = re.search(r'hx-get="/limits/\?v=(\w+)"', page)
    assert found
    return found[1]


def test_each_connection_has_a_card(signed_in, db):
    make_connection(name="Portal")
    make_connection("salesforce", name="Leads")
    page = signed_in().get("/limits/").content.decode()
    assert page.count("Who uses it today") == 2


def test_it_costs_the_same_for_one_and_for_fifty(signed_in, db, django_assert_max_num_queries):
    client = signed_in()

    def queries() -> int:
        with django_assert_max_num_queries(30) as counted:
            assert client.get("/limits/").status_code == 200
        return len(counted)

    make_connection()
    one = queries()
    for _ in range(49):
        make_connection()
    assert queries() == one


def test_a_poll_gets_nothing_until_a_figure_changes(signed_in, db):
    connection, client = make_connection(), signed_in()
    sync = make_sync(source=connection, name="Newsletter audience")
    version = version_of(client.get("/limits/").content.decode())
    ask = {"path": f"/limits/?v={version}", "headers": {"HX-Request": "true"}}
    assert client.get(**ask).status_code == 204
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    RateUse.objects.create(connection=connection, sync=sync.pk, hour=hour, calls=12)
    answer = client.get(**ask)
    assert answer.status_code == 200
    assert answer.content.decode().startswith('<div id="limits"')
    assert "Newsletter audience" in answer.content.decode()


def test_without_connections_it_says_what_will_be_here(signed_in):
    assert "No connections yet" in signed_in().get("/limits/").content.decode()
