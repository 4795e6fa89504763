"""What workers share: Shopify's points and its access token."""

from __future__ import annotations

import time

import pytest

from tests.durability.installation import Installation

pytestmark = [pytest.mark.pg, pytest.mark.slow, pytest.mark.timeout(120)]
STORE = "demo-store"


def test_two_processes_share_the_points_and_are_never_throttled(on_postgres: Installation) -> None:
    hub = on_postgres
    hub.start(demo_orders=False)
    hub.generate(80)
    one, two = hub.console, hub.new_console()
    one("discover_here", shop=STORE)
    hub.call("shopify", "_sandbox/settings", {"bucket": [400, 100]})
    for console in (one, two):  # the first answer tells each how large the bucket is
        assert console("fetch", shop=STORE, part=0, of=80, batch=1, start=0.0) == 1
    before = hub.call("shopify", "_sandbox/stats")
    begun, start = time.monotonic(), time.time() + 0.5
    for part, console in enumerate((one, two)):
        console.send("fetch", shop=STORE, part=part, of=2, batch=5, start=start)
    assert [one.answer(), two.answer()] == [40, 40]
    took = time.monotonic() - begun
    after = hub.call("shopify", "_sandbox/stats")
    assert after.get("throttled", 0) == before.get("throttled", 0)
    used = after["points_used"] - before["points_used"]
    assert used > 600  # half as much again as the bucket holds: they had to wait, and did
    assert used <= 400 + 100 * took


def test_twenty_at_once_renew_the_access_token_once(on_postgres: Installation) -> None:
    hub = on_postgres
    hub.start(demo_orders=False)
    consoles = [hub.console, hub.new_console()]
    for console in consoles:  # both are awake
        console("counts")
    hub.console("expire_token", shop=STORE)
    before = hub.call("shopify", "_sandbox/stats")["operations"]
    start = time.time() + 0.5
    for console in consoles:
        console.send("tokens", shop=STORE, threads=10, start=start)
    got = [token for console in consoles for token in console.answer()]
    assert len(got) == 20
    assert len(set(got)) == 1
    after = hub.call("shopify", "_sandbox/stats")["operations"]
    assert {name: n - before.get(name, 0) for name, n in after.items() if n != before.get(name, 0)} == {
        "access_token": 1
    }
