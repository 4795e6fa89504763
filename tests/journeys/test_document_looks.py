"""The order's number on the document, its rate, and where it belongs: by rule and mapping of the shop."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from mappings.models import Behaviour, MapKind, ValueMapping
from sandbox.shopify.seeding import demo_orders
from shops.shopify.connection import check_shop
from syncflows import actions
from syncflows.models import ChangePolicy, OrderRules, Sync
from syncflows.pipeline.run import drain
from tests.journeys.test_document_kinds import pour
from tests.journeys.world import STORE, World


def map_value(world: World, kind: MapKind, source: str, target: str, **more: Any) -> None:
    ValueMapping.objects.update_or_create(
        shop=world.shops[STORE], kind=kind, source=source, defaults={"target_id": target, **more}
    )


def retry() -> None:
    actions.retry(None, Sync.objects.all())
    drain(seconds=60)


def test_the_order_number_stands_on_a_first_line_without_amount(world: World) -> None:
    """25.00 + 2.06 tax + 5.95 shipping = 33.01: the comment is no part of it, nor of the lines counted."""
    OrderRules.objects.update(comment_line=True)
    world.place("#1005")
    world.run()
    assert world.outcome("#1005") == ("blocked", "UNMAPPED_CHARGE")
    map_value(world, MapKind.ACCOUNT, "comment", "720")
    retry()
    assert world.outcome("#1005") == ("done", "")
    document = world.document("#1005")
    assert [(line.item, line.description, line.amount) for line in document.lines] == [
        ("Shopify order number", "Shopify order #1005", Decimal(0)),
        ("TEE", "Cotton tee - Navy / M", Decimal("25.00")),
        ("Shopify shipping", "Shipping: Standard", Decimal("5.95")),
    ]
    assert document.total == Decimal("33.01")


@pytest.mark.parametrize(("kind", "record"), [("sales_order", "salesOrder"), ("invoice", "invoice")])
def test_the_order_number_becomes_the_document_number_where_netsuite_allows_it(
    world: World, kind: str, record: str
) -> None:
    OrderRules.objects.update(number_from_shopify=True, unshippable_document=kind)
    number = pour(world, "#1004")
    world.run()
    assert world.outcome("#1004") == ("blocked", "ERP_NUMBER_REFUSED")
    assert "#1004" in world.sync("#1004").reason
    assert world.books.kinds() == {}
    world.account(allow_tran_id=True)
    retry()
    assert world.outcome("#1004") == ("done", "")
    short = "so-" if kind == "sales_order" else "inv-o"
    assert world.books.document(f"shp-{STORE}-{short}{number}", record).number == "#1004"
    assert world.numbers_in_shopify()["#1004"] == "#1004"


@pytest.mark.parametrize(
    ("rows", "department"),
    [
        ({"Online Store": "1"}, "E-commerce"),
        ({"channel:online store": "2"}, "Retail"),
        ({"country:US": "3"}, "Wholesale"),
        ({"Online Store": "1", "country:US": "3"}, "E-commerce"),
        ({"Online Store": "1", "channel:Online Store|country:US": "2"}, "Retail"),
        ({"country:GB": "2", "": "1"}, "E-commerce"),
        ({"channel:Online Store|country:GB": "2", "country:US": "3", "": "1"}, "Wholesale"),
    ],
)
def test_the_most_telling_row_decides_the_department(
    world: World, rows: dict[str, str], department: str
) -> None:
    ValueMapping.objects.filter(kind=MapKind.DEPARTMENT).delete()
    for source, target in rows.items():
        map_value(world, MapKind.DEPARTMENT, source, target)
    world.place("#1005")
    world.run()
    assert world.outcome("#1005") == ("done", "")
    assert world.document("#1005").department == department


def test_an_order_of_a_country_without_a_row_waits_under_its_channel(world: World) -> None:
    ValueMapping.objects.filter(kind=MapKind.CLASS).delete()
    map_value(world, MapKind.CLASS, "country:GB", "1")
    world.place("#1005")
    world.run()
    assert world.outcome("#1005") == ("blocked", "UNMAPPED_CLASS")
    assert world.sync("#1005").reason_value == "Online Store"
    map_value(world, MapKind.CLASS, "country:US", "", behaviour=Behaviour.EMPTY)
    retry()
    assert world.outcome("#1005") == ("done", "")
    assert world.document("#1005").classification == ""


def test_an_order_that_ships_from_two_places_has_a_line_for_each(world: World) -> None:
    """#1001: two shirts, 3.71 tax and 5.00 off; one of them and the mug from the warehouse, one from Boston."""
    (order,) = [each for each in demo_orders(STORE) if each["name"] == "#1001"]
    shirt, mug = (line["id"] for line in order["lineItems"]["nodes"][:2])

    def assigned(number: int, place: int, *lines: str) -> dict[str, Any]:
        return {
            "id": f"gid://shopify/FulfillmentOrder/10010{number}", "status": "OPEN",
            "assignedLocation": {"location": {"id": f"gid://shopify/Location/{place}"}},
            "lineItems": {"nodes": [
                {"id": f"gid://shopify/FulfillmentOrderLineItem/10010{number}{at}", "lineItem": {"id": line},
                 "totalQuantity": 1, "remainingQuantity": 1}
                for at, line in enumerate(lines)
            ]},
        }  # fmt: skip

    two = {"nodes": [assigned(1, 71001, shirt, mug), assigned(2, 71002, shirt)]}
    pour(world, "#1001", fulfillmentOrders=two)
    world.run()
    assert world.outcome("#1001") == ("done", "")
    document = world.document("#1001")
    assert document.location == ""
    shown = [
        (line.item, line.amount, line.location, [tax.amount for tax in line.taxes]) for line in document.lines
    ]
    assert shown[:5] == [
        ("TEE", Decimal(25), "Main warehouse", [Decimal("1.86")]),
        ("Discount SAVE10", Decimal("-2.5"), "", []),
        ("TEE", Decimal(25), "Boston store", [Decimal("1.85")]),
        ("Discount SAVE10", Decimal("-2.5"), "", []),
        ("MUG", Decimal(15), "Main warehouse", [Decimal("1.11")]),
    ]
    assert (document.total, document.tax) == (Decimal("69.27"), Decimal("4.82"))


