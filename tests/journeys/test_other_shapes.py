"""Shapes beyond figures: texts of any kind, texts that do not fit, and books in the money the customer saw."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from canonical.documents import TaxStrategy
from shops.models import Shop
from syncflows.models import Attempt
from tests.factories import make_person
from tests.journeys.expected import table
from tests.journeys.test_tax_strategies import compare
from tests.journeys.world import World

PRESENTMENT = Path(__file__).with_name("presentment_documents.txt")
PO = "NORDKAUF-2026-11-16/Einkauf-Hamburg/Kostenstelle-4711/Projekt-Weihnachten-2026-A"


def notes(world: World, name: str) -> list[str]:
    """What the timeline says beside the run that wrote the order."""
    attempt = Attempt.objects.get(sync=world.sync(name), outcome="written")
    return [str(note) for note in attempt.notes][1:]


def test_what_does_not_fit_is_cut_and_said_on_the_timeline(world: World) -> None:
    world.place("#2244", "#2245", "#2251", "#2229", "#2243")
    world.run()
    assert notes(world, "#2251") == [
        "The PO number has 80 characters, NetSuite takes 45: the rest was left off."
    ]
    assert world.document("#2251").other_number == PO[:45]
    assert notes(world, "#2245") == [
        "Line 1 of the address has 300 characters, NetSuite takes 150: the rest was left off.",
        "Line 2 of the address has 300 characters, NetSuite takes 150: the rest was left off.",
    ]
    cut = world.document("#2245").shipping["addr1"]
    assert (len(cut), cut[-1], cut[:10]) == (150, "…", "Upper flat")
    assert notes(world, "#2244") == [
        "The country 'ZZ' of the address was left out: there is no such country."
    ]
    assert "country" not in world.document("#2244").shipping
    assert notes(world, "#2229") == [
        "'City poster - A2' is a product without a SKU; it is booked on Custom product."
    ]
    assert notes(world, "#2243") == []
    assert "state" not in world.document("#2243").shipping
    said = Client()
    said.force_login(make_person("aude", "view_order"))
    page = said.get(f"/admin/syncflows/order/{world.sync('#2251').pk}/change/").content.decode()
    assert "The PO number has 80 characters, NetSuite takes 45" in page


def test_texts_in_any_script_are_written_as_they_are_and_shown_escaped(world: World) -> None:
    world.place("#2240", "#2241", "#2242")
    world.run()
    arabic, japanese, markup = (world.document(name) for name in ("#2240", "#2241", "#2242"))
    assert arabic.shipping["addr1"] == "شارع سالم المبارك ٥"
    assert (arabic.shipping["addressee"], arabic.lines[0].description) == (
        "مكتبة النور", "Enamel mug (الاسم: ليلى)",
    )  # fmt: skip
    assert japanese.lines[0].description == (
        "Cotton tee - Navy / M (Gift message: お誕生日おめでとう 🎉👩‍👩‍👧)"
    )
    assert markup.lines[0].description == '=HYPERLINK("http://evil.example","Refund")'
    assert markup.shipping["addressee"] == '=HYPERLINK("http://evil.example","Invoice")'
    assert markup.shipping["addr1"] == "<img src=x onerror=alert(1)>"
    viewer = Client()
    viewer.force_login(make_person("aude", "view_order"))
    order_page = f"/admin/syncflows/order/{world.sync('#2242').pk}/change/"
    shown = ""
    for address in ("/admin/syncflows/order/", order_page):
        shown = viewer.get(address).content.decode()
        assert "#2242" in shown
        for bad in ("<script>alert", "<img src=x", "<b>tag</b>"):
            assert bad not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_books_in_the_money_the_customer_saw(four_stores: World) -> None:
    Shop.objects.update(money_policy="presentment")
    rows = table(PRESENTMENT)
    for row in rows:
        four_stores.place(row.name, store=row.store)
    four_stores.run()
    for row in rows:
        compare(four_stores, row, TaxStrategy.TAX_DETAILS)
        document = four_stores.document(row.name, row.store)
        assert (document.currency, document.customer) == (row.currency, row.customer)


@pytest.mark.parametrize(("name", "rate"), [("#2252", "1.08692011"), ("#2253", "0.72996614")])
def test_the_rate_is_what_the_shop_counted(world: World, name: str, rate: str) -> None:
    """64.90 / 59.71 and 51.74 / 70.88: shop money for one unit of the document's."""
    Shop.objects.update(money_policy="presentment")
    world.place(name)
    world.run()
    body = world.books.send("GET", f"/record/v1/salesOrder/eid:{world.document(name).external_id}")
    assert body["exchangeRate"] == Decimal(rate)
