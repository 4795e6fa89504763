"""Filters of a shop record: each line of them with literal orders, at its edges and with wildcards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from canonical.orders import Order
from canonical.parties import Address, Company
from shops.models import Shop
from syncflows.flows.filters import refusal
from syncflows.models import OrderFilter
from syncflows.patterns import entries, first_match, matches
from tests.syncflows.making import order_facts, usd

NEW_YORK = "America/New_York"
ACME = Company(source_id="9", name="Acme Ltd")


def order(**changes: Any) -> Order:
    """Order #1001 of 20 Nov 2026, noon UTC, from the online store, paid, to the US, 69.27 USD."""
    total = changes.pop("total", "69.27")
    facts = order_facts(
        **{
            "channel": "Online Store",
            "source_name": "web",
            "shipping": Address(country="US"),
            "tags": ("VIP", "wholesale-eu"),
            "attributes": (("source", "app-7"), ("gift", "")),
            **changes,
        }
    )
    changed = {"current_total": usd(total)}
    totals = type(facts.totals)(
        **{name: changed.get(name, getattr(facts.totals, name)) for name in facts.totals.__slots__}
    )
    return order_facts(
        **{name: getattr(facts, name) for name in facts.__slots__ if name != "totals"}, totals=totals
    )


def why(wanted: dict[str, Any], zone: str = NEW_YORK, **changes: Any) -> str:
    """Why the order does not pass the filter; "" when it passes."""
    no = refusal(order(**changes), OrderFilter(**wanted), zone)
    return no.why if no else ""


def test_an_empty_filter_takes_everything() -> None:
    assert OrderFilter().is_empty
    assert not why({})
    assert not why({}, tags=(), channel="", source_name="", shipping=None, test=True)
    assert not OrderFilter(amount_from=Decimal(0)).is_empty


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("wholesale-eu", "wholesale-*", True),
        ("wholesale-", "wholesale-*", True),
        ("wholesale", "wholesale-*", False),
        ("Wholesale-EU", "wholesale-*", True),
        ("my wholesale-eu", "wholesale-*", False),
        ("my wholesale-eu", "*wholesale*", True),
        ("eu-b2b-de", "eu-*-de", True),
        ("eu-de", "eu-*-de", False),
        (" VIP ", "vip", True),
        ("VIPS", "vip", False),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("a[1]?", "a[1]?", True),
        ("ab", "a?", False),
        ("", "*", True),
        ("STRASSE", "straße", True),
    ],
)
def test_wildcards(text: str, pattern: str, expected: bool) -> None:
    assert matches(text, pattern) is expected


def test_lists_are_read_as_people_type_them() -> None:
    assert entries(" a, b\n\nc\r\n,a ") == ["a", "b", "c"]
    assert entries("a, b\nc=d, e", by_line=True) == ["a, b", "c=d, e"]
    assert first_match(["x", "b2b"], "b*, y") == "b2b"
    assert first_match(["x"], "") == ""


