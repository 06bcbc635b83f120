"""The door to the network: bounded in time and size, and silent about what is private."""

import contextlib
import gzip
import logging
import socket
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.adapters.auth import token_ask
from integrations.adapters.deadline import finish_within
from integrations.adapters.errors import network_error, status_error
from integrations.adapters.http import Ask, PlatformClient
from integrations.adapters.testing import Unlimited
from integrations.exceptions import ConfigurationError, TransientError, UnknownOutcomeError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def handle_error(problem):
    if isinstance(problem, httpx.Response):
        return status_error(problem, "Acme")
    return network_error(problem, "Acme")


@pytest.fixture
def client():
    made = []

    def make(timeout=0.3, answer=None):
        transport = httpx.MockTransport(answer) if answer else None
        made.append(PlatformClient("Acme", Unlimited(), handle_error, timeout=timeout, transport=transport))
        return made[-1]

    yield make
    for one in made:
        one.close()


def drip(text: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in text]


class TestDeadline:
    @pytest.mark.parametrize(
        "script",
        [
            pytest.param([HEAD + b"Content-Length: 500\r\n\r\n", *drip(b" " * 500)], id="in-the-body"),
            pytest.param(drip(HEAD + b"X-Long: " + b"x" * 500), id="in-the-headers"),
        ],
    )
    def test_a_server_that_drips_holds_us_no_longer_than_twice_the_timeout(self, client, raw_server, script):
        server = raw_server(script, pause=0.05)
        started = time.monotonic()
        with pytest.raises(TransientError) as caught:
            client(timeout=0.3).send(Ask("GET", server.url, "api"))
        assert caught.value.code == "timeout"
        assert 0.3 < time.monotonic() - started < 1.5

    def test_a_server_that_drips_while_we_write_leaves_the_outcome_unknown(self, client, raw_server):
        server = raw_server([HEAD + b"Content-Length: 500\r\n\r\n", *drip(b" " * 500)], pause=0.05)
        with pytest.raises(UnknownOutcomeError):
            client(timeout=0.2).send(Ask("POST", server.url, "api", b"{}", is_write=True))

    def test_the_next_call_has_its_own_deadline(self, client, raw_server):
        slow = raw_server([HEAD + b"Content-Length: 500\r\n\r\n", *drip(b" " * 500)], pause=0.05)
        quick = raw_server([HEAD + b"Content-Length: 2\r\n\r\n{}"])
        one = client(timeout=0.2)
        with pytest.raises(TransientError):
            one.send(Ask("GET", slow.url, "api"))
        assert one.send(Ask("GET", quick.url, "api")).body == b"{}"

    def test_a_call_ends_when_the_person_who_waits_for_it_has_waited_long_enough(self, client, raw_server):
        started = time.monotonic()
        with pytest.raises(TransientError), finish_within(0.3):
            client(timeout=30).send(Ask("GET", raw_server([]).url, "api"))
        assert time.monotonic() - started < 2

    def test_a_call_may_ask_for_more_time(self, client, raw_server):
        server = raw_server([HEAD + b"Content-Length: 20\r\n\r\n", *drip(b" " * 20)], pause=0.05)
        assert len(client(timeout=0.1).send(Ask("GET", server.url, "api", timeout=3.0)).body) == 20


