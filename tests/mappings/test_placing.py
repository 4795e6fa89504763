"""A line that ships from two places becomes two, and a bundle may become one: to the cent, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from canonical.components import components_of_document
from canonical.documents import DocumentKind, LineKind, Ref, SalesDocument
from canonical.ledger import ledger_facts
from canonical.orders import Order, Placement
from common.errors import NeedsPerson
from mappings.context import MappingContext
from mappings.document_choices import DocumentChoices
from mappings.mapper import map_document
from mappings.models import Behaviour, MapKind
from tests.canonical.making import NY, Coin, Sketch, Sold, code, line, order_1001, simple
from tests.mappings.making import mapped, plain_context, plain_items, row

D = Decimal
USD = Coin()
SAVE10 = row(MapKind.DISCOUNT, "SAVE10", "650", target_label="Discount SAVE10")
MAIN = row(MapKind.LOCATION, "71001", "301", target_label="Main")
BOSTON = row(MapKind.LOCATION, "71002", "302", target_label="Boston")


def at(line_id: str, place: str, pieces: int, name: str = "") -> Placement:
    return Placement(line_id=line_id, location_id=place, quantity=pieces, location_name=name)


def rows(document: SalesDocument) -> list[tuple[str, str, str, str, str]]:
    """Kind, pieces, amount, tax and location of every line."""
    return [
        (
            line.kind.value, str(line.quantity or ""), str(line.amount), str(line.tax),
            line.location.name if line.location else "",
        )
        for line in document.lines
    ]  # fmt: skip


def test_order_1001_with_its_shirts_in_two_places() -> None:
    """Tax 3.71 of two shirts: 1.86 goes to the first place, 1.85 to the second; discount 5.00 is 2.50 each."""
    places = (at("1", "71001", 1), at("1", "71002", 1), at("2", "71001", 1))
    document = mapped(order_1001(placements=places), plain_context(SAVE10, MAIN, BOSTON))
    assert rows(document) == [
        ("goods", "1", "25.00", "1.86", "Main"), ("discount", "", "-2.50", "0", ""),
        ("goods", "1", "25.00", "1.85", "Boston"), ("discount", "", "-2.50", "0", ""),
        ("goods", "1", "15.00", "1.11", "Main"), ("discount", "", "-1.50", "0", ""),
        ("shipping", "1", "5.95", "0.00", ""), ("tax", "1", "4.82", "0", ""),
    ]  # fmt: skip
    assert [line.source_id for line in document.lines[:4]] == ["1"] * 4
    assert document.location is None
    assert components_of_document(document).total == document.total == D("69.27")


def test_cents_that_do_not_divide_go_to_the_first_place() -> None:
    """Three at 10.00 for 29.99 (0.01 off), in two places, 1 and 2: gross 10.00 and 20.00; the cent goes to the first;
    tax 2.47 as 0.83 and 1.64."""
    order = Sketch(
        coin=USD,
        agreements=[
            ("ORDER", [Sold("PRODUCT", "1", "32.46", "2.47", "0.01", 3, taxes=[(NY, "0.0825", "2.47")])])
        ],
        lines=[line(USD, "1", "TEE-1", 3, "10.00", discounts={0: "0.01"})],
        values={"discounts": (code(0, "SAVE10"),), "placements": (at("1", "71001", 1), at("1", "71002", 2))},
    ).order()
    document = mapped(order, plain_context(SAVE10, MAIN, BOSTON))
    assert rows(document)[:3] == [
        ("goods", "1", "10.00", "0.83", "Main"), ("discount", "", "-0.01", "0", ""),
        ("goods", "2", "20.00", "1.64", "Boston"),
    ]  # fmt: skip
    assert components_of_document(document).total == D("32.46")


def test_each_discount_keeps_its_own_amount_over_all_places() -> None:
    """0.05 of one code and 0.03 of another over two places: 0.03 + 0.02 and 0.02 + 0.01."""
    order = Sketch(
        coin=USD,
        agreements=[("ORDER", [Sold("PRODUCT", "1", "19.92", "0.00", "0.08", 2)])],
        lines=[line(USD, "1", "TEE-1", 2, "10.00", discounts={0: "0.05", 1: "0.03"})],
        values={
            "discounts": (code(0, "SAVE10"), code(1, "OTHER")),
            "placements": (at("1", "71001", 1), at("1", "71002", 1)),
        },
    ).order()
    document = mapped(order, plain_context(SAVE10, row(MapKind.DISCOUNT, "OTHER", "651"), MAIN, BOSTON))
    assert [(each.item.id, str(each.amount)) for each in document.lines if each.kind is LineKind.DISCOUNT] == [
        ("650", "-0.03"), ("651", "-0.02"), ("650", "-0.02"), ("651", "-0.01"),
    ]  # fmt: skip


def test_two_locations_that_are_one_in_the_erp_make_one_line() -> None:
    also_main = row(MapKind.LOCATION, "71002", "301", target_label="Main")
    document = mapped(
        order_1001(placements=(at("1", "71001", 1), at("1", "71002", 1), at("2", "71002", 1))),
        plain_context(SAVE10, MAIN, also_main),
    )
    assert [pieces for kind, pieces, *_ in rows(document) if kind == "goods"] == ["2", "1"]
    assert document.location == Ref("301", "Main")


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([("71001", 3), ("71002", 1)], [("2", "Main")]),  # an edit took pieces off
        ([("71001", 1)], [("2", "Main")]),  # one was added since
        ([("71001", 1), ("71002", 3)], [("1", "Main"), ("1", "Boston")]),
        ([("71002", 2)], [("2", "Boston")]),
        ([], [("2", "Main")]),  # in none: the order's own location
    ],
)
def test_what_fulfillment_orders_say_is_fitted_to_what_was_sold(
    places: list[tuple[str, int]], expected: list[tuple[str, str]]
) -> None:
    given = tuple(at("1", place, pieces) for place, pieces in places)
    order = order_1001(placements=given, assigned_location_id="71001")
    found = rows(mapped(order, plain_context(SAVE10, MAIN, BOSTON)))
    assert [(each[1], each[4]) for each in found if each[0] == "goods"][: len(expected)] == expected


def test_a_location_without_a_row_is_named() -> None:
    order = order_1001(placements=(at("1", "71001", 1), at("1", "71009", 1, "Lyon")))
    with pytest.raises(NeedsPerson) as caught:
        mapped(order, plain_context(SAVE10, MAIN))
    assert (caught.value.code, caught.value.value) == ("UNMAPPED_LOCATION", "71009")
    assert "Lyon: location '71009' is not mapped" in caught.value.message


def test_an_invoice_needs_a_location_and_takes_that_of_its_first_goods() -> None:
    context = plain_context(SAVE10, MAIN, BOSTON)
    order = order_1001(placements=(at("1", "71002", 2), at("2", "71001", 1)))
    facts = ledger_facts(order, context.shop.money_policy)
    items = plain_items(context)
    invoice = map_document(context, items, order, facts, Ref("9"), kind=DocumentKind.INVOICE)
    assert invoice.location == Ref("302", "Boston")
    assert map_document(context, items, order, facts, Ref("9")).location is None


# ---------------------------------------------------------------------------------------------------- bundles


def bundle(**changes: Any) -> Order:
    """Two starter sets of a shirt and two mugs each: 2 x 22.00 and 4 x 6.00, 10 % off, tax 3.63 + 1.98."""
    group: dict[str, Any] = {
        "bundle_id": "900", "bundle_title": "Starter set", "bundle_sku": "HOODIE", "bundle_quantity": 2,
    }  # fmt: skip
    lines = [
        line(USD, "1", "TEE-1", 2, "22.00", discounts={0: "4.40"}, **group),
        line(USD, "2", "MUG-1", 4, "6.00", discounts={0: "2.40"}, **group),
    ]
    sold = [
        Sold("PRODUCT", "1", "43.23", "3.63", "4.40", 2, taxes=[(NY, "0.0825", "3.63")]),
        Sold("PRODUCT", "2", "23.58", "1.98", "2.40", 4, taxes=[(NY, "0.0825", "1.98")]),
    ]
    lines = [replace(each, **changes) for each in lines]
    return Sketch(
        coin=USD, agreements=[("ORDER", sold)], lines=lines, values={"discounts": (code(0, "SAVE10"),)}
    ).order()


def context_for(bundles: str, *more: Any) -> MappingContext:
    context = plain_context(SAVE10, *more)
    context.document = DocumentChoices(bundles=bundles)
    return context


def sold_as(document: SalesDocument) -> list[tuple[str, str, str, str]]:
    return [
        (line.item.id, str(line.quantity or ""), str(line.amount), str(line.tax))
        for line in document.lines
        if line.kind in {LineKind.GOODS, LineKind.DISCOUNT}
    ]


AS_SOLD = [
    ("501", "2", "44.00", "3.63"), ("650", "", "-4.40", "0"), ("502", "4", "24.00", "1.98"), ("650", "", "-2.40", "0"),
]  # fmt: skip
AS_KIT = [("503", "2", "68.00", "5.61"), ("650", "", "-6.80", "0")]


def test_components_keep_their_prices_by_default() -> None:
    assert sold_as(mapped(bundle(), plain_context(SAVE10))) == AS_SOLD


def test_a_bundle_becomes_one_kit_item_with_the_price_of_all_its_parts() -> None:
    document = mapped(bundle(), context_for("kit"))
    assert sold_as(document) == AS_KIT
    kit = document.lines[0]
    assert (kit.description, kit.rate, kit.source_id) == (
        "Starter set (2 x TEE-1, 4 x MUG-1)",
        D("34.00"),
        "1",
    )
    assert components_of_document(document).total == document.total == D("66.81")


def test_only_bundles_with_a_row_become_kits_when_the_item_map_decides() -> None:
    assert sold_as(mapped(bundle(), context_for("mapped"))) == AS_SOLD
    kit = row(MapKind.ITEM, "HOODIE", "777")
    assert sold_as(mapped(bundle(), context_for("mapped", kit)))[0] == ("777", "2", "68.00", "5.61")
    left = row(MapKind.ITEM, "HOODIE", behaviour=Behaviour.EMPTY)
    assert sold_as(mapped(bundle(), context_for("mapped", left))) == AS_SOLD


def test_a_bundle_with_its_price_on_the_parent_is_one_kit_at_that_price() -> None:
    group: dict[str, Any] = {"bundle_id": "900", "bundle_title": "Gift set", "bundle_sku": "HOODIE"}
    order = simple(
        [
            Sold("PRODUCT", "1", "32.00", quantity=1),
            Sold("PRODUCT", "2", "0.00", quantity=1),
            Sold("PRODUCT", "3", "0.00", quantity=1),
        ],
        [
            line(USD, "1", "HOODIE", 1, "32.00", **group),
            line(USD, "2", "TEE-1", 1, "0.00", **group),
            line(USD, "3", "MUG-1", 1, "0.00", **group),
        ],
    )
    document = mapped(order, context_for("kit"))
    assert sold_as(document) == [("503", "1", "32.00", "0.00")]
    assert document.lines[0].description == "Gift set (1 x TEE-1, 1 x MUG-1)"


def test_a_bundle_edited_apart_or_without_a_sku_stays_as_sold_and_people_are_told() -> None:
    apart = mapped(bundle(quantity=5), context_for("kit"))
    assert sold_as(apart) == AS_SOLD
    assert apart.warnings[0] == "Bundle 'Starter set' is not whole any more; its components are booked."
    nameless = mapped(bundle(bundle_sku=""), context_for("kit"))
    assert sold_as(nameless) == AS_SOLD
    assert nameless.warnings[0] == "Bundle 'Starter set' has no SKU; its components are booked."


def test_a_kit_the_erp_does_not_have_stops_the_order() -> None:
    with pytest.raises(NeedsPerson) as caught:
        mapped(bundle(bundle_sku="SET-1"), context_for("kit"))
    assert (caught.value.code, caught.value.value) == ("UNKNOWN_SKU", "SET-1")


def test_a_product_that_is_a_kit_in_the_erp_needs_no_rule() -> None:
    """One line in Shopify, one kit in the ERP: found by its SKU as any item."""
    order = simple([Sold("PRODUCT", "1", "32.00", quantity=1)], [line(USD, "1", "HOODIE", 1, "32.00")])
    assert sold_as(mapped(order, plain_context())) == [("503", "1", "32.00", "0.00")]
