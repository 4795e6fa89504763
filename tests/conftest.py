"""Rules for every test: no network but loopback, and tests marked ``pg`` only where there is a PostgreSQL."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from typing import Any

import pytest

_HOST_ARGUMENT = {
    "socket.connect": 1,
    "socket.bind": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}
"""Audit events of the socket module, and which of their arguments names the other side."""


class NetworkForbidden(RuntimeError):
    """A test reached for an address outside this machine."""


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("idna")
    if host is None or host in ("localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _forbid_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: sees every connection made through ``socket``, also by threads and between tests."""
    position = _HOST_ARGUMENT.get(event)
    if position is None:
        return
    target = arguments[position]
    if target is None or (
        position == 1 and not isinstance(target, tuple)
    ):  # connected already, or a unix socket
        return
    host = target[0] if isinstance(target, tuple) else target
    if not _is_local(host):
        raise NetworkForbidden(f"{event} to {host!r}: tests talk to this machine only")


sys.addaudithook(_forbid_network)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs PostgreSQL when the run is on SQLite."""
    if os.environ["HUB_TEST_DB"] == "postgres":
        return
    skip = pytest.mark.skip(reason="needs PostgreSQL; this is the SQLite run")
    for item in items:
        if item.get_closest_marker("pg"):
            item.add_marker(skip)
