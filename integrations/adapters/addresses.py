"""Where a connection may lead: to the public internet, encrypted. Elsewhere only where PRIVATE_HOSTS says so.

Judged twice: what a person types, when it is saved (`find_problem`), and where its name leads, whenever a connection is
opened (`find_ways`): what a name stands for can change after it was saved.
"""

import queue
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import httpcore
from django.conf import settings

from integrations.exceptions import ConfigurationError

Address = IPv4Address | IPv6Address

NOT_AN_ADDRESS = "Type the whole address, starting with https://."
NOT_ENCRYPTED = "Start it with https://. Over http:// anyone on the way could read the sign-in."
HOLDS_SIGN_IN = "Leave out the user name and password before the “@”."
HOLDS_MORE = "End it before the “?” or “#”."
IS_PRIVATE = "This leads into a private network. Whoever runs Syncpanel can allow that (PRIVATE_HOSTS)."
LEADS_INSIDE = (
    "The address of this connection leads into a private network, or would not be encrypted. "
    "Check it, or ask whoever runs Syncpanel to allow it (PRIVATE_HOSTS)."
)

_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class PrivateHosts:
    """What the operator allowed beyond the public internet, also unencrypted: names and networks."""

    names: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]

    def allow(self, host: str, address: Address | None) -> bool:
        """Is it this host, or does the address lie in one of the networks?"""
        return _fold(host) in self.names or (address is not None and any(address in one for one in self.networks))


@lru_cache(maxsize=8)
def _parse(words: tuple[str, ...]) -> PrivateHosts:
    names, networks = set(), []
    for word in words:
        try:
            networks.append(ip_network(word, strict=False))
        except ValueError:
            names.add(_fold(word))
    return PrivateHosts(frozenset(names), tuple(networks))


def private_hosts() -> PrivateHosts:
    """What PRIVATE_HOSTS says."""
    return _parse(tuple(settings.PRIVATE_HOSTS))


def find_problem(address: str) -> str:
    """Why this cannot be the address of a connection, in one sentence; empty when it can."""
    parts = _split(address)
    if parts is None or not parts.hostname:
        return NOT_AN_ADDRESS
    if "@" in parts.netloc:
        return HOLDS_SIGN_IN
    if "?" in address or "#" in address:
        return HOLDS_MORE
    ip = read_ip(parts.hostname)
    if private_hosts().allow(parts.hostname, ip):
        return ""
    if parts.scheme == "http":
        return NOT_ENCRYPTED
    return IS_PRIVATE if _is_named_inside(parts.hostname) or (ip and not is_public(ip)) else ""


def _split(address: str) -> SplitResult | None:
    """Its parts; None for anything but a plain http address."""
    if not address.isascii() or not address.isprintable() or " " in address or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
        return parts if parts.scheme in {"http", "https"} and parts.port != 0 else None
    except ValueError:
        return None


def read_ip(host: str) -> Address | None:
    """The address a host is written as, also in the old ways (127.1, 0x7f000001) that a system call understands."""
    with suppress(ValueError):
        return ip_address(host)
    with suppress(OSError):
        return IPv4Address(socket.inet_aton(host))
    return None


def is_public(ip: Address) -> bool:
    """False for networks of one's own, for this machine, and for what only looks like an address of elsewhere."""
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return ip.is_global and not ip.is_multicast


def find_ways(host: str, port: int, *, is_encrypted: bool, timeout: float | None) -> Sequence[str]:
    """The addresses of the host to which we may go, in the system's order. ConfigurationError when there are none;
    httpcore's errors when the name leads nowhere, or nobody says where within `timeout` seconds."""
    allowed = private_hosts()
    ip = read_ip(host)
    found = [str(ip)] if ip else _resolve(host, port, timeout)
    ways = [way for way in found if _may_go(allowed, host, way, is_encrypted)]
    if not ways:
        raise ConfigurationError(LEADS_INSIDE, code="address", technical=", ".join(found))
    return ways


def _may_go(allowed: PrivateHosts, host: str, way: str, is_encrypted: bool) -> bool:
    ip = read_ip(way)
    return allowed.allow(host, ip) or (is_encrypted and ip is not None and is_public(ip))


def _resolve(host: str, port: int, timeout: float | None) -> list[str]:
    """Asked in a thread: the system's own call knows no timeout, and a name server that hangs would hold us for long."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_ask(host, port)), daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty as exc:
        raise httpcore.ConnectTimeout("Nobody said in time where the name leads.") from exc
    if isinstance(answer, Exception):
        raise httpcore.ConnectError("The name leads nowhere.") from answer
    return answer


def _ask(host: str, port: int) -> list[str] | Exception:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        return problem
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


def _is_named_inside(host: str) -> bool:
    return _fold(host).rpartition(".")[2] in {"localhost", "local", "internal", "localdomain"}


def _fold(host: str) -> str:
    return host.rstrip(".").casefold()
