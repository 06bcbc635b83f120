"""Who asks, and who has asked too often."""

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from syncpanel.clients import MOST_GUESSES, client_address, has_guessed_too_often, note_wrong_guess
from syncpanel.networks import read_networks


@pytest.fixture(autouse=True)
def _trusted(settings):
    settings.TRUSTED_PROXIES = read_networks("TRUSTED_PROXIES", ["10.0.0.0/8", "127.0.0.1", "fd00::/8"])
    cache.clear()


def ask(peer: str, forwarded: str | None = None):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory(REMOTE_ADDR=peer).get("/", headers=headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8:1:2::5]:4711", "2001:db8:1:2::"),
        ("127.0.0.1", "unknown, 10.2.3.4", "10.2.3.4"),
        ("127.0.0.1", "1.1.1.1, <script>", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("2001:db8:1:2::77", None, "2001:db8:1:2::"),
        ("fd00::1", "2001:db8:9:9::1", "2001:db8:9:9::"),
        ("", "198.51.100.1", ""),
    ],
)
def test_a_proxy_is_believed_when_it_is_trusted_and_no_further(peer, forwarded, address):
    assert client_address(ask(peer, forwarded)) == address


def test_without_trusted_proxies_the_header_says_nothing(settings):
    settings.TRUSTED_PROXIES = []
    assert client_address(ask("127.0.0.1", "198.51.100.1")) == "127.0.0.1"


def test_guesses_are_counted_by_address_and_kind():
    guesser, other = ask("203.0.113.7"), ask("203.0.113.8")
    for _ in range(MOST_GUESSES):
        assert not has_guessed_too_often(guesser, "setup")
        note_wrong_guess(guesser, "setup")
    assert has_guessed_too_often(guesser, "setup")
    assert not has_guessed_too_often(guesser, "metrics")
    assert not has_guessed_too_often(other, "setup")
