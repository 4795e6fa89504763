"""Create a document now, link to one that is there, import by number: pressed in the admin, both sides read back."""

from __future__ import annotations

import pytest

from mappings.models import RecordLink
from syncflows.actions import by_number
from syncflows.models import Action, OrderRules, Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover
from tests.factories import ALL_DEEDS
from tests.journeys.pressing import Person, entries
from tests.journeys.test_side_by_side import typed
from tests.journeys.world import STORE, World


def found(world: World, pay: str = "paid") -> tuple[str, Sync]:
    """An order of one cap, found and held for review."""
    OrderRules.objects.update(automatic=False)
    order_id, name = world.buy({"CAP": 1}, pay=pay)
    world.run()
    assert world.books.count() == 0
    return order_id, world.sync(name)


def by_hand(world: World, amount: str) -> str:
    """A sales order typed in NetSuite that comes to an amount; returns its number."""
    created = world.books.create("salesOrder", typed(float(amount)))
    (row,) = world.books.query(f"SELECT tranid FROM transaction WHERE id = {created}")
    return row["tranid"]


def token(dialog: str) -> str:
    return dialog.split('name="shown" value="')[1].split('"', maxsplit=1)[0]


def test_a_document_is_created_while_the_person_waits(world: World) -> None:
    _, sync = found(world)
    told = Person().press(sync, "create", reason="Ada waits")
    sync = world.sync(sync.name)
    assert told == f"Order {sync.name} is in the ERP as {sync.order.document_number}."
    assert world.books.count() == 1
    assert entries() == [("create", "done", told)]
    assert "create" not in Person().buttons(sync)
    assert "not in a state where this can be done" in Person().press(sync, "create")
    assert world.books.count() == 1


def test_an_order_that_cannot_be_written_says_why(world: World) -> None:
    OrderRules.objects.update(automatic=False)
    world.place("#1036")
    world.run()
    world.fault("netsuite", match={"record_type": "salesOrder"}, action="status_500", times=99)
    sync = world.sync("#1036")
    assert f"Order {sync.name} was not written yet:" in Person().press(sync, "create")


def test_an_order_is_linked_to_a_document_that_is_there(world: World) -> None:
    _, sync = found(world)
    total = str(sync.order.total.normalize())
    number = by_hand(world, total)
    olga = Person()
    assert olga.press(sync, "link", number="SO-404") == (
        "No sales order, invoice or cash sale SO-404 is in the ERP."
    )
    shown = olga.press(sync, "link", number=number.lower())
    assert f"Sales order {number} of" in shown
    assert f"{total} USD. " not in shown
    assert f"Order {sync.name} comes to {total} USD." in shown
    assert "Both are equal." in shown
    assert not RecordLink.objects.filter(kind="sales_order").exists()
    told = olga.press(sync, "link", number=number, shown=token(shown))
    assert told == f"Order {sync.name} was linked to {number}."
    drain(seconds=30)
    assert world.outcome(sync.name) == ("done", "")
    assert world.books.count() == 1
    assert world.numbers_in_shopify()[sync.name] == number
    sync = world.sync(sync.name)
    assert sync.order.document_number == number
    assert {"unlink", "reimport"} <= olga.buttons(sync)


def test_another_total_needs_the_second_permission_and_stays_shown(world: World) -> None:
    _, sync = found(world)
    number = by_hand(world, "5.00")
    piet = Person("piet", *(set(ALL_DEEDS) - {"link_differing_order"}))
    told = piet.press(sync, "link", number=number)
    assert (
        f"{number} comes to 5.00 USD, order {sync.name} to {sync.order.total:.2f} USD: you may link" in told
    )
    olga = Person()
    shown = olga.press(sync, "link", number=number)
    rest = f"{sync.order.total - 5:.2f}"
    assert f"They differ by {rest} USD." in shown
    told = olga.press(sync, "link", number=number, shown=token(shown))
    assert told == f"Order {sync.name} was linked to {number}. The totals differ by {rest} USD."
    drain(seconds=30)
    sync = world.sync(sync.name)
    assert (sync.state, f"{sync.order.document_total:.2f}") == ("done", "5.00")
    page = olga.client.get(f"/admin/syncflows/order/{sync.pk}/change/")
    assert page.context["totals"]["differs"] is True


