"""What an order becomes is the shop's choice, and whatever it becomes is one document, equal to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from canonical.documents import DocumentKind
from erps.netsuite import adapter
from erps.port import ErpAdapter
from erps.registry import adapter_for
from mappings.models import RecordLink
from sandbox.shopify.seeding import demo_orders
from syncflows import actions
from syncflows.admin.deep_links import record_url
from syncflows.models import Attempt, OrderRules, Sync
from syncflows.pipeline.run import drain
from tests.journeys.world import STORE, World


@pytest.fixture(autouse=True)
def minutes_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute in which an account is not asked again is over at once."""
    monkeypatch.setattr(adapter, "RELEARN_SECONDS", 0.0)


def pour(world: World, name: str, **changes: Any) -> str:
    """A demo order with some fields changed; returns its external id without the kind."""
    (order,) = [each for each in demo_orders(STORE) if each["name"] == name]
    world.pour([{**order, **changes}])
    return world.names()[name]


def test_an_order_with_nothing_to_ship_becomes_a_cash_sale(world: World) -> None:
    OrderRules.objects.update(unshippable_document="cash_sale")
    number = pour(world, "#1004")
    world.run()
    world.again()
    assert world.outcome("#1004") == ("done", "")
    assert world.books.kinds() == {f"shp-{STORE}-cs-o{number}": "CashSale"}
    sale = world.books.document(f"shp-{STORE}-cs-o{number}", "cashSale")
    assert (sale.total, sale.order_id, sale.other_number) == (Decimal("50.00"), number, "#1004")
    assert [(line.item, line.amount) for line in sale.lines] == [("Gift card", Decimal(50))]
    assert sale.payment_method == "Shopify Payments"
    assert sale.number.startswith("CS")
    link = RecordLink.objects.get(kind=DocumentKind.CASH_SALE)
    assert (link.source_id, link.erp_number, link.total) == (number, sale.number, Decimal(50))
    assert record_url(link.connection, link.erp_id, kind=link.kind).endswith(f"/cashsale.nl?id={sale.id}")
    assert world.numbers_in_shopify()["#1004"] == sale.number
    notes = Attempt.objects.get(outcome="written").notes
    assert any("Cash sale released at once." in note for note in notes)


def test_without_a_payment_method_the_money_of_a_cash_sale_is_undeposited(world: World) -> None:
    OrderRules.objects.update(unshippable_document="cash_sale")
    world.shops[STORE].value_mappings.filter(kind="payment_method").delete()
    number = pour(world, "#1004")
    world.run()
    sale = world.books.document(f"shp-{STORE}-cs-o{number}", "cashSale")
    assert (sale.payment_method, sale.body["undepFunds"]["id"]) == ("", "T")


def test_an_order_shipped_before_import_becomes_an_invoice_and_need_not_wait(world: World) -> None:
    OrderRules.objects.update(fulfilled_document="invoice")
    number = pour(world, "#1028")
    world.place("#1005")
    world.run()
    assert (world.outcome("#1028"), world.outcome("#1005")) == (("done", ""), ("done", ""))
    invoice = world.books.document(f"shp-{STORE}-inv-o{number}", "invoice")
    assert (invoice.total, invoice.status) == (Decimal("25.98"), "Open")
    assert world.document("#1005").status == "B"
    assert world.sync("#1028").warnings == []


@pytest.mark.parametrize(
    ("due", "day"), [("2026-12-09T15:30:00Z", "2026-12-09"), ("2026-12-09T03:30:00Z", "2026-12-08")]
)
def test_a_cash_sale_says_the_money_is_here_so_an_unpaid_order_becomes_an_invoice_due_by_its_terms(
    world: World, due: str, day: str
) -> None:
    """Ten at night in New York is still the day before."""
    OrderRules.objects.update(fulfilled_document="cash_sale")
    (order,) = [each for each in demo_orders(STORE) if each["name"] == "#1031"]
    terms = order["paymentTerms"]
    terms["paymentSchedules"]["nodes"][0]["dueAt"] = due
    number = pour(world, "#1031", displayFulfillmentStatus="FULFILLED", paymentTerms=terms)
    world.run()
    invoice = world.books.document(f"shp-{STORE}-inv-o{number}", "invoice")
    assert (invoice.total, invoice.terms, invoice.due) == (Decimal("505.95"), "Net 30", day)


def test_an_order_paid_with_a_gift_card_too_becomes_an_invoice(world: World) -> None:
    OrderRules.objects.update(fulfilled_document="cash_sale")
    number = pour(world, "#1002", displayFulfillmentStatus="FULFILLED")
    world.run()
    assert world.books.kinds() == {f"shp-{STORE}-inv-o{number}": "CustInvc"}


