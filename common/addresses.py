"""Addresses people type and the hub then calls: never one inside the hub's own network.

Outside debug mode only https. A private, link-local or loopback host only when HUB_ALERT_HOSTS names it (`host` or
`host:port`). What is typed is checked here; what the name leads to is checked again at each connection, before anything
is sent (`common.http.PublicClient`), so that a name that changes its address later leads nowhere either.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

_INSIDE = ("localhost", "local", "internal", "localdomain", "home.arpa")


def check_public_address(url: str) -> None:
    """Raise ValidationError, saying what to write, for an address nothing may be sent to. Asks no name server."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise ValidationError("The address has no usable port number.") from error
    host = (parts.hostname or "").lower().rstrip(".")
    if parts.scheme not in {"http", "https"} or not host:
        raise ValidationError("Write the whole address, e.g. https://hooks.example.com/alerts.")
    if parts.scheme != "https" and not settings.DEBUG:
        raise ValidationError("The address must begin with https://.")
    if parts.username or parts.password or parts.fragment:
        raise ValidationError("The address holds no user name, password or '#'.")
    if not is_named(host, port) and _is_inside(host):
        raise ValidationError(
            f"'{host}' is inside a private network. If it is meant, have an administrator add it to HUB_ALERT_HOSTS."
        )


def is_named(host: str, port: int | None) -> bool:
    """Whether the setting names this host."""
    named = {entry.lower() for entry in settings.HUB_ALERT_HOSTS}
    return host.lower() in named or f"{host.lower()}:{port}" in named


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; also for IPv4 written as IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


def _is_inside(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return "." not in host or host.endswith(tuple(f".{word}" for word in _INSIDE))
