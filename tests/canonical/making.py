"""Canonical orders from short descriptions: every amount is given, only sums are computed.

Amounts are text: "5.00" in both currencies, or "5.00/4.60" for shop and presentment money.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from canonical.money import MoneyBag, PresentmentMoney, ShopMoney
from canonical.orders import (
    DiscountAllocation,
    DiscountApplication,
    Order,
    OrderLine,
    OrderTotals,
    ShippingLine,
    TaxLine,
)
from canonical.parties import Address, Customer
from canonical.sales import Agreement, Sale, SaleTax

PLACED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ADA = Customer(source_id="7", first_name="Ada", last_name="Lovelace", email="ada@example.com")
HOME = Address(
    first_name="Ada", last_name="Lovelace", address1="151 Mercer Street", city="New York", province="NY",
    province_name="New York", zip="10012", country="US",
)  # fmt: skip
D = Decimal


@dataclass(frozen=True)
class Coin:
    """The two currencies of an order."""

    shop: str = "USD"
    presentment: str = "USD"

    def bag(self, text: str) -> MoneyBag:
        shop, _, seen = text.partition("/")
        return MoneyBag(ShopMoney.of(shop, self.shop), PresentmentMoney.of(seen or shop, self.presentment))

    def sum(self, bags: Iterable[MoneyBag]) -> MoneyBag:
        rows = list(bags)
        shop = sum((bag.shop.amount for bag in rows), D(0))
        seen = sum((bag.presentment.amount for bag in rows), D(0))
        return self.bag(f"{shop}/{seen}")


@dataclass(frozen=True)
class Sold:
    """One sale and what it is about. `total` is with tax and after discount; `taxes` are (title, rate, amount)."""

    kind: str
    about: str
    total: str
    tax: str = "0"
    discount: str = "0"
    quantity: int | None = None
    action: str = "ORDER"
    taxes: Sequence[tuple[str, str, str]] = ()
    channel_liable: bool = False
    after_tax: str = "0"

    def sale(self, coin: Coin, number: int) -> Sale:
        taxes = tuple(
            SaleTax(title=title, rate=rate, channel_liable=self.channel_liable, amount=coin.bag(amount))
            for title, rate, amount in self.taxes
        )
        return Sale(
            source_id=str(number), action=self.action, kind=self.kind, quantity=self.quantity, object_id=self.about,
            total=coin.bag(self.total), tax=coin.bag(self.tax), discount_before_taxes=coin.bag(self.discount),
            discount_after_taxes=coin.bag(self.after_tax), taxes=taxes,
        )  # fmt: skip


def line(coin: Coin, number: str, sku: str, quantity: int, price: str, **values: Any) -> OrderLine:
    """A line item titled like its SKU; `discounts` maps application indexes to amounts, `rates` are tax rates."""
    discounts = values.pop("discounts", {})
    rates = values.pop("rates", ())
    given = {
        "title": sku or "Custom",
        "variant_title": "",
        "current_quantity": quantity,
        "variant_id": f"9{number}",
    }
    return OrderLine(
        source_id=number, sku=sku, quantity=quantity, unit_price=coin.bag(price),
        discounts=tuple(DiscountAllocation(application_index=i, amount=coin.bag(a)) for i, a in discounts.items()),
        taxes=tuple(TaxLine(title="VAT", rate=rate, amount=coin.bag("0")) for rate in rates),
        **{**given, **values},
    )  # fmt: skip


def shipping(coin: Coin, number: str, original: str, **values: Any) -> ShippingLine:
    """A shipping line; `discounts` as for line items."""
    discounts = values.pop("discounts", {})
    given = {"title": "Standard", "code": "standard", "source": "shopify", "discounted": coin.bag(original)}
    return ShippingLine(
        source_id=number, original=coin.bag(original),
        discounts=tuple(DiscountAllocation(application_index=i, amount=coin.bag(a)) for i, a in discounts.items()),
        **{**given, **values},
    )  # fmt: skip


def code(index: int, label: str, kind: str = "code") -> DiscountApplication:
    """A discount application."""
    return DiscountApplication(index=index, kind=kind, label=label, target="LINE_ITEM", allocation="ACROSS")


@dataclass
class Sketch:
    """An order being described: agreements as lists of `Sold`, the first one is the order itself."""

    coin: Coin = field(default_factory=Coin)
    agreements: list[tuple[str, list[Sold]]] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)
    shipping_lines: list[ShippingLine] = field(default_factory=list)
    totals: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def order(self) -> Order:
        """The order, its totals being the sums of its sales unless given in `totals`."""
        coin, number = self.coin, 0
        ledger = []
        for index, (reason, sold) in enumerate(self.agreements):
            sales = []
            for each in sold:
                number += 1
                sales.append(each.sale(coin, number))
            ledger.append(
                Agreement(source_id=str(index + 1), reason=reason, happened_at=PLACED, sales=tuple(sales))
            )
        given: dict[str, Any] = {
            "source_id": "1001", "name": "#1001", "created_at": PLACED, "processed_at": PLACED, "updated_at": PLACED,
            "currency": coin.shop, "presentment_currency": coin.presentment, "email": "ada@example.com",
            "customer": ADA, "billing": HOME, "shipping": HOME, "channel": "Online Store", "source_name": "web",
        }  # fmt: skip
        included = bool(self.values.get("taxes_included"))
        return Order(
            totals=self._totals(ledger, included=included), lines=tuple(self.lines),
            shipping_lines=tuple(self.shipping_lines), agreements=tuple(ledger), **{**given, **self.values},
        )  # fmt: skip

    def _totals(self, ledger: list[Agreement], *, included: bool) -> OrderTotals:
        coin = self.coin
        sales = [s for a in ledger for s in a.sales if s.kind != "ADJUSTMENT"]
        opening = ledger[0].sales if ledger else ()

        def shown(sale: Sale) -> MoneyBag:
            if included:
                return sale.total
            shop = sale.total.shop.amount - sale.tax.shop.amount
            return coin.bag(f"{shop}/{sale.total.presentment.amount - sale.tax.presentment.amount}")

        whole = coin.sum(s.total for s in sales)
        tax = coin.sum(s.tax for s in sales)
        freight = coin.sum(shown(s) for s in sales if s.kind == "SHIPPING")
        figures: dict[str, MoneyBag | None] = {
            "original_total": coin.sum(s.total for s in opening), "total": whole, "tax": tax, "shipping": freight,
            "discounts": coin.bag("0"), "tip": coin.sum(s.total for s in sales if s.kind == "TIP"),
            "current_total": whole, "current_subtotal": coin.bag("0"), "current_tax": tax, "current_shipping": freight,
            "current_discounts": coin.bag("0"), "received": whole, "refunded": coin.bag("0"),
            "outstanding": coin.bag("0"), "cash_rounding": coin.bag("0"), "current_duties": None, "current_fees": None,
        }  # fmt: skip
        figures.update((name, coin.bag(text)) for name, text in self.totals.items())
        return OrderTotals(**figures)  # type: ignore[arg-type]


NY = "New York State Tax"


def order_1001(**values: Any) -> Order:
    """#1001 of the accounting page: 2 x TEE 25.00, 1 x MUG 15.00, SAVE10 -5.00 and -1.50, shipping 5.95 untaxed, tax
    3.71 + 1.11 = 4.82, total 69.27."""
    return sketch_1001(**values).order()


def sketch_1001(**values: Any) -> Sketch:
    """The same, to be changed before it becomes an order."""
    coin = Coin()
    return Sketch(
        coin=coin,
        agreements=[("ORDER", [
            Sold("PRODUCT", "1", "48.71", "3.71", "5.00", 2, taxes=[(NY, "0.0825", "3.71")]),
            Sold("PRODUCT", "2", "14.61", "1.11", "1.50", 1, taxes=[(NY, "0.0825", "1.11")]),
            Sold("SHIPPING", "3", "5.95"),
        ])],
        lines=[
            line(coin, "1", "TEE-1", 2, "25.00", discounts={0: "5.00"}),
            line(coin, "2", "MUG-1", 1, "15.00", discounts={0: "1.50"}),
        ],
        shipping_lines=[shipping(coin, "3", "5.95")],
        values={"discounts": (code(0, "SAVE10"),), **values},
    )  # fmt: skip


def simple(
    sold: Sequence[Sold], lines: Sequence[OrderLine] = (), coin: Coin | None = None, **values: Any
) -> Order:
    """An order of one agreement."""
    totals = values.pop("totals", {})
    freight = values.pop("shipping_lines", [])
    return Sketch(
        coin=coin or Coin(), agreements=[("ORDER", list(sold))], lines=list(lines), shipping_lines=list(freight),
        totals=totals, values=values,
    ).order()  # fmt: skip


def with_totals(order: Order, coin: Coin, **texts: str) -> Order:
    """The order with some of its own totals changed."""
    return replace(
        order, totals=replace(order.totals, **{name: coin.bag(text) for name, text in texts.items()})
    )
