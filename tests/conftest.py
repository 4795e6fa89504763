"""Rules for every test: no network but loopback, and tests marked ``pg`` only where there is a PostgreSQL."""

from __future__ import annotations

import functools
import ipaddress
import os
import socket
from typing import Any

import pytest

_METHODS = {"connect": 0, "connect_ex": 0, "bind": 0, "sendto": -1, "sendmsg": 3}
"""Methods of a socket that name the other side, and which argument does."""
_LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")


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


def _check(what: str, host: object) -> None:
    if not _is_local(host):
        raise NetworkForbidden(f"socket.{what} to {host!r}: tests talk to this machine only")


def _guard_method(name: str, position: int) -> None:
    real = getattr(socket.socket, name)

    @functools.wraps(real)
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        target = arguments[position] if position < len(arguments) else None
        if isinstance(target, tuple):  # a unix socket has a path, a connected one needs no address
            _check(name, target[0])
        return real(self, *arguments)

    setattr(socket.socket, name, guarded)


def _guard_look_up(name: str) -> None:
    real = getattr(socket, name)

    @functools.wraps(real)
    def guarded(host: Any, *arguments: Any, **named: Any) -> Any:
        _check(name, host)
        return real(host, *arguments, **named)

    setattr(socket, name, guarded)


# Not an audit hook: that one runs Python inside sys.settrace, where another thread may then install its tracer too,
# which Python 3.11 refuses; now and then a thread died of it while branches were counted.
for _name, _position in _METHODS.items():
    _guard_method(_name, _position)
for _name in _LOOK_UPS:
    _guard_look_up(_name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs PostgreSQL when the run is on SQLite."""
    if os.environ["HUB_TEST_DB"] == "postgres":
        return
    skip = pytest.mark.skip(reason="needs PostgreSQL; this is the SQLite run")
    for item in items:
        if item.get_closest_marker("pg"):
            item.add_marker(skip)
