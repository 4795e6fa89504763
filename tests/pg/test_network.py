"""Tests cannot leave the machine by mistake."""

from __future__ import annotations

import socket
import threading

import pytest
import requests


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com", "0.0.0.0"])
def test_addresses_outside_this_machine_are_refused(host: str) -> None:
    with pytest.raises(RuntimeError, match="tests talk to this machine only"):
        socket.create_connection((host, 9), timeout=1)


def test_requests_are_refused_too() -> None:
    with pytest.raises(RuntimeError, match=r"example\.com"):
        requests.get("https://example.com/", timeout=1)


def test_threads_are_refused_too() -> None:
    seen: list[str] = []

    def reach_out() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            try:
                sender.sendto(b"", ("192.0.2.1", 9))
            except RuntimeError as problem:
                seen.append(str(problem))

    thread = threading.Thread(target=reach_out)
    thread.start()
    thread.join()
    assert seen == ["socket.sendto to '192.0.2.1': tests talk to this machine only"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_open(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        with socket.create_connection((host, port), timeout=5) as client:
            assert client.getpeername()[1] == port
