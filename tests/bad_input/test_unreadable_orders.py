"""An order that cannot be read, or whose figures cannot be believed, blocks alone; its raw form is kept."""

from __future__ import annotations

from typing import Any

import pytest

from common.causes import CAUSES
from syncflows.models import Attempt, OrderPayload
from syncflows.pipeline.run import drain
from tests.bad_input.spoiling import Json, Spoil, SpoiledStore
from tests.journeys.world import World


def money(amount: Any, currency: str = "USD") -> Json:
    side = {"amount": amount, "currencyCode": currency}
    return {"shopMoney": side, "presentmentMoney": side}


def line(order: Json, number: int = 0) -> Json:
    found: Json = order["lineItems"]["nodes"][number]
    return found


def sale(order: Json, number: int = 0) -> Json:
    found: Json = order["agreements"]["edges"][0]["node"]["sales"]["nodes"][number]
    return found


UNREADABLE: dict[str, tuple[Spoil, str, str]] = {
    "no time": (lambda o: o.pop("createdAt"), "createdAt", "nothing"),
    "a time in words": (lambda o: o.update(processedAt="yesterday"), "processedAt", "'yesterday'"),
    "a time without a zone": (
        lambda o: o.update(updatedAt="2026-11-01T10:00:00"), "updatedAt", "2026-11-01T10:00:00",
    ),
    "a flag in words": (lambda o: o.update(test="no"), "test", "'no'"),
    "no total": (lambda o: o.update(currentTotalPriceSet=None), "currentTotalPriceSet", "nothing"),
    "an amount in words": (lambda o: o.update(totalPriceSet=money("much")), "totalPriceSet", "much"),
    "half a cent": (lambda o: o.update(totalPriceSet=money("33.005")), "totalPriceSet", "33.005"),
    "an endless amount": (lambda o: o.update(totalPriceSet=money("Infinity")), "totalPriceSet", "Infinity"),
    "an absurd amount": (lambda o: o.update(totalPriceSet=money("9" * 30)), "totalPriceSet", "999"),
    "a price in words": (
        lambda o: line(o).update(originalUnitPriceSet=money("?")), "lineItems.0.originalUnitPriceSet", "?",
    ),
    "a rate in words": (
        lambda o: line(o)["taxLines"][0].update(rate="high"), "lineItems.0.taxLines.0.rate", "'high'",
    ),
    "a sale without an amount": (
        lambda o: sale(o).update(totalAmount=None), "agreements.0.sales.0.totalAmount", "nothing",
    ),
    "a payment of no kind": (lambda o: o["transactions"][0].update(kind=None), "transactions.0.kind", "nothing"),
    "a customer without an id": (lambda o: o["customer"].update(id=7), "customer.id", "7"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_order_that_cannot_be_read_blocks_alone_and_is_kept_as_it_came(
    world: World, store: SpoiledStore, case: str
) -> None:
    spoil, field, value = UNREADABLE[case]
    store.orders["#1006"] = spoil
    world.place("#1005", "#1006")
    world.run()
    sync = world.sync("#1006")
    assert (sync.state, sync.reason_code, sync.reason_field) == ("blocked", "UNREADABLE_ORDER", field)
    assert sync.reason.startswith("Order #1006 cannot be read")
    assert field in sync.reason
    assert value in sync.reason
    assert CAUSES["UNREADABLE_ORDER"].fix
    assert OrderPayload.objects.get(order=sync.order).document()["name"] == "#1006"
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1
    assert world.books.query("SELECT id FROM customer WHERE externalid LIKE 'shp-%'") == []

    store.orders.clear()
    sync.retry()
    drain(seconds=60)
    assert world.outcome("#1006") == ("done", "")
    assert world.books.count() == 2


def lower_a_sale(order: Json) -> None:
    sale(order)["totalAmount"] = money("26.06")


DISBELIEVED: dict[str, tuple[Spoil, str, str]] = {
    "sales that come to less than the order": (lower_a_sale, "LEDGER_DISAGREES", "#1006"),
    "a total nothing adds up to": (
        lambda o: o.update(currentTotalPriceSet=money("104.76")), "LEDGER_DISAGREES", "104.76",
    ),
    "a tax nothing adds up to": (
        lambda o: o.update(currentTotalTaxSet=money("6.86")), "LEDGER_DISAGREES", "6.86",
    ),
    "more pieces than were sold": (
        lambda o: line(o).update(currentQuantity=2), "LEDGER_DISAGREES", "quantity",
    ),
    "a price that is not the one sold at": (
        lambda o: line(o).update(originalUnitPriceSet=money("26.00")), "LEDGER_DISAGREES", "price",
    ),
    "no opening agreement": (
        lambda o: o["agreements"]["edges"][0]["node"].update(reason="ORDER_EDIT"), "LEDGER_DISAGREES", "#1006",
    ),
    "an agreement of a new kind": (
        lambda o: o["agreements"]["edges"][0]["node"].update(reason="RENEWAL"), "LEDGER_UNKNOWN", "RENEWAL",
    ),
    "a sale of a new kind": (lambda o: sale(o).update(lineType="SUBSCRIPTION"), "LEDGER_UNKNOWN", "SUBSCRIPTION"),
    "a discount after tax": (
        lambda o: sale(o).update(totalDiscountAmountAfterTaxes=money("1.00")), "LEDGER_DISCOUNT_AFTER_TAX", "1.00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DISBELIEVED)
def test_an_order_whose_figures_disagree_blocks_alone_with_both_figures(
    world: World, store: SpoiledStore, case: str
) -> None:
    spoil, code, said = DISBELIEVED[case]
    store.orders["#1006"] = spoil
    world.place("#1005", "#1006")
    world.run()
    sync = world.sync("#1006")
    assert (sync.state, sync.reason_code) == ("blocked", code), sync.reason
    assert sync.reason.startswith(("Order #1006", "Shopify's own figures disagree for order #1006"))
    assert said in f"{sync.reason} {sync.differences}"
    assert sync.reason_field
    if code == "LEDGER_DISAGREES":
        assert sync.differences
        assert all(row["shopify"] != row["document"] for row in sync.differences)
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1
    assert not Attempt.objects.filter(sync=sync).exclude(external_id="").exists()  # no intent to write
    assert OrderPayload.objects.filter(order=sync.order).exists()


NOT_WHOLE: dict[str, Spoil] = {
    "lines that are no list": lambda o: o["lineItems"].update(nodes=7),
    "a line that is no object": lambda o: o["lineItems"]["nodes"].append("x"),
    "a quantity in words": lambda o: line(o).update(quantity="two"),
    "a negative quantity": lambda o: line(o).update(quantity=-1, currentQuantity=-1),
    "a sale of a line that is gone": lambda o: sale(o).update(lineItem={"id": "gid://shopify/LineItem/1"}),
    "a line twice": lambda o: o["lineItems"]["nodes"].append(line(o)),
    "no line": lambda o: o["lineItems"].update(nodes=[]),
    "a payment too few": lambda o: o["transactions"].clear(),
    "no ledger": lambda o: o["agreements"].update(edges=[]),
}


@pytest.mark.parametrize("case", NOT_WHOLE)
def test_an_order_that_does_not_come_whole_waits_and_is_read_again(
    world: World, store: SpoiledStore, case: str
) -> None:
    store.orders["#1006"] = NOT_WHOLE[case]
    world.place("#1005", "#1006")
    world.run()
    sync = world.sync("#1006")
    assert sync.state == "waiting"
    assert sync.reason_code in ("ORDER_INCOMPLETE", "SHOPIFY_ANSWER")
    assert "#1006" in sync.reason or sync.source_id in sync.reason
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1
    store.orders.clear()
    world.again()
    assert world.outcome("#1006") == ("done", "")
    assert world.books.count() == 2


def test_an_order_shopify_no_longer_shows_is_gone(world: World, store: SpoiledStore) -> None:
    store.orders["#1006"] = lambda order: order.clear()
    world.place("#1005", "#1006")
    world.run()
    sync = world.sync("#1006")
    assert (sync.state, sync.reason_code, sync.reason_value) == ("blocked", "ORDER_GONE", sync.source_id)
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1


def test_money_of_a_currency_the_account_does_not_have_blocks_alone(
    world: World, store: SpoiledStore
) -> None:
    store.orders["#1006"] = lambda order: order.update(totalPriceSet=money("104.75", "SEK"))
    world.place("#1005", "#1006")
    world.run()
    assert world.outcome("#1006")[0] == "blocked"
    assert "SEK" in world.sync("#1006").reason
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1
