"""Addresses and networks as the settings name them."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured

Network = IPv4Network | IPv6Network


def read_networks(variable: str, words: Iterable[str]) -> list[Network]:
    """An address is a network of one. ImproperlyConfigured for anything else: a misspelt proxy must not be overlooked."""
    try:
        return [ip_network(word.strip(), strict=False) for word in words if word.strip()]
    except ValueError as exc:
        raise ImproperlyConfigured(f"{variable} takes addresses and networks like 10.0.0.0/8: {exc}.") from exc
