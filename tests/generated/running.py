"""One generated order through everything that decides about its document, down to NetSuite's own arithmetic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from canonical.documents import DocumentKind, FoundItem, Ref, TaxStrategy
from canonical.money import side_of
from canonical.orders import Order
from common.errors import ComponentDifference, HubError
from erps.models import ErpConnection, ShippingChoice
from erps.netsuite.account import Account
from erps.netsuite.documents import RECORDS, document_body
from erps.netsuite.metadata import Features
from mappings.batch import tied_document
from mappings.context import MappingContext, read_rows
from mappings.items import Items, sku_key
from mappings.models import Charge, MapKind, ValueMapping
from sandbox.shopify.building import OrderBuilder
from sandbox.shopify.seeding import builder_for
from shops.models import Shop
from shops.shopify.orders import normalize_order
from tests.generated.arithmetic import CURRENCIES, Arithmetic
from tests.generated.specs import GOODS, Json, Market, market, order_spec

CHARGES = {
    Charge.SHIPPING: "701", Charge.DISCOUNT: "702", Charge.TIP: "706", Charge.DUTY: "707", Charge.GIFT_CARD: "708",
    Charge.FEE: "709", Charge.CASH_ROUNDING: "710", Charge.ROUNDING: "710", Charge.TAX: "711",
    Charge.TAX_VARIANCE: "712", Charge.CUSTOM: "713",
}  # fmt: skip
CODES = {"NY|8.25": "902", "VAT|20": "904", "CT|10": "906", "Zero rate|0": "905"}
"""Tax codes that have Shopify's rates; the others go to a code of nothing, as a merchant without more codes has it."""
RATES = {"902": "8.25", "904": "20", "905": "0", "906": "10", "908": "0"}
EXACT = frozenset({TaxStrategy.TAX_DETAILS, TaxStrategy.TAX_LINE})
"""Strategies that take any tax as it is."""
Change = Callable[[Json], None]


@dataclass(frozen=True)
class Choices:
    """How the shop and its connection are set up."""

    strategy: TaxStrategy
    shipping_as: str
    policy: str
    kind: DocumentKind = DocumentKind.SALES_ORDER

    @property
    def must_tie(self) -> bool:
        """Whether every good order comes through: the tax goes in as it is, and shipping has a line for its own."""
        in_line = self.shipping_as == ShippingChoice.LINE or self.strategy is TaxStrategy.TAX_LINE
        return self.strategy in EXACT and in_line


@dataclass(frozen=True)
class Outcome:
    """What became of an order. `shopify` is what Shopify says it comes to, `written` what NetSuite computed (None when
    it was blocked with `code`)."""

    choices: Choices
    sold_in: Market
    shopify: Decimal
    written: Decimal | None = None
    code: str = ""
    differences: tuple[ComponentDifference, ...] = ()


def choices(chance: Random) -> Choices:
    """Any set-up; the one most shops have comes most often."""
    strategies = (
        TaxStrategy.TAX_DETAILS,
        TaxStrategy.TAX_DETAILS,
        TaxStrategy.TAX_LINE,
        TaxStrategy.TAX_CODES,
    )
    return Choices(
        chance.choice(strategies),
        chance.choice((ShippingChoice.LINE.value, ShippingChoice.LINE.value, ShippingChoice.BODY.value)),
        chance.choice(("shop", "presentment")),
        chance.choice((DocumentKind.SALES_ORDER, *RECORDS)),
    )


def generate(chance: Random) -> tuple[Choices, Market, Json]:
    """A set-up and an order in the Admin GraphQL shape, as JSON carries it."""
    chosen, sold_in = choices(chance), market(chance)
    spec = order_spec(chance, sold_in, "#3000")
    return chosen, sold_in, json.loads(json.dumps(_builder(sold_in).build(spec)))


def run(arithmetic: Arithmetic, chosen: Choices, sold_in: Market, raw: Json) -> Outcome:
    """Normalize, sum up, map, tie out, and have NetSuite compute what would be saved."""
    stated = raw["currentTotalPriceSet"]["shopMoney" if chosen.policy == "shop" else "presentmentMoney"]
    shopify = Decimal(stated["amount"])
    try:
        order = normalize_order(raw)
        shopify += side_of(order.totals.cash_rounding, chosen.policy)
        if (
            shopify < 0
        ):  # a till that rounds an order of nothing: no account takes an invoice of less than nothing
            chosen = replace(chosen, kind=DocumentKind.SALES_ORDER)
        body = _body(arithmetic, chosen, order)
    except HubError as error:
        return Outcome(chosen, sold_in, shopify, code=error.code, differences=tuple(error.differences))
    legacy = chosen.strategy is TaxStrategy.TAX_CODES
    written = arithmetic.total(RECORDS[chosen.kind], body, legacy=legacy)
    return Outcome(chosen, sold_in, shopify, written=written)


def _body(arithmetic: Arithmetic, chosen: Choices, order: Order) -> dict[str, Any]:
    context = _context(chosen)
    currency = order.presentment_currency if chosen.policy == "presentment" else order.currency
    customer = Ref(arithmetic.customers[currency], "Buyer")
    document = tied_document(context, _items(context), order, customer, chosen.kind).document
    features = Features(
        suitetax=chosen.strategy is not TaxStrategy.TAX_CODES, oneworld=True,
        taxable_flag=chosen.strategy is TaxStrategy.TAX_CODES,
    )  # fmt: skip
    return document_body(document, Account.of(context.connection), CURRENCIES[document.currency], features)


@cache
def _context(chosen: Choices) -> MappingContext:
    """Maps without a database: every part of an order has its place, as in the demo."""
    connection = ErpConnection(
        pk=1, key="ns", name="NetSuite", account_id="TSTDRV0000001", tax_strategy=chosen.strategy.value,
        shipping_as=chosen.shipping_as,
    )  # fmt: skip
    shop = Shop(
        pk=1, key="gen", name="Generated", domain="gen.myshopify.com", iana_timezone="America/New_York",
        money_policy=chosen.policy, erp_connection=connection,
    )  # fmt: skip
    return MappingContext(shop=shop, connection=connection, maps=read_rows(_rows(chosen)), templates={})


def _rows(chosen: Choices) -> Iterable[ValueMapping]:
    for charge, item in CHARGES.items():
        yield ValueMapping(
            kind=MapKind.ACCOUNT, source=charge, target_id=item, target_label=str(charge.label)
        )
    yield ValueMapping(kind=MapKind.SHIPMENT_METHOD, source="", target_id="801", target_label="Standard")
    yield ValueMapping(kind=MapKind.LOCATION, source="", target_id="6", target_label="Main warehouse")
    if chosen.strategy is not TaxStrategy.TAX_LINE:
        for source, code in {**CODES, "": "908"}.items():
            yield ValueMapping(
                kind=MapKind.TAX, source=source, target_id=code, target_label=code, tax_type_id="1",
                tax_rate=Decimal(RATES[code]),
            )  # fmt: skip


def _items(context: MappingContext) -> Items:
    found = {sku: (FoundItem(id=str(501 + place), sku=sku, name=sku),) for place, sku in enumerate(GOODS)}
    return Items(context, {sku_key(sku): item for sku, item in found.items()})


@cache
def _store() -> OrderBuilder:
    return builder_for("demo-store")


def _builder(sold_in: Market) -> OrderBuilder:
    """The demo store, selling in another currency."""
    shop = {**_store().shop, "currencyCode": sold_in.shop, "taxesIncluded": sold_in.included}
    return OrderBuilder(shop, _store().people, {}, 6_500_000_000_000)