class TestAnswers:
    def test_half_a_body_is_a_broken_connection(self, client, raw_server):
        server = raw_server([HEAD + b"Content-Length: 500\r\n\r\n{", b""])
        with pytest.raises(TransientError):
            client().send(Ask("GET", server.url, "api"))

    def test_what_is_no_http_is_a_broken_connection(self, client, raw_server):
        with pytest.raises(TransientError) as caught:
            client().send(Ask("GET", raw_server([b"SSH-2.0-OpenSSH_9\r\n\r\n"]).url, "api"))
        assert caught.value.code == "connection_lost"

    def test_packed_answers_are_unpacked(self, client):
        packed = gzip.compress(b'{"a":1}')
        one = client(answer=lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Raw(packed)))
        assert one.send(Ask("GET", "http://x/", "api")).body == b'{"a":1}'

    @pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
    def test_an_answer_without_end_is_cut_off(self, client, packed):
        body = b" " * 3_000_000
        headers = {"Content-Encoding": "gzip"} if packed else {}
        stream = Raw(gzip.compress(body) if packed else body)
        one = client(answer=lambda _: httpx.Response(200, headers=headers, stream=stream))
        with pytest.raises(ConfigurationError) as caught:
            one.send(Ask("GET", "http://x/", "api", most_bytes=1_000_000))
        assert caught.value.code == "answer_too_large"
        with pytest.raises(UnknownOutcomeError):
            one.send(Ask("POST", "http://x/", "api", b"{}", is_write=True, most_bytes=1_000_000))

    @pytest.mark.parametrize("encoding", ["gzip", "GZIP"])
    def test_a_packed_answer_that_breaks_off_is_half_an_answer(self, client, encoding):
        stream = Raw(gzip.compress(b"1,2,3\n" * 1_000)[:-20])
        one = client(answer=lambda _: httpx.Response(200, headers={"Content-Encoding": encoding}, stream=stream))
        with pytest.raises(TransientError) as caught:
            one.send(Ask("GET", "http://x/", "api"))
        assert caught.value.code == "half_answer"

    def test_an_answer_that_would_burst_in_memory_is_one_of_our_errors(self, client):
        one = client(answer=lambda _: httpx.Response(200, content=b"[" + b"[]," * 1_000_000 + b"[]]"))
        with pytest.raises(TransientError, match="of more parts than we can hold"):
            one.read_json(one.send(Ask("GET", "http://x/", "api")))

    def test_a_sign_in_is_answered_briefly(self, client):
        one = client(answer=lambda _: httpx.Response(200, content=b" " * 2_000_000))
        with pytest.raises(ConfigurationError, match="more than 1 MB"):
            one.send(token_ask("http://x/", b""))

    def test_a_redirect_is_not_followed(self, client):
        calls = []

        def move(request):
            calls.append(request.url)
            return httpx.Response(302, headers={"Location": "http://elsewhere/"})

        answer = client(answer=move).send(Ask("GET", "http://x/", "api"))
        error = handle_error(answer.response())
        assert len(calls) == 1 and isinstance(error, ConfigurationError) and error.code == "moved"

    def test_a_cookie_is_not_kept(self, client):
        seen = []

        def remember(request):
            seen.append(request.headers.get("cookie"))
            return httpx.Response(200, headers={"Set-Cookie": "a=b"}, content=b"{}")

        one = client(answer=remember)
        for _ in range(2):
            one.send(Ask("GET", "http://x/", "api"))
        assert seen == [None, None]

    @pytest.mark.parametrize(
        ("body", "code"),
        [(b"", "empty_answer"), (b" \n", "empty_answer"), (b"<html>", "html_answer"), (b'{"a":', "half_answer")],
    )
    def test_an_unreadable_answer_says_what_it_is(self, client, body, code):
        one = client(answer=lambda _: httpx.Response(200, content=body))
        for is_write, family in ((False, TransientError), (True, UnknownOutcomeError)):
            answer = one.send(Ask("POST", "http://x/", "api", is_write=is_write))
            with pytest.raises(family) as caught:
                one.read_json(answer)
            assert caught.value.code == code

    @pytest.mark.parametrize(
        ("body", "name"),
        [(b'{"name":"Ann \\ud83d","n":[1]}', "Ann ?"), (b'{"name":"Ann \xf0\x9f","n":[1]}', "Ann \ufffd")],
        ids=["escaped", "raw"],
    )
    def test_half_an_emoji_does_not_make_a_page_unreadable(self, client, body, name):
        one = client(answer=lambda _: httpx.Response(200, content=body))
        assert one.read_json(one.send(Ask("GET", "http://x/", "api"))) == {"name": name, "n": [1]}

    @pytest.mark.parametrize("url", ["no address", "http://[", "http://exa mple:port/", "ftp://x/"])
    def test_an_address_that_is_none_is_one_of_our_errors(self, client, url):
        with pytest.raises((ConfigurationError, TransientError)):
            PlatformClient("Acme", Unlimited(), _classify, timeout=0.3).send(Ask("GET", url, "api"))


def _classify(problem):
    from integrations.adapters.errors import unexpected

    return unexpected(problem, "Acme")


