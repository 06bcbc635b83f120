"""The lean way in for calls from platforms: what is read of a request, and what is answered."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.models import WebhookDelivery
from syncpanel.hooks import PREFIX, Front, public_base, read_url
from tests.integrations.webhooks.calling import body_of, event, make_address, signed


class Unreadable(io.BytesIO):
    """A body that must not be read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError(f"{size} bytes were read")


def pages(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"a page"]


class Caller:
    """Asks a WSGI application."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, path: str, body: bytes = b"", method: str = "POST", **environ: Any) -> tuple[int, bytes]:
        call = signed(body)
        headers = {f"HTTP_{name.replace('-', '_').upper()}": value for name, value in call.headers.items()}
        given = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "panel.example",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }
        statuses: list[str] = []
        answer = self.app(given | headers | environ, lambda status, headers: statuses.append(status))
        return int(statuses[0].split()[0]), b"".join(answer)


@pytest.fixture
def front(each_db: str) -> Iterator[Caller]:
    front = Front(pages)
    yield Caller(front)
    front.close()


@pytest.fixture
def token(front: Caller) -> str:
    return make_address()[0]


def test_pages_are_left_to_django(front: Caller) -> None:
    for path in ("/", "/hooks", "/hook/x/", "/jobs/hooks/"):
        assert front(path) == (200, b"a page")


def test_the_proxy_that_is_described_logs_no_address_of_ours_and_passes_calls_on_like_pages() -> None:
    described = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    places = dict(re.findall(r"^location (\S+) \{\n(.*?)^\}", described, re.M | re.S))
    assert "access_log off;" in places[PREFIX]
    passed_on = [re.findall(r"proxy_.*;", places[place]) for place in ("/", PREFIX)]
    assert passed_on[0] == passed_on[1]


def test_a_call_is_stored_with_and_without_the_last_slash(front: Caller, token: str) -> None:
    assert front(f"/hooks/{token}/", body_of(event(1)))[0] == 200
    assert front(f"/hooks/{token}", body_of(event(2)))[0] == 200
    assert WebhookDelivery.objects.count() == 2


@pytest.mark.parametrize("path", ["/hooks/", "/hooks/wrong/", "/hooks//", "/hooks/a/b/c", "/hooks/" + "x" * 9_000])
def test_an_unknown_address_is_answered_without_reading_anything(front: Caller, path: str) -> None:
    assert front(path, b"x" * 100, **{"wsgi.input": Unreadable()})[0] == 404


def test_a_body_over_the_limit_is_refused_without_reading_it(front: Caller, token: str) -> None:
    status, _ = front(f"/hooks/{token}/", CONTENT_LENGTH=str(10_000_000), **{"wsgi.input": Unreadable()})
    assert status == 413
    assert not WebhookDelivery.objects.exists()


def test_a_body_of_unknown_length_is_read_to_the_limit_only(front: Caller, token: str) -> None:
    endless = io.BytesIO(b"x" * 12_000_000)
    status, _ = front(
        f"/hooks/{token}/", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input": endless}
    )
    assert (status, endless.tell()) == (413, 5_000_001)
    body = body_of(event(1))
    assert front(f"/hooks/{token}/", body, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")[0] == 200


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "9" * 50, "٣", "50"])
def test_a_length_that_is_not_true_is_refused(front: Caller, token: str, length: str) -> None:
    assert front(f"/hooks/{token}/", b"[]", CONTENT_LENGTH=length)[0] in {400, 413}
    assert not WebhookDelivery.objects.exists()


def test_a_bad_signature_is_told_and_other_methods_are_greeted(front: Caller, token: str) -> None:
    assert front(f"/hooks/{token}/", b"[]", HTTP_X_HUBSPOT_SIGNATURE="0" * 64)[0] == 401
    for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
        assert front(f"/hooks/{token}/", method=method)[0] == 200
    assert not WebhookDelivery.objects.exists()


def test_the_server_is_told_to_hang_up_on_a_body_that_is_too_large(front: Caller, token: str) -> None:
    told: list[str] = []
    sock = type("Sock", (), {"forget": lambda self: told.append("forget")})()
    front(f"/hooks/{token}/", CONTENT_LENGTH="10000000", **{"wsgi.input": Unreadable(), "gunicorn.socket": sock})
    assert told == ["forget"]


ENVIRON = {"HTTP_HOST": "panel.example", "wsgi.url_scheme": "http", "PATH_INFO": "/hooks/ä/", "QUERY_STRING": "a=1"}


def test_the_address_is_the_one_the_platform_was_told(settings: Any) -> None:
    settings.PUBLIC_URL = "https://events.example"
    assert read_url({**ENVIRON, "RAW_URI": "/hooks/%C3%A4/?a=1"}) == "https://events.example/hooks/%C3%A4/?a=1"
    assert read_url({**ENVIRON, "RAW_URI": "http://panel.example/hooks/x/"}) == "https://events.example/hooks/x/"
    assert read_url(ENVIRON) == "https://events.example/hooks/%C3%A4/?a=1"


def test_without_a_public_address_the_name_that_was_called_counts(settings: Any) -> None:
    settings.PUBLIC_URL = ""
    assert public_base(ENVIRON) == "http://panel.example"
    forwarded = {**ENVIRON, "HTTP_X_FORWARDED_PROTO": "https"}
    assert public_base(forwarded) == "http://panel.example", "only a proxy we know of is believed"
    settings.TLS = True
    assert public_base(forwarded) == "https://panel.example"
