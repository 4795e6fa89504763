"""The page of one order."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shops.models import Shop
from syncflows.admin.json_text import json_text, spread
from syncflows.admin.labels import age, money
from syncflows.admin.totals import component_rows
from syncflows.models import Action, OrderPayload, Outcome, Sync
from tests.factories import NOON, attempt, blocked, keep, stage, written
from tests.raw_orders import raw_order, usd

NB = "\xa0"


def url(sync: Sync) -> str:
    return f"/admin/syncflows/order/{sync.pk}/change/"


def page(client: Client, sync: Sync) -> str:
    answer = client.get(url(sync))
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).replace(NB, "~").split())


def context(client: Client, sync: Sync) -> Any:
    return client.get(url(sync)).context


def test_both_totals_side_by_side_by_component(as_auditor: Client, shop: Shop) -> None:
    totals = context(as_auditor, written(shop, 1001))["totals"]
    assert (totals["shopify"], totals["erp"], totals["difference"], totals["differs"]) == (
        "69.27", "69.27", "0.00", False,
    )  # fmt: skip
    assert [(r.label, r.shopify, r.document, r.difference) for r in totals["rows"]] == [
        ("Goods", "65.00", "65.00", "0.00"),
        ("Discounts", "-6.50", "-6.50", "0.00"),
        ("Shipping", "5.95", "5.95", "0.00"),
        ("Tax", "4.82", "4.82", "0.00"),
        ("Total", "69.27", "69.27", "0.00"),
    ]


def test_a_blocked_order_shows_the_difference_by_component(as_auditor: Client, shop: Shop) -> None:
    rows = [
        {
            "component": "shipping",
            "shopify": "5.95",
            "document": "0.00",
            "difference": "5.95",
            "currency": "USD",
        },
        {
            "component": "total",
            "shopify": "69.27",
            "document": "63.32",
            "difference": "5.95",
            "currency": "USD",
        },
    ]
    text = page(as_auditor, blocked(shop, 1, code="TOTALS_DIFFER", value="", differences=rows))
    assert "These components do not tie out, so nothing was written" in text
    assert (
        '<th scope="row">Shipping</th> <td class="hub-right">5.95</td> <td class="hub-right">0.00</td>'
        in text
    )


TOTAL_DIFFERS = [{
    "component": "total", "shopify": "69.27", "document": "69.25", "difference": "0.02", "currency": "USD",
}]  # fmt: skip


def test_a_difference_before_the_write_says_that_nothing_was_written(as_auditor: Client, shop: Shop) -> None:
    text = page(as_auditor, blocked(shop, 1, code="TOTALS_DIFFER", differences=TOTAL_DIFFERS))
    assert "so nothing was written" in text
    assert "<strong>not written</strong>" in text


def test_a_difference_found_on_reading_back_does_not(as_auditor: Client, shop: Shop) -> None:
    sync = blocked(shop, 1, code="READBACK_DIFFERS", differences=TOTAL_DIFFERS, document_number="SO-1",
                   document_total=Decimal("69.25"))  # fmt: skip
    text = page(as_auditor, sync)
    assert "The ERP saved other figures than were sent" in text
    assert "nothing was written" not in text
    assert "<strong>69.25</strong>" in text


def test_a_document_that_is_gone_shows_no_figures(as_auditor: Client, shop: Shop) -> None:
    """What was sent must not stand there as if it were still in the ERP."""
    sync = written(shop, 1)
    Sync.objects.update(state="blocked", reason_code="READBACK_MISSING", reason="The ERP does not show it.")
    sync.order.document_total = None
    sync.order.save()
    found = context(as_auditor, sync)["totals"]
    assert (found["shopify"], found["erp"], found["difference"], found["rows"]) == ("69.27", "", "", [])
    text = page(as_auditor, sync)
    assert "<strong>not there any more</strong>" in text
    assert "there is nothing to compare" in text


def test_lines_ledger_and_payments(as_auditor: Client, shop: Shop) -> None:
    found = context(as_auditor, written(shop, 1001))
    assert [tuple(c.replace(NB, " ") for c in row.cells) for row in found["lines"].rows] == [
        ("TEE", "TEE-1", "2", "25.00 USD", "5.00 USD SAVE10", "NY State Tax 3.71 USD"),
        ("MUG", "MUG-1", "1", "15.00 USD", "1.50 USD SAVE10", "NY State Tax 1.11 USD"),
        ("Shipping: Standard", "STD", "", "5.95 USD", "", ""),
    ]
    assert [row.cells[-1].replace(NB, " ") for row in found["ledger"].rows] == [
        "48.71 USD",
        "14.61 USD",
        "5.95 USD",
    ]
    assert [tuple(c.replace(NB, " ") for c in row.cells) for row in found["payments"].rows] == [
        ("Sale", "Shopify Payments · Visa", "Success", "20 Nov 2026 07:00", "69.27 USD")
    ]
    assert found["shipping"] == ["Ada Lovelace", "1 Main St", "12207 Albany NY", "US"]
    assert ("Tags", "vip") in found["particulars"]
    assert found["attributes"] == (("gift", "yes"),)


def test_the_tax_on_shipping_stands_beside_that_on_lines(as_auditor: Client, shop: Shop) -> None:
    sync = written(shop, 1001)
    raw = raw_order()
    tax = {"title": "NY State Tax", "rate": 0.0825, "priceSet": usd("0.49"), "channelLiable": False}
    raw["shippingLines"]["nodes"][0]["taxLines"] = [tax]
    sync.order.payload.body = OrderPayload.pack(raw)
    sync.order.payload.save()
    rows = context(as_auditor, sync)["lines"].rows
    assert rows[-1].cells[-1].replace(NB, " ") == "NY State Tax 0.49 USD"


def test_documents_are_linked_in_both_systems(as_auditor: Client, shop: Shop) -> None:
    documents = context(as_auditor, written(shop, 7))["documents"]
    assert [(d["system"], d["number"]) for d in documents] == [("Shopify", "#7"), ("Oracle NetSuite", "SO-7")]
    assert documents[0]["url"] == "https://admin.shopify.com/store/demo/orders/5000000000007"
    assert documents[1]["url"].startswith("https://1234567.app.netsuite.com/")
    assert documents[1]["url"].endswith("907")


def test_the_timeline_has_both_systems_the_hub_and_people(
    as_operator: Client, operator: User, shop: Shop
) -> None:
    sync = written(shop, 1)
    Action.objects.create(sync=sync, user=operator, kind="import", reason="Customer called", at=NOON)
    entries = [entry for entry, _ in context(as_operator, sync)["timeline"]]
    assert {(entry.who, entry.title.replace(NB, " ")) for entry in entries} == {
        ("Shopify", "Placed"),
        ("Shopify", "Sale 69.27 USD"),
        ("Hub", "Fetched from Shopify"),
        ("Hub", "Attempt 1: Written"),
        ("ERP", "Sales order SO-1 created"),
        ("ERP", "SO-1 read back: total and lines are equal"),
        ("olga", "Import"),
    }
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
    written_attempt = next(entry for entry in entries if entry.title == "Attempt 1: Written")
    assert ("Took", "2.0 s") in written_attempt.facts


def test_an_attempt_that_was_cut_off_says_what_happens_next(as_auditor: Client, shop: Shop) -> None:
    sync = stage(shop, 1, state="waiting", reason_code="LEASE_EXPIRED", reason="Taken up again.")
    attempt(sync, Outcome.INTENT)
    text = page(as_auditor, sync)
    assert "Attempt 1: Cut off" in text
    assert "looks in the ERP for the external id before anything is sent again" in text


def test_requests_and_answers_are_shown_masked(as_auditor: Client, shop: Shop) -> None:
    sync = blocked(shop, 1)
    calls = [{
        "system": "NetSuite", "method": "POST", "url": "https://erp.example/record", "status": 400, "milliseconds": 31,
        "request": '{"access_token": "shpat_123", "rate": 25.10, "memo": "<script>x</script>"}',
        "response": '{"title": "Invalid"}', "error": "",
    }]  # fmt: skip
    row = attempt(sync, Outcome.BLOCKED, calls=calls)
    raw = as_auditor.get(f"/admin/syncflows/order/attempts/{row.pk}/calls/").content.decode()
    assert "shpat_123" not in raw
    assert "<script>x" not in raw
    text = unescape(raw)
    assert '"rate": 25.10' in text
    assert '"access_token": "***"' in text
    assert "400 · 31 ms" in text
    assert "shpat_123" not in page(as_auditor, sync)


def test_a_silent_attempt_offers_nothing_to_open(as_auditor: Client, shop: Shop) -> None:
    sync = blocked(shop, 1)
    attempt(sync, Outcome.BLOCKED, calls=[])
    assert "What was sent and answered" not in page(as_auditor, sync)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"name": "#1", "access_token": "shpat_secret", "note": "<script>alert(1)</script>"},
        raw_order(totalPriceSet=None),
        raw_order(lineItems="nothing"),
        raw_order(totalPriceSet=usd("69.271")),
    ],
)
def test_an_order_that_cannot_be_read_has_a_page(
    as_auditor: Client, shop: Shop, document: dict[str, Any]
) -> None:
    sync = blocked(shop, 1, code="UNREADABLE_ORDER", value="totalPriceSet", reason="Order #1 cannot be read.")
    keep(sync, document)
    raw = as_auditor.get(url(sync)).content.decode()
    assert "The stored order cannot be read" in raw
    assert "shpat_secret" not in raw
    assert "<script>alert" not in raw


def test_a_damaged_payload_has_a_page(as_auditor: Client, shop: Shop) -> None:
    sync = blocked(shop, 1)
    row = keep(sync, raw_order())
    row.body = b"not zlib"
    row.save()
    assert "cannot be unpacked" in page(as_auditor, sync)


def test_an_order_not_fetched_yet_says_so(as_auditor: Client, shop: Shop) -> None:
    assert "found but not fetched yet" in page(as_auditor, stage(shop, 1))


def test_everything_from_an_order_is_escaped(as_auditor: Client, shop: Shop) -> None:
    evil = "<script>alert(1)</script>"
    order = raw_order(name=evil, note=evil, tags=[evil], customAttributes=[{"key": evil, "value": evil}])
    order["lineItems"]["nodes"][0] |= {"title": evil, "sku": evil}
    order["shippingAddress"] |= {"address1": evil, "firstName": evil}
    order["transactions"][0] |= {"formattedGateway": evil, "status": evil}
    sync = blocked(shop, 1, customer_name=evil, reason=evil, value=evil, detail=evil, warnings=[evil])
    keep(sync, order)
    attempt(sync, Outcome.BLOCKED, message=evil, detail=evil, notes=[evil])
    raw = as_auditor.get(url(sync)).content.decode()
    assert "<script>alert" not in raw
    assert raw.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 12


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("pending", ["import_order", "retry_order", "exclude_order"]),
        ("blocked", ["import_order", "retry_order", "exclude_order"]),
        ("skipped", ["import_order", "retry_order"]),
        ("done", ["retry_order"]),
        ("running", []),
    ],
)
def test_buttons_that_lead_nowhere_are_not_there(
    as_operator: Client, shop: Shop, state: str, expected: list[str]
) -> None:
    found = context(as_operator, stage(shop, 1, state=state))["buttons"]
    basic = ("import_order", "retry_order", "exclude_order")
    assert [b["deed"].name for b in found if b["deed"].name in basic] == expected


def test_no_such_order(as_auditor: Client, db: None) -> None:
    assert as_auditor.get("/admin/syncflows/order/999/change/").status_code == 404
    assert as_auditor.get("/admin/syncflows/order/nonsense/change/").status_code == 404


def test_the_page_costs_the_same_for_one_attempt_and_for_many(as_auditor: Client, shop: Shop) -> None:
    sync = written(shop, 1)
    as_auditor.get(url(sync))
    with CaptureQueriesContext(connection) as one:
        as_auditor.get(url(sync))
    for number in range(2, 40):
        attempt(sync, Outcome.WAITING, number=number)
        Action.objects.create(sync=sync, kind="retry")
    with CaptureQueriesContext(connection) as many:
        as_auditor.get(url(sync))
    assert len(many) == len(one)


def test_long_histories_are_cut_and_say_so(as_auditor: Client, shop: Shop) -> None:
    sync = stage(shop, 1, state="waiting")
    for number in range(1, 56):
        attempt(sync, Outcome.WAITING, number=number, calls=[])
    assert "5 earlier attempts" in page(as_auditor, sync)


def test_components_that_are_not_amounts_are_left_out() -> None:
    assert [
        row.label for row in component_rows({"tax": ["x", "1"], "goods": ["1"], "tip": ["0", "0"]}, "USD")
    ] == []
    assert [row.difference for row in component_rows({"goods": ["1.10", "1.00"]}, "USD")] == ["0.10"]


def test_json_keeps_the_digits_of_amounts() -> None:
    assert json_text({"rate": Decimal("50.00"), "name": "x"}) == '{\n  "rate": 50.00,\n  "name": "x"\n}'
    assert spread('{"rate": 1e-8}') == '{\n  "rate": 1E-8\n}'
    assert spread("grant_type=x&client_secret=abc") == 'grant_type=x&client_secret="***"'


def test_words_for_figures() -> None:
    assert money(Decimal("4812.4"), "USD") == f"4,812.40{NB}USD"
    assert money(Decimal("1.5"), "KWD") == f"1.500{NB}KWD"
    assert money(None, "USD") == ""
    assert age(None) == ""