class Raw(httpx.SyncByteStream):
    def __init__(self, body):
        self._body = body

    def __iter__(self):
        for start in range(0, len(self._body), 65_536):
            yield self._body[start : start + 65_536]


class TestPrivacy:
    def test_a_log_line_tells_what_was_called_and_holds_no_token_body_or_address(self, client, caplog):
        caplog.set_level(logging.DEBUG)
        one = client(answer=lambda _: httpx.Response(200, content=b'{"mail":"ann@example.org"}'))
        ask = Ask("POST", "http://x/profiles/email:ann@example.org?q=ann@example.org", "profiles", b"ann@example.org")
        one.send(ask, [("Authorization", "Bearer TOP-SECRET-1")])
        assert "Acme POST profiles 200 " in caplog.text
        assert "TOP-SECRET-1" not in caplog.text and "ann@" not in caplog.text
        one.send(replace(ask, group=""))
        assert "Acme POST sign-in 200 " in caplog.text

    def test_an_exchange_shows_the_bodies_and_no_query(self, client):
        one = client(answer=lambda _: httpx.Response(201, content=b"out"))
        exchange = one.send(Ask("PUT", "http://x/path?token=1", "api", b"in")).exchange()
        assert (exchange.method, exchange.url, exchange.status) == ("PUT", "http://x/path", 201)
        assert (exchange.request_body, exchange.response_body) == (b"in", b"out")

    def test_what_travels_may_be_other_bytes_than_those_a_person_sees(self, client):
        sent = []
        http = client(answer=lambda request: sent.append(request.content) or httpx.Response(200, json={}))
        answer = http.send(Ask("POST", "https://acme.example/x", "api", b"open", travels=b"packed, with a secret"))
        assert sent == [b"packed, with a secret"] and answer.exchange().request_body == b"open"


class TestEncryption:
    def test_a_server_that_vouches_for_itself_is_told_nothing(self, client, tmp_path):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(make_certificate(tmp_path))
        heard = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=listen, args=(listener, context, heard), daemon=True).start()
            url = f"https://127.0.0.1:{listener.getsockname()[1]}"
            with pytest.raises(TransientError) as caught:
                client(timeout=5).send(Ask("GET", url, "api"), [("Authorization", "Bearer secret")])
        assert caught.value.code == "unreachable"
        assert heard == []


def listen(listener, context, heard):
    """Takes one connection and writes down what it hears once the two understand each other."""
    plain, _ = listener.accept()
    with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as sock:
        heard.append(sock.recv(1000))


def make_certificate(folder):
    """Key and certificate of a server for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


class TestClosing:
    def test_closing_hangs_up(self, client, raw_server):
        server = raw_server([HEAD + b"Content-Length: 2\r\n\r\n{}"])
        one = client()
        one.send(Ask("GET", server.url, "api"))
        assert not server.hung_up.is_set()
        one.close()
        assert server.hung_up.wait(5)

    def test_connections_are_kept_between_calls(self, sandbox, client):
        one = client(timeout=5)
        for _ in range(5):
            one.send(Ask("GET", f"{sandbox.server.url}/services/data/", "api"))
        assert len(one._transport._pool.connections) == 1


class TestLimits:
    def test_a_call_takes_as_many_permits_as_it_costs_and_its_body_may_teach_the_limiter(self):
        class Permits(Unlimited):
            costs: list[int] = []
            told: list[dict[str, str]] = []

            def permit(self, group, cost=1):
                self.costs.append(cost)
                return super().permit(group, cost)

            def learn(self, group, headers, status):
                self.told.append(dict(headers))
                super().learn(group, headers, status)

        permits, transport = Permits(), httpx.MockTransport(lambda request: httpx.Response(200, json={}))
        client = PlatformClient("Acme", permits, handle_error, transport=transport)
        answer = client.send(Ask("GET", "https://acme.example/", "reports", cost=10))
        client.learn(answer, {"tokens-left": "5"})
        client.send(Ask("GET", "https://acme.example/", ""))
        assert permits.costs == [10] and permits.told[1] == {"tokens-left": "5"}
        assert permits.answers == [("reports", 200), ("reports", 200)]
