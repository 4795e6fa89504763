"""Field mappings on orders: sources, steps, tables, conditions, targets, and failures of one order alone."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents import DocumentLine, LineKind, Ref, SalesDocument, TaxStrategy
from canonical.extra import Choice, Extra
from canonical.orders import Order
from canonical.parties import Address, Company, Customer
from common.errors import NeedsPerson
from mappings.context import Row
from mappings.fields.catalogue import Level
from mappings.fields.rules import BusinessOnly, Condition, FieldRule, Lookup, LookupKind, Missing, TargetType
from tests.canonical.making import HOME, order_1001
from tests.mappings.fields.making import expression, fixed, mapper, rule


def an_order(**values: Any) -> Order:
    """#1001 of 69.27 (two T-shirts, a mug), with a note, tags and attributes."""
    order = order_1001()
    lines = (replace(order.lines[0], attributes=(("Engraving", "A & B"),)), order.lines[1])
    given: dict[str, Any] = {
        "note": "Please ring twice", "tags": ("VIP", "gift"), "channel": "Online Store", "lines": lines,
        "attributes": (("Gift message", "Happy birthday"), ("Deliver by", "2026-12-24")),
        "shipping": HOME,
    }  # fmt: skip
    return replace(order, **{**given, **values})


def a_document(order: Order) -> SalesDocument:
    lines = tuple(
        DocumentLine(kind=kind, item=Ref(number), amount=Decimal(amount), source_id=source)
        for kind, number, amount, source in (
            (LineKind.GOODS, "501", "50.00", order.lines[0].source_id),
            (LineKind.DISCOUNT, "602", "-5.00", order.lines[0].source_id),
            (LineKind.GOODS, "502", "15.00", order.lines[1].source_id),
            (LineKind.SHIPPING, "601", "5.95", "9"),
        )
    )
    return SalesDocument(
        external_id="shp-demo-so-1", source_id="1", order_name=order.name, customer=Ref("1"), currency="USD",
        date=date(2026, 11, 20), lines=lines, total=Decimal("65.95"), tax_strategy=TaxStrategy.TAX_LINE,
    )  # fmt: skip


def header(order: Order, *rules: FieldRule, **more: Any) -> dict[str, Any]:
    """Values on the header by field."""
    document = mapper(*rules, **more).onto_document(a_document(order), order)
    return {name: extra.value for name, extra in document.extra.items()}


def refusal(order: Order, *rules: FieldRule, **more: Any) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as caught:
        header(order, *rules, **more)
    return caught.value


def test_without_mappings_the_document_is_the_same_object() -> None:
    order = an_order()
    document = a_document(order)
    assert mapper().onto_document(document, order) is document


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (rule("order.note"), "Please ring twice"),
        (rule("order.attributes", source_name=" gift MESSAGE "), "Happy birthday"),
        (rule("order.total", target_type=TargetType.NUMBER), Decimal("69.27")),
        (rule("order.created_at"), "2026-11-20T07:00:00-05:00"),
        (rule("order.created_at", target_type=TargetType.DATETIME), datetime(2026, 11, 20, 12, tzinfo=UTC)),
        (rule("order.created_date", target_type=TargetType.DATE), date(2026, 11, 20)),
        (rule("order.attributes", source_name="Deliver by", target_type=TargetType.DATE), date(2026, 12, 24)),
        (rule("shipping.city"), "New York"),
        (rule("order.tags", transforms="join ', '\nupper"), "VIP, GIFT"),
        (rule("order.b2b", target_type=TargetType.CHECKBOX), False),
        (rule("order.b2b"), "F"),
        (rule("order.note", transforms="cut 10\ntrim\nprefix 'N: '"), "N: Please rin"),
        (fixed("yes", target_type=TargetType.CHECKBOX), True),
        (fixed("3", target_type=TargetType.SELECT), Choice("3")),
        (expression("order.lines[?unit_price > `20`] | [0].sku"), "TEE-1"),
        (expression("sum(order.lines[].quantity)", target_type=TargetType.NUMBER), Decimal(3)),
        (expression("order.total", transforms="number 1"), "69.3"),
        (expression("join(' / ', order.lines[].sku)"), "TEE-1 / MUG-1"),
        (expression("contains(order.tags, 'VIP')", target_type=TargetType.CHECKBOX), True),
    ],
)  # fmt: skip
def test_a_value_comes_as_its_field_takes_it(made: FieldRule, expected: object) -> None:
    value = header(an_order(), made)["custbody_note"]
    assert value == expected
    assert type(value) is type(expected)