@pytest.mark.parametrize(
    ("bundles", "items"),
    [("components", ["GIFTSET", "TEE", "MUG"]), ("kit", ["GIFTSET"]), ("mapped", ["GIFTSET"])],
)
def test_a_bundle_becomes_its_components_or_one_kit_item(
    world: World, bundles: str, items: list[str]
) -> None:
    """#2221: a gift set at 32.00 with 2.64 tax and shipping of 5.95: 40.59, whatever it becomes."""
    OrderRules.objects.update(bundles=bundles)
    if bundles == "mapped":
        map_value(world, MapKind.ITEM, "GIFTSET", "515")
    world.place("#2221")
    world.run()
    assert world.outcome("#2221") == ("done", "")
    document = world.document("#2221")
    assert [line.item for line in document.lines if line.item != "Shopify shipping"] == items
    assert (document.lines[0].amount, document.total) == (Decimal(32), Decimal("40.59"))


STAFF = {"id": "gid://shopify/StaffMember/77", "name": "Grace Seller", "email": "grace@example.com"}


@pytest.mark.parametrize("source", ["grace@example.com", "Grace Seller", "77", ""])
def test_the_staff_member_becomes_the_sales_representative(world: World, source: str) -> None:
    map_value(world, MapKind.SALES_REP, source, "1902")
    pour(world, "#1005", staffMember=STAFF)
    world.place("#1006")
    world.run()
    assert world.outcome("#1005") == ("done", "")
    assert world.document("#1005").body["salesRep"]["refName"] == "Grace Seller"
    assert "salesRep" not in world.document("#1006").body


def test_a_staff_member_without_a_row_stops_the_order_once_the_map_is_used(world: World) -> None:
    pour(world, "#1005", staffMember=STAFF)
    world.run()
    assert world.outcome("#1005") == ("done", "")
    map_value(world, MapKind.SALES_REP, "ada@example.com", "1901")
    pour(world, "#1006", staffMember=STAFF)
    world.run()
    assert world.outcome("#1006") == ("blocked", "UNMAPPED_SALES_REP")
    assert "staff member 'grace@example.com' is not mapped" in world.sync("#1006").reason


def test_a_market_may_have_its_own_currency_and_rate_and_a_document_keeps_its_own(world: World) -> None:
    """The books are in USD; Germany's are in what the customer paid: 59.71 EUR for 64.90 USD."""
    check_shop(world.shops[STORE])
    map_value(world, MapKind.CURRENCY, "market:europe", "presentment")
    world.place("#2252", "#2253")  # to Germany in EUR, to Canada in CAD
    world.run()
    assert [world.outcome(name) for name in ("#2252", "#2253")] == [("done", "")] * 2
    german, canadian = world.document("#2252"), world.document("#2253")
    assert [(found.currency, found.total) for found in (german, canadian)] == [
        ("EUR", Decimal("59.71")),
        ("USD", Decimal("51.74")),
    ]
    body = world.books.send("GET", f"/record/v1/salesOrder/eid:{german.external_id}")
    assert body["exchangeRate"] == Decimal("1.08692011")
    # Later rows are for later orders: taking off 13.71 EUR of shipping amends the document in EUR.
    map_value(world, MapKind.CURRENCY, "market:europe", "shop")
    OrderRules.objects.update(changed_orders=ChangePolicy.AMEND)
    world.do(world.names()["#2252"], "edit", spec=json.dumps({"shipping": [{"remove": 0}]}))
    world.run()
    assert world.outcome("#2252") == ("done", "")
    amended, shown = world.document("#2252"), world.sync("#2252").order
    assert (amended.currency, amended.total) == ("EUR", Decimal("46.00"))
    assert (shown.books_currency, shown.books_total) == ("EUR", Decimal("46.00"))
