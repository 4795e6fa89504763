"""A bulk run that speaks to Shopify, and a location chosen for one order: what both systems have afterwards."""

from __future__ import annotations

from typing import Any

from syncflows.actions import bulk
from syncflows.models import Action, BulkRun, OrderRules, Sync
from syncflows.models.rules import Treatment
from syncflows.pipeline.run import drain
from tests.journeys.pressing import Person, in_shopify, payments
from tests.journeys.world import World


def begin(olga: Person, action: str, syncs: list[Sync], **values: Any) -> BulkRun:
    """Choose from the list, confirm, and be led to the run."""
    post = {"action": f"{action}_selected", "_selected_action": [sync.pk for sync in syncs], **values}
    page = olga.client.post("/admin/syncflows/order/", post)
    assert page.status_code == 200
    assert BulkRun.objects.count() == 0
    answer = olga.client.post("/admin/syncflows/order/", {**post, "confirmed": "1"})
    run = BulkRun.objects.get()
    assert answer.headers["Location"] == f"/admin/syncflows/bulkrun/{run.pk}/change/"
    return run


def test_three_orders_are_marked_as_paid_one_of_them_already(world: World) -> None:
    OrderRules.objects.update(unpaid_orders=Treatment.HOLD)
    bought = [world.buy({"CAP": 1}, pay="pending") for _ in range(3)]
    world.run()
    syncs = [world.sync(name) for _, name in bought]
    olga = Person()
    run = begin(olga, "mark_paid", syncs, reason="Statement of Monday")
    world.do(bought[0][0], "pay")
    assert bulk.work(run.pk, seconds=0) == 1
    BulkRun.objects.update(lease_token="a worker that was killed")
    assert bulk.work(run.pk) == 2
    run.refresh_from_db()
    assert (run.state, run.counts()) == ("done", {"left": 0, "done": 3, "untouched": 0, "failed": 0})
    for order_id, _ in bought:
        order = in_shopify(world, order_id)
        assert order["displayFinancialStatus"] == "PAID"
        assert len(payments(order)) == 1
    assert [item.message for item in run.items.all()] == [
        f"Order {bought[0][1]} was paid already in Shopify.",
        f"Order {bought[1][1]} was marked as paid in Shopify.",
        f"Order {bought[2][1]} was marked as paid in Shopify.",
    ]
    drain(seconds=60)
    assert {world.outcome(name) for _, name in bought} == {("done", "")}


def test_a_run_names_the_orders_that_were_refused(world: World) -> None:
    bought = [world.buy({"CAP": 1}) for _ in range(2)]
    world.run()
    world.do(bought[0][0], "ship")
    syncs = [world.sync(name) for _, name in bought]
    answers = {"why": "CUSTOMER", "refund": "none", "restock": "on", "reason": "Season is over"}
    run = begin(Person(), "cancel", syncs, **answers)
    bulk.work(run.pk)
    run.refresh_from_db()
    first, second = run.items.order_by("pk")
    assert (first.state, second.state) == ("failed", "done")
    assert "Cannot cancel an order that has outstanding fulfillments" in first.message
    assert in_shopify(world, bought[1][0])["cancelledAt"] is not None
    assert in_shopify(world, bought[0][0])["cancelledAt"] is None


def test_the_document_gets_the_location_that_was_chosen(world: World) -> None:
    OrderRules.objects.update(automatic=False)
    _, name = world.buy({"CAP": 1})
    world.run()
    sync = world.sync(name)
    connection = sync.shop.erp_connection
    assert connection is not None
    olga = Person()
    before = olga.client.get(f"/admin/syncflows/order/{sync.pk}/preview/").context["answer"].payload
    others = connection.reference.filter(kind="location", is_inactive=False).exclude(
        erp_id=before["location"]["id"]
    )
    chosen = others.order_by("name").first()
    assert chosen is not None
    assert olga.press(sync, "location", record=chosen.erp_id) == f"Location of order {name}: {chosen.name}."
    preview = olga.client.get(f"/admin/syncflows/order/{sync.pk}/preview/")
    assert preview.context["answer"].error is None, preview.context["answer"].error.message
    note = f"Location {chosen.name} was chosen by olga for this order."
    assert note in preview.context["answer"].warnings
    olga.press(sync, "import")
    drain(seconds=30)
    assert world.outcome(name) == ("done", "")
    assert world.document(name).location == chosen.name
    assert Action.objects.filter(kind="location").count() == 1
