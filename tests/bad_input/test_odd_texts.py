"""Texts nobody expects: what can be written is written, cut and cleaned; what cannot blocks alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sandbox.shopify.seeding import demo_orders
from syncflows.models import Sync
from tests.bad_input.spoiling import Json, Spoil, SpoiledStore
from tests.journeys.world import World

LONG = "Averylongstreetname " * 15
"""300 characters."""


def address(order: Json, **changes: Any) -> Json:
    for name in ("shippingAddress", "billingAddress"):
        order[name].update(changes)
    return order


WRITTEN: dict[str, Spoil] = {
    "addresses of 300 characters": lambda o: address(
        o, address1=LONG, address2=LONG, city=LONG, company=LONG, zip="9" * 60
    ),
    "a name of 300 characters": lambda o: (
        o["customer"].update(firstName=LONG, lastName=LONG, displayName=LONG),
        address(o, firstName=LONG, lastName=LONG),
    ),
    "a note of a million characters": lambda o: o.update(note="x" * 1_000_000),
    "NUL bytes in names and addresses": lambda o: (
        o["customer"].update(firstName="Gr\0ace", lastName="Hop\0per", displayName="Gr\0ace Hop\0per"),
        address(o, address1="1 Ma\0in St", city="Al\0bany", firstName="Gr\0ace"),
    ),
    "NUL bytes in note, tags, e-mail and attributes": lambda o: o.update(
        note="\0", tags=["v\0ip"], email="gr\0ace@example.com",
        customAttributes=[{"key": "k\0ey", "value": "v\0alue"}], poNumber="P\0O",
    ),
    "NUL bytes in titles": lambda o: [
        each.update(title="T\0ee", variantTitle="Si\0ze") for each in o["lineItems"]["nodes"]
    ],
    "a title of 5,000 characters": lambda o: o["lineItems"]["nodes"][0].update(title="T" * 5000),
    "an e-mail that is none": lambda o: (o.update(email="not an address"), o["customer"].update(
        defaultEmailAddress={"emailAddress": "not an address"})),
    "a phone that is none": lambda o: (o.update(phone="call me"), address(o, phone="12")),
    "an e-mail of 300 characters": lambda o: o.update(email="a" * 290 + "@example.com"),
    "a PO number of 300 characters": lambda o: o.update(poNumber="P" * 300),
    "5,000 tags": lambda o: o.update(tags=[f"tag {number}" for number in range(5000)]),
    "halves of characters": lambda o: (
        o.update(note="\ud83d", tags=["\ud83d"]),
        address(o, firstName="\ud83dGrace", city="\udfffAlbany"),
    ),
    "a discount without a title": lambda o: o["discountApplications"].update(nodes=[]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
def test_an_order_with_odd_texts_is_written_with_its_amounts(
    world: World, store: SpoiledStore, case: str
) -> None:
    store.orders["#1006"] = WRITTEN[case]
    world.place("#1005", "#1006")
    world.run()
    assert world.outcome("#1006") == ("done", ""), world.sync("#1006").reason
    assert world.document("#1006").total == Decimal("104.75")
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 2


def sku(text: str) -> Spoil:
    return lambda order: order["lineItems"]["nodes"][0].update(sku=text)


BLOCKED: dict[str, tuple[Spoil, str]] = {
    "a SKU with a NUL byte": (sku("NO\0PE"), "UNKNOWN_SKU"),
    "a SKU of 300 characters": (sku("S" * 300), "UNKNOWN_SKU"),
    "a SKU that is a query": (sku("'; DROP TABLE item; --"), "UNKNOWN_SKU"),
    "a SKU of markup": (sku("<script>alert(1)</script>"), "UNKNOWN_SKU"),
    "a shipping method with a NUL byte": (
        lambda o: o["shippingLines"]["nodes"][0].update(code="dr\0one", title="dr\0one"),
        "UNMAPPED_SHIPMENT_METHOD",
    ),
    "a sale of a kind with a NUL byte": (
        lambda o: o["agreements"]["edges"][0]["node"]["sales"]["nodes"][0].update(lineType="X\0Y"),
        "LEDGER_UNKNOWN",
    ),
}


@pytest.mark.parametrize("case", BLOCKED)
def test_an_odd_value_is_told_in_the_sentence_of_its_own_order(
    world: World, store: SpoiledStore, case: str
) -> None:
    spoil, code = BLOCKED[case]
    store.orders["#1006"] = spoil
    world.place("#1005", "#1006")
    world.run()
    sync = world.sync("#1006")
    assert (sync.state, sync.reason_code) == ("blocked", code)
    assert sync.reason.startswith("Order #1006")
    assert len(sync.reason_value) <= 255
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1


HEADERS: dict[str, Json] = {
    "an absurd total": {"currentTotalPriceSet": {"shopMoney": {"amount": "9" * 17 + ".00", "currencyCode": "USD"},
                                                 "presentmentMoney": {"amount": "9" * 17 + ".00",
                                                                      "currencyCode": "USD"}}},
    "a name of 200 characters": {"name": "#" + "7" * 200},
    "a source of 300 characters": {"sourceName": "s" * 300},
}  # fmt: skip


@pytest.mark.parametrize("case", HEADERS)
def test_an_odd_order_does_not_keep_the_search_from_finding_the_others(world: World, case: str) -> None:
    (order,) = [each for each in demo_orders("demo-store") if each["name"] == "#1006"]
    world.place("#1005")
    world.pour([{**order, **HEADERS[case]}])
    world.place("#1001")
    world.run()
    assert world.outcome("#1005") == world.outcome("#1001") == ("done", "")
    odd = Sync.objects.exclude(name__in=("#1005", "#1001")).get()
    assert odd.state in ("done", "blocked")
    assert odd.state == "done" or odd.reason_code in ("UNREADABLE_ORDER", "LEDGER_DISAGREES")