def test_lines_of_goods_get_their_own_values_and_others_none() -> None:
    order = an_order()
    mapped = mapper(
        rule("line.attributes", "custcol_engraving", source_name="Engraving", level=Level.LINE, name="Engraving"),
        rule("order.po_number", "custcol_po", level=Level.LINE, name="PO", transforms="default none"),
    ).onto_document(a_document(order), order)  # fmt: skip
    assert [dict(line.extra) for line in mapped.lines] == [
        {"custcol_engraving": Extra("A & B", "Engraving"), "custcol_po": Extra("none", "PO")},
        {},
        {"custcol_po": Extra("none", "PO")},
        {},
    ]
    assert mapped.extra == {}
    assert mapped.total == Decimal("65.95")


def test_a_new_customer_gets_the_fields_of_customers_only() -> None:
    order = an_order(customer=Customer(source_id="7", tags=("VIP",)))
    one = mapper(
        rule("customer.tags", "custentity_tags", level=Level.CUSTOMER, transforms="join ','"),
        rule("order.note"),
    )
    assert one.of_customer(order) == {"custentity_tags": Extra("VIP", "Note")}


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (Condition(), True),
        (Condition(channels=("online store",)), True),
        (Condition(channels=("Point of Sale",)), False),
        (Condition(countries=("US", "CA")), True),
        (Condition(countries=("GB",)), False),
        (Condition(tags=("vip",)), True),
        (Condition(tags=("v*",)), True),
        (Condition(tags=("wholesale", "gif?")), True),
        (Condition(tags=("wholesale",)), False),
        (Condition(channels=("online*",), tags=("wholesale",)), False),
        (Condition(countries=("GB",), tags=("vip",)), False),
        (Condition(channels=("online*",), countries=("US",), tags=("vip",)), True),
        (Condition(b2b=BusinessOnly.YES), False),
        (Condition(b2b=BusinessOnly.NO), True),
    ],
)
def test_a_condition_decides_for_which_orders_a_mapping_counts(condition: Condition, met: bool) -> None:
    assert (header(an_order(), rule(condition=condition)) != {}) is met


def test_conditions_know_companies_and_orders_without_an_address() -> None:
    firm = an_order(company=Company(source_id="1", name="Initech"), shipping=None, billing=None)
    assert header(firm, rule(condition=Condition(b2b=BusinessOnly.YES))) == {
        "custbody_note": "Please ring twice"
    }
    assert header(firm, rule(condition=Condition(countries=("US",)))) == {}
    billed = replace(firm, billing=Address(country="GB"))
    assert header(billed, rule(condition=Condition(countries=("gb",)))) == {
        "custbody_note": "Please ring twice"
    }


def test_of_two_mappings_to_one_field_the_first_that_counts_is_taken() -> None:
    wholesale = fixed("W", name="Wholesale", condition=Condition(tags=("wholesale",)))
    everybody = fixed("E", name="Everybody", target="CUSTBODY_NOTE")
    assert header(an_order(), wholesale, everybody) == {"CUSTBODY_NOTE": "E"}
    assert header(an_order(tags=("wholesale",)), wholesale, everybody) == {"custbody_note": "W"}


def test_an_empty_value_is_left_out_and_stops_only_where_it_must_be_there() -> None:
    assert header(an_order(note="  "), rule()) == {}
    assert header(an_order(company=None), rule("company.name")) == {}
    error = refusal(an_order(note=""), rule(required=True, name="Gift note"))
    assert (error.code, error.field, error.value) == ("FIELD_VALUE", "custbody_note", "Gift note")
    assert error.message == (
        "Order #1001: field mapping 'Gift note' (custbody_note). There is no value for custbody_note, but it must "
        "have one."
    )


TABLE = (("vip", "1"), ("VIP ", "1"), ("gift", "2"), ("Online Store", "3"))


def looked_up(source: str, missing: Missing = Missing.STOP, unique: bool = True, **values: Any) -> FieldRule:
    lookup = Lookup(LookupKind.TABLE, TABLE, missing=missing, unique=unique)
    return rule(source, lookup=lookup, target_type=TargetType.SELECT, **values)


def test_a_table_stands_between_value_and_field() -> None:
    assert header(an_order(), looked_up("order.channel")) == {"custbody_note": Choice("3")}
    assert header(an_order(tags=("VIP",)), looked_up("order.tags")) == {"custbody_note": Choice("1")}
    assert header(an_order(), looked_up("order.tags", unique=False)) == {"custbody_note": Choice("1")}
    assert header(an_order(tags=()), looked_up("order.tags")) == {}


def test_several_results_and_none_stop_the_order() -> None:
    several = refusal(an_order(), looked_up("order.tags"))
    assert (several.code, several.value) == ("FIELD_LOOKUP", "VIP, gift")
    assert "The table has several results for 'VIP, gift': '1', '2'." in several.message
    none = refusal(an_order(channel="TikTok"), looked_up("order.channel"))
    assert (none.code, none.value) == ("FIELD_LOOKUP", "TikTok")
    assert "'TikTok' is not in the table." in none.message