def test_a_document_of_another_order_is_refused(world: World) -> None:
    _, name = world.buy({"CAP": 1})
    world.run()
    first = world.sync(name)
    number = first.order.document_number
    _, sync = found_next(world)
    olga = Person()
    assert olga.press(sync, "link", number=number) == (
        f"{number} cannot be linked to order {sync.name}: it is linked to order {first.name}."
    )
    assert "was unlinked" in olga.press(first, "unlink", reason="Wrong")
    told = olga.press(sync, "link", number=number)
    assert "it was written for another order (external id shp-demo-store-so-" in told


def found_next(world: World) -> tuple[str, Sync]:
    OrderRules.objects.update(automatic=False)
    order_id, name = world.buy({"CAP": 1})
    world.run()
    return order_id, world.sync(name)


def test_an_unlinked_order_is_linked_again_when_it_is_restored(world: World) -> None:
    _, name = world.buy({"CAP": 1})
    world.run()
    sync = world.sync(name)
    olga = Person()
    olga.press(sync, "unlink", reason="Look first")
    world.again()
    assert world.outcome(name) == ("skipped", "UNLINKED_BY_PERSON")
    olga.press(sync, "restore")
    drain(seconds=30)
    assert world.outcome(name) == ("done", "")
    assert world.books.count() == 1


def test_orders_are_imported_by_number_from_outside_the_window(world: World) -> None:
    OrderRules.objects.update(import_since="2030-01-01T00:00:00Z")
    world.place("#1001", "#1002", "#1003")
    world.run()
    assert Sync.objects.count() == 0
    third = world.names()["#1003"]
    olga = Person()
    shop = world.shops[STORE]
    form = {"numbers": f"1001, #1002;{third}\n#9999 12345678901", "shops": [shop.pk], "reason": "Old ones"}
    page = olga.client.post("/admin/syncflows/order/by-number/", form)
    answer = page.context["found"]
    assert sorted(sync.name for sync in answer.imported) == ["#1001", "#1002", "#1003"]
    assert answer.missing == ["#9999", "12345678901"]
    assert "Not found in any chosen shop: 2" in page.content.decode()
    drain(seconds=60)
    assert {world.outcome(name) for name in ("#1001", "#1002", "#1003")} == {("done", "")}
    assert Action.objects.filter(kind="import", reason="Old ones").count() == 3
    again = olga.client.post("/admin/syncflows/order/by-number/", form).context["found"]
    assert (len(again.imported), len(again.there)) == (0, 3)
    assert world.books.count() == 3


def test_a_shop_that_cannot_be_asked_is_named(world: World) -> None:
    world.fault("shopify", match={"operation": "OrderHeaders"}, action="status_500", times=50)
    olga = Person()
    form = {"numbers": "#1001", "shops": [world.shops[STORE].pk], "reason": ""}
    found = olga.client.post("/admin/syncflows/order/by-number/", form).context["found"]
    assert [error.code for _, error in found.errors] == ["SHOPIFY_DOWN"]
    assert found.missing == ["#1001"]


def test_more_numbers_than_one_look_up_takes_are_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_number, "AT_ONCE", 2)
    olga = Person()
    world.place("#1001", "#1002", "#1005")
    form = {"numbers": "#1001 #1002 #1005", "shops": [world.shops[STORE].pk], "reason": "Old ones"}
    page = olga.client.post("/admin/syncflows/order/by-number/", form)
    found = page.context["found"]
    assert ([sync.name for sync in found.imported], found.rest) == (["#1001", "#1002"], ["#1005"])
    assert found.missing == []
    assert page.context["form"].initial["numbers"] == "#1005"
    assert "Not looked for yet: 1" in page.content.decode()
    rest = olga.client.post("/admin/syncflows/order/by-number/", {**form, "numbers": "#1005"})
    assert [sync.name for sync in rest.context["found"].imported] == ["#1005"]


@pytest.mark.parametrize("numbers", ["", " , ; "])
def test_nothing_pasted_is_said(world: World, numbers: str) -> None:
    olga = Person()
    page = olga.client.post("/admin/syncflows/order/by-number/", {"numbers": numbers, "shops": []})
    assert "Choose at least one shop." in page.content.decode()
    assert discover(world.shops[STORE]).seen == 0
    assert Person("otto", "view_order").client.get("/admin/syncflows/order/by-number/").status_code == 403