def test_an_order_keeps_its_document_when_the_rules_change(world: World) -> None:
    number = pour(world, "#1004")
    world.run()
    OrderRules.objects.update(unshippable_document="cash_sale")
    actions.retry(None, Sync.objects.all())
    drain(seconds=60)
    assert world.outcome("#1004") == ("done", "")
    assert world.books.kinds() == {f"shp-{STORE}-so-{number}": "SalesOrd"}


@pytest.mark.parametrize("action", ["drop_after_commit", "commit_late"])
def test_a_document_that_may_be_on_its_way_keeps_its_kind(world: World, action: str) -> None:
    """The other kind has another external id, which NetSuite would not refuse."""
    number = pour(world, "#1004")
    more = {"after_s": 0.5, "status": 0} if action == "commit_late" else {}
    world.fault("netsuite", action=action, match={"method": "POST", "path": "/record/v1/salesOrder"}, **more)
    world.run()
    assert world.outcome("#1004")[0] == "waiting"
    OrderRules.objects.update(unshippable_document="invoice")
    world.clear_faults()
    world.do(number, "note", note="looked at again")
    world.again()
    assert world.outcome("#1004") == ("done", "")
    assert world.books.kinds() == {f"shp-{STORE}-so-{number}": "SalesOrd"}


def test_an_invoice_waits_for_approval_where_invoices_are_approved(world: World) -> None:
    OrderRules.objects.update(unshippable_document="invoice", approve_documents=False)
    number = pour(world, "#1004")
    world.run()
    assert world.outcome("#1004") == ("blocked", "ERP_NO_APPROVAL")
    assert world.books.kinds() == {}
    world.account(invoice_approval=True)
    world.run()
    actions.retry(None, Sync.objects.all())
    drain(seconds=60)
    assert world.outcome("#1004") == ("done", "")
    invoice = world.books.document(f"shp-{STORE}-inv-o{number}", "invoice")
    assert (invoice.status, invoice.body["approvalStatus"]["id"]) == ("Pending Approval", "1")


def test_an_invoice_is_approved_at_once_where_invoices_are_approved(world: World) -> None:
    world.account(invoice_approval=True)
    OrderRules.objects.update(unshippable_document="invoice")
    number = pour(world, "#1004")
    _adapter(world).relearn()
    world.run()
    invoice = world.books.document(f"shp-{STORE}-inv-o{number}", "invoice")
    assert (invoice.status, invoice.body["approvalStatus"]["id"]) == ("Open", "2")


def test_a_cash_sale_cannot_wait_so_the_order_becomes_a_sales_order_that_does(world: World) -> None:
    OrderRules.objects.update(unshippable_document="cash_sale", approve_documents=False)
    world.place("#1004")
    world.run()
    assert world.document("#1004").status == "A"
    assert world.sync("#1004").warnings == [
        "A cash sale cannot wait for approval: the order becomes a sales order."
    ]


def test_suitetax_switched_on_since_is_noticed_before_anybody_is_told_it_is_missing(world: World) -> None:
    world.account(tax_mode="legacy")
    assert _adapter(world).relearn()
    world.account(tax_mode="suitetax")
    world.place("#1005")
    world.run()
    assert world.outcome("#1005") == ("done", "")


def test_an_account_without_suitetax_is_asked_once_for_all_orders_of_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "RELEARN_SECONDS", 60.0)
    world.account(tax_mode="legacy")
    found = _adapter(world)
    assert found.relearn()
    world.account(tax_mode="suitetax")
    assert not found.relearn()
    world.place("#1005", "#1006")
    world.run()
    assert world.outcome("#1005") == world.outcome("#1006") == ("blocked", "ERP_TAX_SETUP")


def test_the_preview_names_the_kind(world: World, admin_client: Any) -> None:
    OrderRules.objects.update(unshippable_document="cash_sale")
    world.place("#1004")
    world.run()
    page = admin_client.get(reverse("admin:syncflows_order_preview_order", args=[world.sync("#1004").pk]))
    assert "Document: <strong>Cash sale</strong>" in page.content.decode()
    assert '"undepFunds"' not in page.content.decode()


def test_the_order_page_and_the_list_lead_to_the_cash_sale(world: World, admin_client: Any) -> None:
    OrderRules.objects.update(unshippable_document="cash_sale")
    world.place("#1004")
    world.run()
    page = admin_client.get(
        reverse("admin:syncflows_order_change", args=[world.sync("#1004").pk])
    ).content.decode()
    assert "Cash sale" in page
    assert "/cashsale.nl?id=" in page
    listed = admin_client.get(reverse("admin:syncflows_order_changelist")).content.decode()
    assert "/cashsale.nl?id=" in listed


def _adapter(world: World) -> ErpAdapter:
    connection = world.shops[STORE].erp_connection
    assert connection is not None
    return adapter_for(connection)
