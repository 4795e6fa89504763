"""Currency and exchange rate by channel, country and market: EUR 100.00 that are 110.00 USD, shipped to France."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canonical.documents import Ref
from canonical.markets import MarketArea
from canonical.orders import Order
from canonical.parties import Address
from common.errors import NeedsPerson
from mappings.batch import tied_document
from mappings.context import MappingContext
from mappings.document_choices import DocumentChoices
from mappings.models import Behaviour, MapKind, ValueMapping
from tests.canonical.making import Coin, Sold, line, simple
from tests.mappings.making import plain_context, plain_items, row

EUROPE = MarketArea(handles=("europe",), name="Europe", regions=frozenset({"DE", "FR"}))
CURRENCY, RATE = MapKind.CURRENCY, MapKind.EXCHANGE_RATE
USD, EUR, EUR_AT_THE_ERPS = ("USD", "110.00", None), ("EUR", "100.00", "1.1"), ("EUR", "100.00", None)


def order(country: str = "FR") -> Order:
    coin, total = Coin("USD", "EUR"), "110.00/100.00"
    sold = simple([Sold("PRODUCT", "1", total, quantity=1)], [line(coin, "1", "TEE-1", 1, total)], coin)
    return replace(sold, channel="Online Store", shipping=Address(country=country))


def context(*rows: ValueMapping, policy: str = "shop", rate_of_erp: bool = False) -> MappingContext:
    found = plain_context(*rows, money_policy=policy)
    found.markets, found.document = (EUROPE,), DocumentChoices(rate_of_erp=rate_of_erp)
    return found


def booked(found: MappingContext, of: Order | None = None) -> tuple[str, str, str | None]:
    """Currency, total and exchange rate of the document."""
    document = tied_document(found, plain_items(found), of or order(), Ref("9")).document
    rate = document.exchange_rate
    return document.currency, str(document.total), None if rate is None else str(rate)


@pytest.mark.parametrize(
    ("rows", "policy", "rate_of_erp", "found"),
    [
        # Without a row the shop says it.
        ([], "shop", False, USD),
        ([], "presentment", False, EUR),
        ([], "presentment", True, EUR_AT_THE_ERPS),
        # By market, country, channel and both; the more telling row counts.
        ([row(CURRENCY, "market:europe", "presentment")], "shop", False, EUR),
        ([row(CURRENCY, "country:FR", "presentment")], "shop", True, EUR_AT_THE_ERPS),
        ([row(CURRENCY, "country:DE,AT", "presentment")], "shop", False, USD),
        (
            [row(CURRENCY, "market:europe", "presentment"), row(CURRENCY, "country:FR", "shop")],
            "shop",
            False,
            USD,
        ),
        ([row(CURRENCY, "Online Store|market:europe", "shop")], "presentment", False, USD),
        ([row(CURRENCY, "", "shop")], "presentment", False, USD),
        ([row(CURRENCY, "country:FR", behaviour=Behaviour.EMPTY)], "presentment", False, EUR),
        # Whose rate, the same way.
        ([row(RATE, "market:europe", "erp")], "presentment", False, EUR_AT_THE_ERPS),
        ([row(RATE, "market:europe", "shopify")], "presentment", True, EUR),
        ([row(RATE, "country:DE", "erp")], "presentment", False, EUR),
        ([row(RATE, "", "erp")], "shop", False, USD),
    ],
)
def test_what_goes_into_the_books(
    rows: list[ValueMapping], policy: str, rate_of_erp: bool, found: tuple[str, str, str | None]
) -> None:
    assert booked(context(*rows, policy=policy, rate_of_erp=rate_of_erp)) == found


@pytest.mark.parametrize(("written", "found"), [("USD", USD), ("EUR", EUR), ("GBP", EUR), ("", EUR)])
def test_a_document_keeps_the_currency_it_was_written_in(
    written: str, found: tuple[str, str, str | None]
) -> None:
    late = context(row(CURRENCY, "market:europe", "presentment"))
    late.written_in = {order().source_id: written}
    assert booked(late) == found


@pytest.mark.parametrize(
    ("kind", "code"), [(CURRENCY, "UNMAPPED_CURRENCY"), (RATE, "UNMAPPED_EXCHANGE_RATE")]
)
@pytest.mark.parametrize(
    ("target", "behaviour"), [("", Behaviour.STOP), ("euro", Behaviour.USE), ("", Behaviour.USE)]
)
def test_a_row_may_stop_the_order_and_so_does_one_nobody_understands(
    kind: MapKind, code: str, target: str, behaviour: Behaviour
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        booked(context(row(kind, "country:FR", target, behaviour=behaviour), policy="presentment"))
    assert caught.value.code == code


def test_a_market_nobody_has_read_stops_it() -> None:
    with pytest.raises(NeedsPerson) as caught:
        booked(context(row(CURRENCY, "market:asia", "presentment")))
    assert caught.value.code == "UNKNOWN_MARKET"


def test_which_side_is_in_a_currency() -> None:
    found = order()
    assert [found.policy_in(code) for code in ("USD", "EUR", "GBP")] == ["shop", "presentment", "shop"]
    assert replace(found, presentment_currency="USD").policy_in("USD") == "shop"
