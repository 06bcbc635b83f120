"""What the start prints."""

import pytest

from syncpanel.announcement import welcome_lines
from syncpanel.first_run import setup_token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_data(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize(
    ("tls", "hosts", "address"),
    [
        (False, ["panel.example.com"], "http://127.0.0.1:8000"),
        (True, ["panel.example.com"], "https://panel.example.com"),
        (True, [".example.com"], "https://example.com"),
        (True, ["*"], "http://127.0.0.1:8000"),
    ],
)
def test_the_link_for_the_first_administrator_leads_to_where_people_reach_the_panel(settings, tls, hosts, address):
    settings.TLS, settings.ALLOWED_HOSTS = tls, hosts
    assert f"  {address}/welcome/?token={setup_token()}" in welcome_lines("http://127.0.0.1:8000")


def test_once_somebody_can_sign_in_there_is_no_link(make_user):
    make_user()
    assert "token" not in " ".join(welcome_lines("http://127.0.0.1:8000"))
