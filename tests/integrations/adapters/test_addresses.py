"""A connection leads to the public internet, whatever a person types and wherever a name leads today."""

import socket
import threading
import time

import httpcore
import pytest

from integrations.adapters import addresses
from integrations.adapters.addresses import find_problem, find_ways
from integrations.adapters.http import Ask, PlatformClient
from integrations.adapters.registry import capabilities, platforms
from integrations.adapters.testing import Unlimited
from integrations.exceptions import ConfigurationError
from tests.integrations.adapters.test_http import HEAD, handle_error


@pytest.fixture(autouse=True)
def _nothing_private(settings):
    settings.PRIVATE_HOSTS = []


@pytest.mark.parametrize(
    "address",
    [
        "https://api.hubapi.com",
        "https://acme.my.salesforce.com/",
        "https://gateway.example:8443/crm",
        "https://93.184.216.34",
        "https://[2606:2800:220:1::1]",
    ],
)
def test_the_public_internet_is_fine(address):
    assert find_problem(address) == ""


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("api.hubapi.com", addresses.NOT_AN_ADDRESS),
        ("ftp://api.hubapi.com", addresses.NOT_AN_ADDRESS),
        ("file:///etc/passwd", addresses.NOT_AN_ADDRESS),
        ("https://", addresses.NOT_AN_ADDRESS),
        ("https://exa mple.com", addresses.NOT_AN_ADDRESS),
        ("https://example.com:99999", addresses.NOT_AN_ADDRESS),
        ("https://[::1", addresses.NOT_AN_ADDRESS),
        ("https://example.com\r\nHost: inside", addresses.NOT_AN_ADDRESS),
        ("https://example.com\\@inside", addresses.NOT_AN_ADDRESS),
        ("https://ex\u0430mple.com", addresses.NOT_AN_ADDRESS),
        ("https://api.hubapi.com@inside.example", addresses.HOLDS_SIGN_IN),
        ("https://user:pw@api.hubapi.com", addresses.HOLDS_SIGN_IN),
        ("https://api.hubapi.com/?x=", addresses.HOLDS_MORE),
        ("https://api.hubapi.com/#", addresses.HOLDS_MORE),
        ("http://api.hubapi.com", addresses.NOT_ENCRYPTED),
        ("http://127.0.0.1:9400", addresses.NOT_ENCRYPTED),
        ("https://localhost", addresses.IS_PRIVATE),
        ("https://LOCALHOST.", addresses.IS_PRIVATE),
        ("https://metadata.google.internal", addresses.IS_PRIVATE),
        ("https://127.0.0.1", addresses.IS_PRIVATE),
        ("https://127.1", addresses.IS_PRIVATE),
        ("https://2130706433", addresses.IS_PRIVATE),
        ("https://0x7f000001", addresses.IS_PRIVATE),
        ("https://0", addresses.IS_PRIVATE),
        ("https://10.1.2.3", addresses.IS_PRIVATE),
        ("https://172.16.0.1", addresses.IS_PRIVATE),
        ("https://192.168.1.1", addresses.IS_PRIVATE),
        ("https://169.254.169.254/latest/meta-data", addresses.IS_PRIVATE),
        ("https://100.64.0.1", addresses.IS_PRIVATE),
        ("https://224.0.0.1", addresses.IS_PRIVATE),
        ("https://[::1]", addresses.IS_PRIVATE),
        ("https://[fe80::1]", addresses.IS_PRIVATE),
        ("https://[fd00::1]", addresses.IS_PRIVATE),
        ("https://[::ffff:10.0.0.1]", addresses.IS_PRIVATE),
        ("https://[64:ff9b::a00:1]", addresses.IS_PRIVATE),
        ("https://[2002:a00:1::]", addresses.IS_PRIVATE),
    ],
)
def test_anything_else_is_refused_with_what_to_do(address, problem):
    assert find_problem(address) == problem


@pytest.mark.parametrize(
    ("allowed", "address", "is_fine"),
    [
        (["10.2.0.0/16"], "https://10.2.3.4", True),
        (["10.2.0.0/16"], "http://10.2.3.4", True),
        (["10.2.0.0/16"], "https://10.3.3.4", False),
        (["crm.internal"], "http://CRM.internal.", True),
        (["crm.internal"], "http://other.internal", False),
        (["127.0.0.0/8"], "http://127.0.0.1:9400", True),
        (["127.0.0.0/8"], "http://user@127.0.0.1:9400", False),
    ],
)
def test_the_operator_may_allow_more(settings, allowed, address, is_fine):
    settings.PRIVATE_HOSTS = allowed
    assert (find_problem(address) == "") is is_fine


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "169.254.169.254", "::1"])
def test_a_name_that_leads_inside_is_refused_at_the_call(host):
    with pytest.raises(ConfigurationError) as caught:
        find_ways(host, 443, is_encrypted=True, timeout=5)
    assert caught.value.code == "address"


def test_only_the_allowed_of_several_ways_are_gone(settings, monkeypatch):
    told = [(socket.AF_INET, 1, 6, "", (way, 443)) for way in ("10.0.0.1", "93.184.216.34", "10.2.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told)
    settings.PRIVATE_HOSTS = ["10.2.0.0/16"]
    assert find_ways("crm.example", 443, is_encrypted=True, timeout=5) == ["93.184.216.34", "10.2.0.1"]
    assert find_ways("crm.example", 80, is_encrypted=False, timeout=5) == ["10.2.0.1"]


def test_a_name_server_that_hangs_holds_a_call_no_longer_than_it_may_take(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(10) and [])
    started = time.monotonic()
    with pytest.raises(httpcore.ConnectTimeout):
        find_ways("crm.example", 443, is_encrypted=True, timeout=0.2)
    assert time.monotonic() - started < 2
    over.set()


def test_a_name_nobody_knows_leads_nowhere():
    with pytest.raises(httpcore.ConnectError):
        find_ways("no-such-name.invalid", 443, is_encrypted=True, timeout=20)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_is_said_to_a_server_inside(settings, raw_server, host):
    server = raw_server([HEAD + b"Content-Length: 2\r\n\r\n{}"])
    url = server.url.replace("127.0.0.1", host)
    client = PlatformClient("Acme", Unlimited(), handle_error, timeout=5)
    with pytest.raises(ConfigurationError, match="PRIVATE_HOSTS"):
        client.send(Ask("GET", url, "api"), [("Authorization", "Bearer secret")])
    settings.PRIVATE_HOSTS = ["127.0.0.1", "::1"]
    assert client.send(Ask("GET", url, "api")).body == b"{}"
    client.close()


def test_every_adapter_declares_its_address_as_one():
    for platform in platforms():
        declared = capabilities(platform)
        fields = [*declared.settings, *(field for method in declared.sign_in_methods for field in method.fields)]
        for field in fields:
            looks_like_one = field.name.endswith("url") or "://" in field.placeholder + field.default
            assert field.is_address is looks_like_one, (platform, field.name)
