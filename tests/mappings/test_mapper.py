"""An order becomes a sales order at Shopify's amounts, line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from canonical.components import components_of_document
from canonical.documents import LineKind, Ref, TaxStrategy
from canonical.orders import Order
from canonical.payments import PaymentTerms
from common.errors import NeedsPerson, Skip
from mappings.document_choices import DocumentChoices
from mappings.mapper import with_rounding
from mappings.models import Behaviour, MapKind
from tests.canonical.making import NY, Coin, Sketch, Sold, code, line, order_1001, shipping, simple
from tests.mappings.making import lines_of, mapped, plain_context, plain_items, row

D = Decimal
USD = Coin()
SAVE10 = row(MapKind.DISCOUNT, "SAVE10", "650", target_label="Discount SAVE10")


def test_order_1001_line_by_line() -> None:
    document = mapped(order_1001(), plain_context(SAVE10))
    assert lines_of(document) == [
        ("goods", "501", "50.00", "1"), ("discount", "650", "-5.00", "1"),
        ("goods", "502", "15.00", "2"), ("discount", "650", "-1.50", "2"),
        ("shipping", "601", "5.95", "3"), ("tax", "607", "4.82", ""),
    ]  # fmt: skip
    assert [(each.quantity, each.rate) for each in document.lines] == [
        (D(2), D("25.00")), (None, D("-5.00")), (D(1), D("15.00")), (None, D("-1.50")), (D(1), D("5.95")),
        (D(1), D("4.82")),
    ]  # fmt: skip
    assert [each.description for each in document.lines] == [
        "TEE-1", "Discount SAVE10", "MUG-1", "Discount SAVE10", "Shipping: Standard", "New York State Tax 8.25%",
    ]  # fmt: skip
    assert (document.total, components_of_document(document).total) == (D("69.27"), D("69.27"))
    assert document.warnings == ()


def test_what_the_header_carries() -> None:
    document = mapped(order_1001(po_number="PO-7"), plain_context(SAVE10))
    assert (document.external_id, document.source_id, document.order_name) == (
        "shp-demo-so-1001",
        "1001",
        "#1001",
    )
    assert (document.currency, document.tax_strategy) == ("USD", TaxStrategy.TAX_LINE)
    assert (document.po_number, document.memo, document.email) == (
        "PO-7",
        "Shopify order #1001",
        "ada@example.com",
    )
    assert document.source_url == "https://admin.shopify.com/store/demo/orders/1001"
    assert (document.customer, document.ship_method) == (
        Ref("9", "Ada Lovelace"),
        Ref("701", "shipment_method 701"),
    )
    assert (document.terms, document.location, document.subsidiary, document.exchange_rate) == (
        None,
        None,
        None,
        None,
    )
    assert (document.billing, document.shipping) == (order_1001().billing, order_1001().shipping)


def test_order_1002_paid_by_gift_card_is_the_same_sales_order() -> None:
    """A gift card used is a tender, no discount: revenue and tax stay what they are."""
    order = order_1001(gateways=("gift_card", "shopify_payments"))
    assert mapped(order, plain_context(SAVE10)) == mapped(order_1001(), plain_context(SAVE10))


def test_order_1003_tip_and_duties_are_lines_of_their_own() -> None:
    order = simple(
        [
            Sold("PRODUCT", "1", "95.00", quantity=1), Sold("DUTY", "2", "8.00"),
            Sold("TIP", "3", "5.00", quantity=1),
        ],
        [line(USD, "1", "HOODIE", 1, "95.00"), line(USD, "3", "", 1, "5.00", title="Tip")],
    )  # fmt: skip
    document = mapped(order, plain_context())
    assert lines_of(document) == [
        ("goods", "503", "95.00", "1"), ("tip", "604", "5.00", "3"), ("duty", "605", "8.00", "2"),
    ]  # fmt: skip
    assert document.total == D("108.00")


@pytest.mark.parametrize("kind", ["GIFT_CARD", "PRODUCT"])
def test_order_1004_a_gift_card_sold_is_a_liability(kind: str) -> None:
    order = simple(
        [Sold(kind, "1", "50.00", quantity=1)], [line(USD, "1", "GIFT-50", 1, "50.00", is_gift_card=True)]
    )
    assert lines_of(mapped(order, plain_context())) == [("gift_card", "603", "50.00", "1")]


def test_case_o1_tax_inside_the_price_keeps_shopifys_split() -> None:
    """3 x 9.99 with VAT 4.99: 24.98 net at 8.32666667 each, not 8.33."""
    order = simple(
        [Sold("PRODUCT", "1", "29.97", "4.99", quantity=3, taxes=[("VAT", "0.2", "4.99")])],
        [line(USD, "1", "TEE-1", 3, "9.99", rates=["0.2"])],
        taxes_included=True,
    )
    document = mapped(order, plain_context())
    assert lines_of(document) == [("goods", "501", "24.98", "1"), ("tax", "607", "4.99", "")]
    assert (document.lines[0].quantity, document.lines[0].rate) == (D(3), D("8.32666667"))
    assert (document.total, document.lines[1].description) == (D("29.97"), "VAT 20%")


def test_case_m1_cash_rounding_is_a_line() -> None:
    order = simple(
        [Sold("PRODUCT", "1", "5.02", quantity=1)],
        [line(USD, "1", "TEE-1", 1, "5.02")],
        totals={"cash_rounding": "-0.02"},
    )
    document = mapped(order, plain_context())
    assert lines_of(document) == [("goods", "501", "5.02", "1"), ("cash_rounding", "609", "-0.02", "")]
    assert document.total == D("5.00")


@pytest.mark.parametrize(("coin", "sold", "price", "amounts"), [
    (Coin("JPY", "JPY"), Sold("PRODUCT", "1", "1485", "135", "150", 1, taxes=[("CT", "0.1", "135")]), "1500",
     ["1500", "-150", "135"]),
    (Coin("KWD", "KWD"), Sold("PRODUCT", "1", "13.950", "0", "1.550", 2), "7.750", ["15.500", "-1.550"]),
])  # fmt: skip
def test_currencies_without_and_with_three_decimals(
    coin: Coin, sold: Sold, price: str, amounts: list[str]
) -> None:
    order = simple([sold], [line(coin, "1", "TEE-1", sold.quantity or 1, price)], coin)
    document = mapped(order, plain_context())
    assert [str(each.amount) for each in document.lines] == amounts
    assert document.currency == coin.shop


def test_three_pieces_that_do_not_divide_keep_their_sum() -> None:
    """10.00 for three: 3.33333333 each."""
    order = simple([Sold("PRODUCT", "1", "10.00", quantity=3)], [line(USD, "1", "TEE-1", 3, "3.33")])
    (only,) = mapped(order, plain_context()).lines
    assert (only.rate, only.amount, only.quantity) == (D("3.33333333"), D("10.00"), D(3))


def test_everything_given_away_keeps_revenue_and_discount() -> None:
    order = simple(
        [Sold("PRODUCT", "1", "0.00", discount="25.00", quantity=1)],
        [line(USD, "1", "TEE-1", 1, "25.00", discounts={0: "25.00"})],
        discounts=(code(0, "SAVE10"),),
    )
    document = mapped(order, plain_context(SAVE10))
    assert lines_of(document) == [("goods", "501", "25.00", "1"), ("discount", "650", "-25.00", "1")]
    assert document.total == D(0)


class TestBooksInTheCustomersCurrency:
    """EUR 100.00 booked as 110.00 USD: the ERP multiplies with 1.1."""

    coin = Coin("USD", "EUR")

    def order(self, total: str = "110.00/100.00") -> Order:
        return simple(
            [Sold("PRODUCT", "1", total, quantity=1)], [line(self.coin, "1", "TEE-1", 1, total)], self.coin
        )

    def test_the_documents_currency_and_rate(self) -> None:
        document = mapped(self.order(), plain_context(money_policy="presentment"))
        assert (document.currency, document.total, document.exchange_rate) == ("EUR", D("100.00"), D("1.1"))

    def test_eight_decimals_at_most(self) -> None:
        document = mapped(self.order("39.90/36.71"), plain_context(money_policy="presentment"))
        assert document.exchange_rate == D("1.08689730")

    def test_books_in_shop_currency_need_none(self) -> None:
        document = mapped(self.order(), plain_context())
        assert (document.currency, document.total, document.exchange_rate) == ("USD", D("110.00"), None)

    def test_nor_does_one_and_the_same_currency(self) -> None:
        assert mapped(order_1001(), plain_context(SAVE10, money_policy="presentment")).exchange_rate is None

    def test_nor_an_order_over_nothing(self) -> None:
        assert mapped(self.order("0/0"), plain_context(money_policy="presentment")).exchange_rate is None

    def test_the_rate_is_left_to_the_erp_where_the_shop_says_so(self) -> None:
        context = plain_context(money_policy="presentment")
        context.document = DocumentChoices(rate_of_erp=True)
        document = mapped(self.order(), context)
        assert (document.currency, document.exchange_rate) == ("EUR", None)


@pytest.mark.parametrize(("zone", "day"), [("America/New_York", 19), ("UTC", 20), ("Asia/Tokyo", 20)])
def test_the_date_is_the_shops_accounting_day(zone: str, day: int) -> None:
    order = order_1001(processed_at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    document = mapped(order, plain_context(SAVE10, accounting_timezone=zone, iana_timezone="Europe/London"))
    assert document.date == date(2026, 11, day)


class TestLocation:
    """By where the order ships from, or was sold at; a default row for orders without."""

    shelf = row(MapKind.LOCATION, "71001", "301", target_label="Main")
    rest = row(MapKind.LOCATION, "", "309", target_label="Web")

    def test_the_assigned_one_before_the_store(self) -> None:
        order = order_1001(assigned_location_id="71001", retail_location="71002")
        document = mapped(order, plain_context(SAVE10, self.shelf, self.rest))
        assert document.location == Ref("301", "Main")
        assert [each.location for each in document.lines if each.kind is LineKind.GOODS] == [
            Ref("301", "Main")
        ] * 2
        assert all(each.location is None for each in document.lines if each.kind is not LineKind.GOODS)

    def test_the_default_for_web_orders(self) -> None:
        assert mapped(order_1001(), plain_context(SAVE10, self.shelf, self.rest)).location == Ref(
            "309", "Web"
        )

    def test_none_is_fine_for_an_order_without_one(self) -> None:
        assert mapped(order_1001(), plain_context(SAVE10, self.shelf)).location is None

    def test_an_unknown_store_stops_the_order(self) -> None:
        with pytest.raises(NeedsPerson) as caught:
            mapped(order_1001(retail_location="71002"), plain_context(SAVE10, self.shelf))
        assert (caught.value.code, caught.value.value) == ("UNMAPPED_LOCATION", "71002")
        assert caught.value.message == (
            "Order #1001: location '71002' is not mapped, and there is no default row."
        )

    def test_a_store_is_named_when_its_name_is_known(self) -> None:
        context = replace(plain_context(SAVE10, self.shelf), locations={"71002": "Boston store"})
        with pytest.raises(NeedsPerson, match="Boston store: location '71002' is not mapped"):
            mapped(order_1001(retail_location="71002"), context)

    def test_a_default_row_that_says_stop_stops_web_orders_too(self) -> None:
        stop = row(MapKind.LOCATION, "", behaviour=Behaviour.STOP)
        with pytest.raises(NeedsPerson, match="default row says stop"):
            mapped(order_1001(), plain_context(SAVE10, stop))


class TestShipMethodAndTerms:
    """Named by what the order says; the first shipping line that is still there decides."""

    @pytest.mark.parametrize("source", ["express", "Express Saver", " EXPRESS "])
    def test_by_code_or_title(self, source: str) -> None:
        order = order_1001()
        lines = (
            shipping(USD, "8", "5.95", removed=True),
            replace(order.shipping_lines[0], code="express", title="Express Saver"),
        )
        method = row(MapKind.SHIPMENT_METHOD, source, "702", target_label="Express")
        document = mapped(replace(order, shipping_lines=lines), plain_context(SAVE10, method))
        assert document.ship_method == Ref("702", "Express")

    def test_an_order_without_shipping_has_none(self) -> None:
        order = simple([Sold("PRODUCT", "1", "25.00", quantity=1)], [line(USD, "1", "TEE-1", 1, "25.00")])
        assert mapped(order, plain_context()).ship_method is None

    def test_an_unmapped_one_stops(self) -> None:
        stop = row(MapKind.SHIPMENT_METHOD, "", behaviour=Behaviour.STOP)
        with pytest.raises(NeedsPerson) as caught:
            mapped(order_1001(), plain_context(SAVE10, stop))
        assert (caught.value.code, caught.value.value) == ("UNMAPPED_SHIPMENT_METHOD", "standard")

    @pytest.mark.parametrize(("source", "days"), [("Net 30", 30), ("net 30", 30), ("NET", 30), ("NET", None)])
    def test_terms_by_name_days_or_type(self, source: str, days: int | None) -> None:
        terms = PaymentTerms(name="Net 30", kind="NET", due_in_days=days)
        document = mapped(
            order_1001(payment_terms=terms), plain_context(SAVE10, row(MapKind.PAYMENT_TERMS, source, "802"))
        )
        assert document.terms is not None
        assert document.terms.id == "802"

    def test_terms_by_type_and_days(self) -> None:
        terms = PaymentTerms(name="Thirty days", kind="NET", due_in_days=30)
        document = mapped(
            order_1001(payment_terms=terms),
            plain_context(SAVE10, row(MapKind.PAYMENT_TERMS, "NET 30", "803")),
        )
        assert document.terms == Ref("803", "payment_terms 803")

    def test_a_row_may_say_leave_empty(self) -> None:
        terms = PaymentTerms(name="Net 30", kind="NET")
        empty = row(MapKind.PAYMENT_TERMS, "Net 30", behaviour=Behaviour.EMPTY)
        assert mapped(order_1001(payment_terms=terms), plain_context(SAVE10, empty)).terms is None


class TestChannel:
    """Subsidiary, department and class by sales channel, once a shop uses the map."""

    def test_by_name_or_source(self) -> None:
        document = mapped(order_1001(), plain_context(
            SAVE10, row(MapKind.SUBSIDIARY, "web", "11"), row(MapKind.DEPARTMENT, "Online Store", "12"),
            row(MapKind.CLASS, "", "13"),
        ))  # fmt: skip
        found = (document.subsidiary, document.department, document.classification)
        assert [ref.id for ref in found if ref] == ["11", "12", "13"]

    @pytest.mark.parametrize(("kind", "cause"), [
        (MapKind.SUBSIDIARY, "UNMAPPED_SUBSIDIARY"), (MapKind.DEPARTMENT, "UNMAPPED_DEPARTMENT"),
        (MapKind.CLASS, "UNMAPPED_CLASS"),
    ])  # fmt: skip
    def test_a_channel_the_map_does_not_cover_stops(self, kind: MapKind, cause: str) -> None:
        with pytest.raises(NeedsPerson) as caught:
            mapped(order_1001(), plain_context(SAVE10, row(kind, "pos", "11")))
        assert (caught.value.code, caught.value.value) == (cause, "Online Store")


def test_an_order_edited_down_to_nothing_is_left_out() -> None:
    order = Sketch(
        agreements=[
            ("ORDER", [Sold("PRODUCT", "1", "25.00", quantity=1)]),
            ("ORDER_EDIT", [Sold("PRODUCT", "1", "-25.00", quantity=-1, action="RETURN")]),
        ],
        lines=[line(USD, "1", "TEE-1", 1, "25.00", current_quantity=0)],
    ).order()
    with pytest.raises(Skip) as caught:
        mapped(order, plain_context())
    assert caught.value.code == "NOTHING_LEFT"


def test_a_line_says_what_the_customer_asked_for() -> None:
    tee = line(USD, "1", "TEE-1", 1, "25.00", title="Tee", variant_title="Red", bundle_title="Summer set",
               attributes=(("Engraving", "<b>Ada</b>"), ("_id", "x1"), ("Note", "")))  # fmt: skip
    document = mapped(simple([Sold("PRODUCT", "1", "25.00", quantity=1)], [tee]), plain_context())
    assert document.lines[0].description == "Tee - Red (part of Summer set; Engraving: <b>Ada</b>)"


def test_a_tip_that_is_no_line_item() -> None:
    document = mapped(simple([Sold("TIP", "55", "5.00")]), plain_context())
    assert lines_of(document) == [("tip", "604", "5.00", "55")]
    assert document.lines[0].description == "Tip"


def test_the_customers_email_stands_in_for_the_orders() -> None:
    assert mapped(order_1001(email=""), plain_context(SAVE10)).email == "ada@example.com"
    assert mapped(order_1001(email="", customer=None), plain_context(SAVE10)).email == ""


def test_the_rounding_line_is_shown_and_told() -> None:
    context = plain_context(SAVE10)
    document = mapped(order_1001(), context)
    assert with_rounding(document, plain_items(context), D(0)) is document
    rounded = with_rounding(document, plain_items(context), D("-0.01"))
    assert lines_of(rounded)[-1] == ("rounding", "610", "-0.01", "")
    assert (rounded.lines[-1].quantity, rounded.lines[-1].rate) == (D(1), D("-0.01"))
    assert rounded.warnings == ("A rounding line of -0.01 USD makes the document equal to Shopify's total.",)
    assert lines_of(rounded)[:-1] == lines_of(document)


def test_several_taxes_on_several_lines_stay_apart_by_item() -> None:
    order = simple(
        [
            Sold("PRODUCT", "1", "43.47", "3.47", quantity=1, taxes=[(NY, "0.04", "1.60"), ("NYC", "0.04675", "1.87")]),
            Sold("SHIPPING", "3", "6.47", "0.52", taxes=[(NY, "0.04", "0.24"), ("NYC", "0.04675", "0.28")]),
        ],
        [line(USD, "1", "HOODIE", 1, "40.00")],
        shipping_lines=[shipping(USD, "3", "5.95")],
    )  # fmt: skip
    city = row(MapKind.TAX, "NYC|4.675|US", "671", target_label="City tax")
    assert lines_of(mapped(order, plain_context(city)))[2:] == [
        ("tax", "607", "1.84", ""),
        ("tax", "671", "2.15", ""),
    ]
    one = mapped(order, plain_context())
    assert lines_of(one)[2:] == [("tax", "607", "3.99", "")]
    assert one.lines[-1].description == "New York State Tax 4%, NYC 4.675%"