def test_a_value_that_is_not_in_the_table_may_stay_or_go() -> None:
    order = an_order(channel="9")
    assert header(order, looked_up("order.channel", Missing.KEEP)) == {"custbody_note": Choice("9")}
    assert header(order, looked_up("order.channel", Missing.EMPTY)) == {}


def test_a_map_of_the_shop_serves_as_a_table() -> None:
    rows = {
        "online store": Row(source="Online Store", behaviour="use", target=Ref("12", "Web")),
        "pos": Row(source="pos", behaviour="stop", target=Ref("")),
        "draft": Row(source="draft", behaviour="empty", target=Ref("")),
        "": Row(source="", behaviour="use", target=Ref("99", "Other")),
    }
    lookup = Lookup(LookupKind.MAP, map_kind="class")
    as_text, as_id = rule("order.channel", lookup=lookup), rule(
        "order.channel", lookup=lookup, target_type=TargetType.SELECT
    )  # fmt: skip
    assert header(an_order(), as_text, **{"class": rows}) == {"custbody_note": "Web"}
    assert header(an_order(), as_id, **{"class": rows}) == {"custbody_note": Choice("12")}
    assert header(an_order(channel="new"), as_id, **{"class": rows}) == {"custbody_note": Choice("99")}
    assert header(an_order(channel="draft"), as_id, **{"class": rows}) == {}
    assert refusal(an_order(channel="pos"), as_id, **{"class": rows}).code == "FIELD_LOOKUP"


@pytest.mark.parametrize(
    ("made", "code", "words"),
    [
        (expression("length(order.total)"), "FIELD_EXPRESSION", "'length(order.total)' fails on this order"),
        (expression("order.["), "FIELD_EXPRESSION", "The expression 'order.[' is wrong"),
        (rule("order.nothing"), "FIELD_EXPRESSION", "There is no field 'order.nothing'"),
        (rule(transforms="cut"), "FIELD_EXPRESSION", "write it like cut 40"),
        (rule(transforms="date '%d.%m.%Y'"), "FIELD_VALUE", "'Please ring twice' is no date"),
        (rule("order.tags"), "FIELD_VALUE", "cannot take 'VIP, gift': the field takes text, not a list"),
        (rule(target_type=TargetType.NUMBER), "FIELD_VALUE", "the field takes a number"),
        (rule(target_type=TargetType.DATE), "FIELD_VALUE", "the field takes a date"),
        (rule(target_type=TargetType.CHECKBOX), "FIELD_VALUE", "the field takes yes or no"),
        (rule(target_type=TargetType.SELECT), "FIELD_VALUE", "the field takes the internal id"),
        (rule("order.created_date", target_type=TargetType.DATETIME), "FIELD_VALUE", "a time with its zone"),
        (expression("order"), "FIELD_VALUE", "not a list"),
    ],
)
def test_what_cannot_be_says_which_mapping_which_field_and_why(
    made: FieldRule, code: str, words: str
) -> None:
    error = refusal(an_order(), made)
    assert (error.code, error.field, error.value) == (code, "custbody_note", "Note")
    assert error.message.startswith("Order #1001: field mapping 'Note' (custbody_note). ")
    assert words in error.message


def test_a_field_the_erp_no_longer_has_stops_only_orders_the_mapping_counts_for() -> None:
    one = rule(condition=Condition(tags=("vip",)))
    error = refusal(an_order(), one, gone=[("header", "custbody_note")])
    assert (error.code, error.value) == ("FIELD_GONE", "custbody_note")
    assert header(an_order(tags=()), one, gone=[("header", "custbody_note")]) == {}
    assert header(an_order(), rule(), gone=[("line", "custbody_note")]) != {}


def test_of_ten_thousand_orders_the_one_that_fails_is_the_only_one_that_stops() -> None:
    points = expression(
        "abs(to_number(order.attributes.Points || '0'))", target_type=TargetType.NUMBER, name="Points"
    )
    mapped, order = mapper(points, looked_up("order.channel", target="custbody_source")), an_order()
    document = a_document(order)
    values: dict[object, int] = {}
    blocked = []
    begun = time.monotonic()
    for number in range(10_000):
        given = "heavy" if number == 5_000 else str(number % 3)
        one = replace(order, source_id=str(number), attributes=(("Points", given),))
        try:
            value = mapped.onto_document(document, one).extra["custbody_note"].value
        except NeedsPerson as error:
            blocked.append((one.source_id, error.code))
        else:
            values[value] = values.get(value, 0) + 1
    assert blocked == [("5000", "FIELD_EXPRESSION")]
    assert values == {Decimal(0): 3_334, Decimal(1): 3_333, Decimal(2): 3_332}
    assert time.monotonic() - begun < 60
