"""A search that is killed loses nothing: its cursor moves only together with the rows it stands for."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.durability.installation import Installation, wait_until

pytestmark = [pytest.mark.pg, pytest.mark.slow, pytest.mark.timeout(120)]
ORDERS, PAGE = 700, 250
STORE = "demo-store"
AT_THE_LOCK = (
    b"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def test_a_search_killed_between_pages_and_inside_a_page_loses_nothing(on_postgres: Installation) -> None:
    hub = on_postgres
    hub.start(demo_orders=False)
    hub.generate(ORDERS)
    placed = {
        str(row["id"]).rpartition("/")[2] for row in hub.call("shopify", f"{STORE}/_sandbox/orders")["orders"]
    }
    assert len(placed) == ORDERS

    def staged() -> Any:
        return hub.console("staged", shop=STORE)

    # Killed while it waits for the second page: the first is there, and the cursor stands at its end.
    hub.call(
        "shopify",
        "_sandbox/faults",
        {"match": {"operation": "OrderHeaders"}, "action": "delay_ms", "delay_ms": 400, "skip": 1},
    )
    first = hub.new_console()
    first.send("discover_here", shop=STORE)
    assert first.line() == {"progress": PAGE}
    first.kill()
    after_first = staged()
    assert after_first["rows"] == PAGE
    assert after_first["cursor"] == after_first["newest"]

    # Killed inside a page: its rows are there but not committed, since another holds the cursor's table.
    second = hub.new_console()
    with psycopg.connect(hub.environment["DATABASE_URL"], autocommit=True) as other:
        second.send("discover_here", shop=STORE)
        assert second.line() == {"progress": PAGE}  # the overlap and what follows it
        with other.transaction():
            other.execute("LOCK TABLE syncflows_cursor IN SHARE ROW EXCLUSIVE MODE")
            committed = staged()
            (backend,) = wait_until(lambda: other.execute(AT_THE_LOCK).fetchone(), "the search at the lock")
            second.kill()
        alive = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
        wait_until(lambda: not other.execute(alive, (backend,)).fetchone(), "the end of the killed search")
    after_second = staged()
    assert after_second == committed
    assert PAGE < after_second["rows"] < ORDERS
    assert after_second["cursor"] == after_second["newest"]

    # The next search goes on from the cursor and brings the rest, each order once.
    third = hub.new_console()
    found = third("discover_here", shop=STORE)
    assert found["new"] == ORDERS - after_second["rows"]
    last = staged()
    assert set(last["ids"]) == placed
    assert last["rows"] == ORDERS
    assert last["cursor"] == last["newest"]
