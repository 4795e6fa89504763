"""Customer rules and customer links: filled in by people, unlinked with a reason, and lists that stay cheap."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from canonical.documents import DocumentKind, RecordRef, Ref
from mappings.links import assign_customer, live_links, record_link
from mappings.models import CustomerRules, RecordLink
from shops.models import Shop

pytestmark = pytest.mark.django_db
RULES = {
    "import_customers": "on", "import_companies": "on", "company_match": "link_only", "companies_as": "location",
    "create_companies": "on", "tax_id_field": "", "default_company": "",
}  # fmt: skip


def link(shop: Shop, source_id: str, erp_id: str) -> RecordLink:
    record = RecordRef(kind=DocumentKind.CUSTOMER, id=erp_id, number=f"CUST{erp_id}")
    return record_link(shop, DocumentKind.CUSTOMER, source_id, record)


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_rules_are_filled_in_and_ask_for_what_they_need(boss: Client, shop: Shop) -> None:
    address = reverse("admin:mappings_customerrules_add")
    form = {**RULES, "shop": shop.pk}
    answer = boss.post(address, {**form, "company_match": "tax_id"})
    assert "Name the ERP field" in errors(answer)["tax_id_field"][0]
    answer = boss.post(address, {**form, "company_match": "default_company"})
    assert "Choose the customer all orders of companies go to." in errors(answer)["default_company"][0]
    answer = boss.post(address, {**form, "tax_id_field": "x; DROP"})
    assert "vatRegNumber" in errors(answer)["tax_id_field"][0]
    answer = boss.post(
        address,
        {**form, "company_match": "tax_id", "tax_id_field": "custentity_tax", "default_company": "2007"},
    )
    assert answer.status_code == 302, errors(answer)
    stored = CustomerRules.objects.get()
    assert (stored.tax_id_field, stored.default_company_id, stored.import_customers) == (
        "custentity_tax", "2007", True,
    )  # fmt: skip
    page = boss.get(reverse("admin:mappings_customerrules_change", args=[stored.pk]))
    assert page.status_code == 200


def test_support_reads_the_rules_and_changes_nothing(boss: Client, client_of: Any, shop: Shop) -> None:
    rules = CustomerRules.objects.create(shop=shop)
    page = client_of("support").get(reverse("admin:mappings_customerrules_change", args=[rules.pk]))
    assert page.status_code == 200
    assert "Save" not in page.content.decode()


def test_a_customer_is_unlinked_with_a_reason(client_of: Any, shop: Shop) -> None:
    kept = link(shop, "loc-6", "60")
    address = reverse("admin:mappings_customerlink_unlink_customer", args=[kept.pk])
    assert client_of("support").post(address, {"_form_submitted": "True", "reason": "x"}).status_code == 403
    olga = client_of("operations")
    assert (
        "Say why it is unlinked."
        in olga.post(address, {"_form_submitted": "True", "reason": ""}).content.decode()
    )
    answer = olga.post(address, {"_form_submitted": "True", "reason": "Merged there"})
    assert answer["HX-Redirect"] == reverse("admin:mappings_customerlink_changelist")
    kept.refresh_from_db()
    assert (kept.unlink_reason, str(kept.unlinked_by)) == ("Merged there", "operations-person")
    assert kept.unlinked_at is not None
    page = olga.get(answer["HX-Redirect"]).content.decode()
    assert "Company location 6 is unlinked from CUST60." in page


def test_the_list_shows_customers_only_and_costs_the_same(boss: Client, shop: Shop) -> None:
    record_link(
        shop, DocumentKind.SALES_ORDER, "1", RecordRef(kind=DocumentKind.SALES_ORDER, id="1", number="SO1")
    )
    address = reverse("admin:mappings_customerlink_changelist")
    for number in range(2):
        link(shop, f"{number}", f"{100 + number}")
    boss.get(address)
    with CaptureQueriesContext(database) as few:
        page = boss.get(address).content.decode()
    assert "Customer 1" in page
    assert "SO1" not in page
    for number in range(2, 30):
        link(shop, f"guest-{number}", f"{100 + number}")
    with CaptureQueriesContext(database) as many:
        boss.get(address)
    assert len(many) == len(few)
    assert len(many) <= 14


def test_assigning_takes_the_place_of_the_link_there_is(shop: Shop) -> None:
    old = link(shop, "7", "40")
    new = assign_customer(shop, "7", Ref("41", "Other"), by=None, reason="It is them")
    assert live_links(shop, DocumentKind.CUSTOMER, ["7"])["7"].erp_id == "41"
    old.refresh_from_db()
    assert (old.unlink_reason, new.recovered) == ("It is them", True)
    again = assign_customer(shop, "7", Ref("41", "Other"), by=None, reason="Again")
    assert (again.pk, RecordLink.objects.count()) == (new.pk, 2)