@pytest.mark.parametrize(
    ("wanted", "changes", "expected"),
    [
        ({"paid": "paid"}, {}, ""),
        ({"paid": "paid"}, {"financial_status": "PARTIALLY_REFUNDED"}, ""),
        ({"paid": "paid"}, {"financial_status": "PARTIALLY_PAID"}, "it is not paid in full (partially paid)"),
        ({"paid": "unpaid"}, {"financial_status": "AUTHORIZED"}, ""),
        ({"paid": "unpaid"}, {}, "it is paid (paid)"),
        ({"financial_statuses": ["PAID", "REFUNDED"]}, {}, ""),
        (
            {"financial_statuses": ["PAID", "REFUNDED"]},
            {"financial_status": "PENDING"},
            "its payment is pending, not paid or refunded",
        ),
        ({"financial_statuses": ["PAID"]}, {"financial_status": ""}, "its payment is unknown, not paid"),
        ({"fulfillment_statuses": ["UNFULFILLED"]}, {}, ""),
        (
            {"fulfillment_statuses": ["UNFULFILLED"]},
            {"fulfillment_status": "PARTIALLY_FULFILLED"},
            "it is partially fulfilled, not unfulfilled",
        ),
        ({"risks": ["LOW", "NONE"]}, {"risk": "ACCEPT"}, ""),
        ({"risks": ["LOW", "NONE"]}, {"risk": ""}, ""),
        ({"risks": ["LOW", "NONE"]}, {"risk": "INVESTIGATE"}, "its risk is medium, not low or none"),
        ({"risks": ["HIGH"]}, {"risk": "CANCEL"}, ""),
        ({"tags_include": "wholesale-*"}, {}, ""),
        ({"tags_include": "press, vip"}, {}, ""),
        ({"tags_include": "press, b2b-*"}, {}, "it has none of the tags press, b2b-*"),
        ({"tags_include": "*"}, {"tags": ()}, "it has none of the tags *"),
        ({"tags_exclude": "wholesale-*"}, {}, "it has the tag wholesale-eu"),
        ({"tags_exclude": "wholesale"}, {}, ""),
        ({"tags_exclude": "*"}, {"tags": ()}, ""),
        ({"attributes_include": "source"}, {}, ""),
        ({"attributes_include": "gift"}, {}, ""),
        ({"attributes_include": "source=app-*"}, {}, ""),
        ({"attributes_include": "source=app-8\ngift="}, {}, ""),
        ({"attributes_include": "source=app-8"}, {}, "it has none of the attributes source=app-8"),
        ({"attributes_exclude": "source=app-8"}, {}, ""),
        ({"attributes_exclude": "so*=*7"}, {}, "it has the attribute source=app-7"),
        ({"channels_include": "online store"}, {}, ""),
        ({"channels_include": "web"}, {}, ""),
        (
            {"channels_include": "Point of Sale, pos"},
            {},
            "it came from Online Store, not Point of Sale or pos",
        ),
        (
            {"channels_include": "pos"},
            {"channel": "", "source_name": ""},
            "it came from an unknown channel, not pos",
        ),
        ({"channels_exclude": "we*"}, {}, "it came from web"),
        ({"channels_exclude": "pos"}, {}, ""),
        ({"buyer": "b2b"}, {"company": ACME}, ""),
        ({"buyer": "b2b"}, {}, "it was not placed by a company"),
        ({"buyer": "no_b2b"}, {}, ""),
        ({"buyer": "no_b2b"}, {"company": ACME}, "it was placed by the company Acme Ltd"),
        ({"countries_include": "de, us"}, {}, ""),
        ({"countries_include": "DE"}, {}, "it goes to US, not DE"),
        ({"countries_include": "DE"}, {"shipping": None, "billing": Address(country="DE")}, ""),
        ({"countries_include": "DE"}, {"shipping": None}, "it goes to an unknown country, not DE"),
        ({"countries_exclude": "US"}, {}, "it goes to US"),
        ({"countries_exclude": "US"}, {"shipping": None}, ""),
        ({"amount_from": Decimal("69.27")}, {}, ""),
        ({"amount_from": Decimal("69.28")}, {}, "it comes to 69.27 USD, less than 69.28"),
        ({"amount_to": Decimal("69.27")}, {}, ""),
        ({"amount_to": Decimal("69.2600")}, {}, "it comes to 69.27 USD, more than 69.26"),
        ({"amount_from": Decimal(100)}, {}, "it comes to 69.27 USD, less than 100"),
        ({"amount_from": Decimal(0)}, {"total": "0.00"}, ""),
        ({"test": "only"}, {"test": True}, ""),
        ({"test": "only"}, {}, "it is no test order"),
        ({"test": "no"}, {}, ""),
        ({"test": "no"}, {"test": True}, "it is a test order"),
    ],
)
def test_each_line_of_a_filter(wanted: dict[str, Any], changes: dict[str, Any], expected: str) -> None:
    assert why(wanted, **changes) == expected


LATE = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
"""Half past eleven in the evening of 30 November in New York."""


@pytest.mark.parametrize(
    ("wanted", "zone", "expected"),
    [
        ({"placed_to": date(2026, 11, 30)}, NEW_YORK, ""),
        (
            {"placed_to": date(2026, 11, 30)},
            "Europe/London",
            "it was placed on 01 Dec 2026, after 30 Nov 2026",
        ),
        ({"placed_from": date(2026, 12, 1)}, NEW_YORK, "it was placed on 30 Nov 2026, before 01 Dec 2026"),
        ({"placed_from": date(2026, 12, 1)}, "Europe/London", ""),
        ({"placed_from": date(2026, 11, 30), "placed_to": date(2026, 11, 30)}, NEW_YORK, ""),
    ],
)
def test_the_day_is_the_shops_own(wanted: dict[str, Any], zone: str, expected: str) -> None:
    assert why(wanted, zone, created_at=LATE) == expected


def test_every_line_must_hold_and_the_first_that_does_not_is_named() -> None:
    wanted = OrderFilter(channels_include="web", tags_include="vip", countries_include="DE", amount_from=500)
    no = refusal(order(), wanted, NEW_YORK)
    assert no is not None
    assert (no.field, no.title, no.why) == ("countries_include", "Countries", "it goes to US, not DE")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount_from": Decimal(10), "amount_to": Decimal("9.99")}, "amount_to"),
        ({"placed_from": date(2026, 12, 1), "placed_to": date(2026, 11, 30)}, "placed_to"),
        ({"countries_include": "DE, Germany"}, "countries_include"),
        ({"financial_statuses": ["PAYED"]}, "financial_statuses"),
        ({"fulfillment_statuses": "FULFILLED"}, "fulfillment_statuses"),
        ({"risks": ["ACCEPT"]}, "risks"),
        ({"buyer": "everybody"}, "buyer"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_meant_is_refused(values: dict[str, Any], field: str) -> None:
    shop = Shop.objects.create(key="demo", name="Demo", domain="demo.myshopify.com")
    with pytest.raises(ValidationError) as caught:
        OrderFilter(shop=shop, **values).full_clean()
    assert set(caught.value.message_dict) == {field}
