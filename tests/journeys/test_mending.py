"""A blocked order is mended where the sentence says, retried, and written once; the others did not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from common.causes import CAUSES
from erps.models import ReferenceKind, ReferenceRecord
from mappings.models import Behaviour, MapKind, TargetKind, ValueMapping
from syncflows import actions
from syncflows.models import Action, Sync
from syncflows.pipeline.run import drain
from tests.journeys.world import World


def retry(name: str) -> None:
    assert actions.retry(None, Sync.objects.filter(name=name)) == 1
    drain(seconds=60)


def map_row(
    world: World, kind: MapKind, source: str, reference: ReferenceKind, name: str, **more: Any
) -> None:
    """What a person does on the mapping page: choose a record by its name."""
    target = ReferenceRecord.objects.get(kind=reference, name=name)
    ValueMapping.objects.update_or_create(
        shop=world.shops["demo-store"], kind=kind, source=source,
        defaults={"target_id": target.erp_id, "target_label": name, "behaviour": Behaviour.USE, **more},
    )  # fmt: skip


def item_row(world: World, sku: str, item_id: str) -> None:
    ValueMapping.objects.create(
        shop=world.shops["demo-store"], kind=MapKind.ITEM, source=sku, target_id=item_id, target_label=sku
    )


def channel_tax_row(world: World) -> None:
    map_row(world, MapKind.TAX, "channel-liable", ReferenceKind.TAX_CODE, "Shopify tax", tax_type_id="1")


MENDED: dict[str, tuple[str, str, Callable[[World], None], str, str]] = {
    "#1037": ("UNKNOWN_SKU", "NOPE-404", lambda world: item_row(world, "nope-404", "509"), "17.86", "BAG"),
    "#1038": ("AMBIGUOUS_SKU", "DUP-1", lambda world: item_row(world, "DUP-1", "511"), "29.77", "DUP-1"),
    "#1045": ("INACTIVE_ITEM", "OLD-1", lambda world: item_row(world, "OLD-1", "508"), "12.45", "STICKER"),
    "#1039": (
        "UNMAPPED_SHIPMENT_METHOD",
        "drone",
        lambda world: map_row(
            world, MapKind.SHIPMENT_METHOD, "drone", ReferenceKind.SHIP_METHOD, "Boston pick-up"
        ),
        "41.24",
        "MUG",
    ),
    "#1052": ("UNMAPPED_CHANNEL_TAX", "channel-liable", channel_tax_row, "22.19", "MUG"),
}


@pytest.mark.parametrize("name", MENDED)
def test_a_blocked_order_is_written_once_its_row_is_there(world: World, name: str) -> None:
    code, value, mend, total, item = MENDED[name]
    world.place(name, "#1005")
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code, sync.reason_value) == ("blocked", code, value)
    assert name in sync.reason
    assert CAUSES[code].fix
    assert CAUSES[code].where
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1

    retry(name)
    assert world.outcome(name) == ("blocked", code)

    mend(world)
    retry(name)
    assert world.outcome(name) == ("done", "")
    document = world.document(name)
    assert (document.total, document.lines[0].item) == (Decimal(total), item)
    if name == "#1039":
        assert document.ship_method == "Boston pick-up"
    world.again()
    assert world.books.count() == 2
    assert Action.objects.filter(sync__name=name, kind="retry").count() == 2


def test_an_item_made_active_in_netsuite_is_enough(world: World) -> None:
    world.place("#1045")
    world.run()
    assert world.outcome("#1045") == ("blocked", "INACTIVE_ITEM")
    world.post(f"{world.link.netsuite}/_sandbox/items/inactive", {"id": 514, "inactive": False})
    retry("#1045")
    assert world.outcome("#1045") == ("done", "")
    assert world.document("#1045").lines[0].item == "OLD-1"


def test_many_orders_of_one_cause_are_mended_by_one_row(world: World) -> None:
    world.place("#1037", "#1005")
    for _ in range(2):
        world.buy({"NOPE-404": 1})
    world.run()
    blocked = Sync.objects.filter(reason_code="UNKNOWN_SKU", reason_value="NOPE-404")
    assert blocked.count() == 3
    item_row(world, "NOPE-404", "509")
    assert actions.retry(None, blocked) == 3
    drain(seconds=60)
    assert not Sync.objects.exclude(state="done").exists()
    assert world.books.count() == 4


def test_a_risky_order_waits_until_a_person_imports_it(world: World) -> None:
    world.place("#1036")
    world.run()
    assert world.outcome("#1036") == ("blocked", "HIGH_RISK")
    retry("#1036")
    assert world.outcome("#1036") == ("blocked", "HIGH_RISK")
    actions.import_now(None, Sync.objects.filter(name="#1036"), "Called the customer")
    drain(seconds=60)
    assert world.outcome("#1036") == ("done", "")
    document = world.document("#1036")
    assert (document.total, document.status) == (Decimal("231.40"), "A")  # still to be approved in NetSuite
    world.again()
    assert world.books.count() == 1


def test_a_charge_mapped_to_an_account_without_an_item_blocks_until_it_names_another(world: World) -> None:
    def book_shipping_on(account: str) -> None:
        found = ReferenceRecord.objects.get(kind=ReferenceKind.ACCOUNT, name=account)
        ValueMapping.objects.filter(kind=MapKind.ACCOUNT, source="shipping").update(
            target_kind=TargetKind.ACCOUNT, target_id=found.erp_id, target_label=account
        )

    book_shipping_on("Goodwill")
    world.place("#1005")
    world.run()
    sync = world.sync("#1005")
    assert (sync.state, sync.reason_code, sync.reason_value) == ("blocked", "NO_CHARGE_ITEM", "Goodwill")
    book_shipping_on("Shipping revenue")
    retry("#1005")
    assert world.outcome("#1005") == ("done", "")
    assert world.document("#1005").lines[1].item == "Shopify shipping"
