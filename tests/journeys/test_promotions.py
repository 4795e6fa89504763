"""A discount keeps Shopify's amount whichever promotion it is mapped to, and an unmapped code is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erps.models import ReferenceKind, ReferenceRecord
from erps.reference import refresh
from erps.registry import adapter_for
from mappings.models import MapKind, ValueMapping
from syncflows.models import Attempt
from tests.journeys.world import World


def record(world: World, name: str) -> Any:
    """The order's document as NetSuite's record service answers it."""
    document = world.document(name)
    return world.books.send("GET", f"/record/v1/salesOrder/{document.id}?expandSubResources=true")


def promotions(world: World, name: str) -> list[str]:
    return [row["promoCode"]["id"] for row in record(world, name).get("promotions", {"items": []})["items"]]


def test_a_promotion_that_gives_nothing_of_its_own_stands_on_the_document(world: World) -> None:
    world.place("#2015")
    world.run()
    assert world.outcome("#2015") == ("done", "")
    assert promotions(world, "#2015") == ["43"]
    document = world.document("#2015")
    assert (document.lines[1].item, document.lines[1].amount) == ("Shopify discount", Decimal("-3.75"))
    assert document.lines[1].description == "Discount NEWSLETTER (promotion Newsletter)"
    assert document.total == Decimal("28.95")


def test_one_with_a_discount_of_its_own_is_only_named_and_takes_nothing_off_twice(world: World) -> None:
    world.place("#2016")
    world.run()
    assert world.outcome("#2016") == ("done", "")
    assert promotions(world, "#2016") == []
    document = world.document("#2016")
    assert document.lines[1].description == "Discount SUMMER20 (promotion Summer sale)"
    assert (document.lines[1].amount, document.total) == (Decimal("-6.00"), Decimal("31.93"))


def test_a_promotion_that_was_given_a_rate_since_is_found_when_the_order_is_read_back(world: World) -> None:
    """The hub read a rate of 0; meanwhile the account gives 10 % of 27.20 (goods less discount, and shipping)."""
    ReferenceRecord.objects.filter(kind=ReferenceKind.PROMOTION, erp_id="41").update(extra={"rate": "0"})
    ValueMapping.objects.filter(kind=MapKind.DISCOUNT, source="NEWSLETTER").update(promotion_id="41")
    world.place("#2015")
    world.run()
    sync = world.sync("#2015")
    assert (sync.state, sync.reason_code) == ("blocked", "READBACK_DIFFERS")
    assert "28.95" in sync.reason
    assert "26.23" in sync.reason


def test_the_reference_data_says_what_each_promotion_gives(world: World) -> None:
    connection = world.shops["demo-store"].erp_connection
    assert connection is not None
    refresh(connection, adapter_for(connection), [ReferenceKind.PROMOTION])
    rows = ReferenceRecord.objects.filter(kind=ReferenceKind.PROMOTION).order_by("erp_id")
    assert [(row.name, row.code, row.extra) for row in rows] == [
        ("SAVE10", "SAVE10", {"discounttype": "percent", "rate": "10"}),
        ("WELCOME5", "WELCOME5", {"discounttype": "flat", "rate": "5"}),
        ("Newsletter", "NEWSLETTER", {"discounttype": "percent", "rate": "0"}),
        ("Summer sale", "SUMMER20", {"discounttype": "percent", "rate": "20"}),
    ]


def test_an_unmapped_code_goes_to_the_default_row_and_is_on_the_timeline(world: World) -> None:
    item = ReferenceRecord.objects.get(kind=ReferenceKind.ITEM, name="Shopify discount")
    ValueMapping.objects.create(
        shop=world.shops["demo-store"], kind=MapKind.DISCOUNT, target_id=item.erp_id, target_label=item.name
    )
    world.place("#2012")
    world.run()
    sync = world.sync("#2012")
    assert (sync.state, world.document("#2012").total) == ("done", Decimal("46.22"))
    sentence = "Discount code 'INFLUENCER7' is unmapped; it is booked on Shopify discount."
    assert sentence in sync.warnings
    attempt = Attempt.objects.filter(sync=sync).latest("pk")
    assert sentence in attempt.notes
