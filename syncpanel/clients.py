"""Who asks: the address of a client, and whether so much was guessed from there that it has to wait."""

from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

MOST_GUESSES = 20
"""Wrong tokens from one address. Nobody types a token, so nobody mistypes it often."""


def client_address(request: HttpRequest) -> str:
    """The address a request comes from. A trusted proxy tells on whose behalf it asks, and its word counts up to the
    first hop that is not trusted; anybody else's header may say what it likes. IPv6 gives each client a network of
    2^64 addresses, which count as one."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    address = _read(peer)
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if address is None or not any(address in network for network in settings.TRUSTED_PROXIES):
            break
        before = _read(hop)
        if before is None:
            break
        address = before
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False).network_address)
    return str(address or peer)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """One hop; some proxies add the port."""
    text = text.strip()
    for one in (text, text.partition("]")[0].removeprefix("["), text.rpartition(":")[0]):
        with suppress(ValueError):
            address = ip_address(one)
            return getattr(address, "ipv4_mapped", None) or address
    return None


def has_failed_too_often(request: HttpRequest) -> bool:
    """True when so many passwords were wrong from this address, whoever's they were, that it has to wait. Gentler than
    the lock-out of one account: an office may share an address."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    failed = AccessAttempt.objects.filter(ip_address=client_address(request), attempt_time__gt=since)
    total = failed.aggregate(total=Sum("failures_since_start"))["total"] or 0
    return bool(total >= settings.SIGN_IN_FAILURES_PER_ADDRESS)


def note_wrong_guess(request: HttpRequest, what: str) -> None:
    """A wrong token of this kind came from this address."""
    key = _guesses(request, what)
    cache.add(key, 0, settings.AXES_COOLOFF_TIME * 3600)
    with suppress(ValueError):  # it ended at this very moment
        cache.incr(key)


def has_guessed_too_often(request: HttpRequest, what: str) -> bool:
    """True while more wrong tokens came from this address than a person types."""
    return bool(cache.get(_guesses(request, what), 0) >= MOST_GUESSES)


def _guesses(request: HttpRequest, what: str) -> str:
    return f"guesses:{what}:{client_address(request)}"
