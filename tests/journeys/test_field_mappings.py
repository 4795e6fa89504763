"""What stands in an order arrives in further fields of NetSuite's records, and a mapping that fails stops only its
orders."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from mappings.field_sets import FieldMapping
from mappings.field_versions import publish, save_draft, start_draft
from shops.models import Shop
from syncflows.models import Sync
from syncflows.pipeline.run import drain
from tests.journeys.world import World


def mapping(name: str, target: str, source: str, **values: Any) -> FieldMapping:
    """A row for the header, from a field of the catalogue, into text."""
    given = {"level": "header", "source_kind": "field", "target_type": "text"}
    return FieldMapping(name=name, target=target, source=source, **{**given, **values})


def use(shop: Shop, rows: Sequence[FieldMapping]) -> None:
    """Publish these mappings."""
    draft = start_draft(shop, None)
    draft = save_draft(draft, draft.revision, list(rows), None)
    publish(draft, draft.revision, None, "for the test")


def record(world: World, name: str) -> dict[str, Any]:
    """The sales order as NetSuite shows it."""
    key = f"shp-demo-store-so-{world.names()[name]}"
    body: dict[str, Any] = world.books.send("GET", f"/record/v1/salesOrder/eid:{key}?expandSubResources=true")
    return body


def test_values_arrive_in_fields_of_every_type(world: World) -> None:
    use(world.shops["demo-store"], [
        mapping("Gift message", "custbody_gift_message", "order.name", transforms="prefix 'Order '"),
        mapping("Deliver by", "custbody_deliver_by", "order.created_date", target_type="date"),
        mapping("Placed at", "custbody_placed_at", "order.created_at", target_type="datetime"),
        mapping("Web", "custbody_priority", "yes", source_kind="fixed", target_type="checkbox"),
        mapping("Points", "custbody_points", "order.total", target_type="number"),
        mapping("Source", "custbody_order_source", "order.source_name", target_type="select", lookup_kind="table",
                lookup_rows=[["web", "2"], ["pos", "3"]]),
        mapping("Engraving", "custcol_engraving", "join(' ', [line.sku, 'x', to_string(line.quantity)])",
                level="line", source_kind="expression"),
        mapping("Weight", "custcol_weight", "line.quantity", level="line", target_type="number"),
    ])  # fmt: skip
    _, name = world.buy({"TEE": 2, "MUG": 1}, code="SAVE10")
    world.run()
    assert world.outcome(name) == ("done", "")
    body = record(world, name)
    order = world.sync(name).order
    assert body["custbody_gift_message"] == f"Order {name}"
    assert body["custbody_points"] == Decimal("69.27")
    assert body["custbody_priority"] is True
    assert body["custbody_order_source"]["id"] == "2"
    assert body["custbody_deliver_by"] == body["tranDate"]
    assert body["custbody_placed_at"] == order.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [(line.get("custcol_engraving"), line.get("custcol_weight")) for line in body["item"]["items"]] == [
        ("TEE x 2", Decimal(2)), (None, None), ("MUG x 1", Decimal(1)), (None, None), (None, None),
    ]  # fmt: skip
    assert body["total"] == Decimal("69.27")


def test_a_customer_the_hub_creates_gets_its_fields_and_a_known_one_stays_as_it_is(world: World) -> None:
    use(world.shops["demo-store"], [
        mapping("VIP", "custentity_vip", "no", level="customer", source_kind="fixed", target_type="checkbox"),
        mapping("Mail", "custentity_shp_tags", "order.email", level="customer", transforms="upper"),
    ])  # fmt: skip
    world.place("#1001", "#1002")
    world.run()
    new, known = (
        world.books.send("GET", f"/record/v1/customer/{record(world, name)['entity']['id']}")
        for name in ("#1002", "#1001")
    )
    assert (new["custentity_vip"], new["custentity_shp_tags"]) == (False, "GRACE@EXAMPLE.COM")
    assert "custentity_vip" not in known


def test_an_order_whose_mapping_fails_is_the_only_one_that_stops(world: World) -> None:
    use(world.shops["demo-store"], [
        mapping("Pieces", "custbody_points", "abs(to_number(order.lines[?sku=='MUG'] | [0].sku || '4'))",
                source_kind="expression", target_type="number"),
    ])  # fmt: skip
    names = [world.buy({sku: 1})[1] for sku in ("TEE", "MUG", "CAP")]
    world.run()
    assert [world.outcome(name) for name in names] == [
        ("done", ""),
        ("blocked", "FIELD_EXPRESSION"),
        ("done", ""),
    ]
    assert record(world, names[0])["custbody_points"] == Decimal(4)
    sync = world.sync(names[1])
    assert sync.reason.startswith(
        f"Order {names[1]}: field mapping 'Pieces' (custbody_points). The expression 'abs("
    )
    assert (sync.reason_field, sync.reason_value) == ("custbody_points", "Pieces")

    use(
        world.shops["demo-store"],
        [mapping("Pieces", "custbody_points", "3", source_kind="fixed", target_type="number")],
    )
    sync.retry()
    drain(seconds=60)
    assert world.outcome(names[1]) == ("done", "")
    assert record(world, names[1])["custbody_points"] == Decimal(3)
    assert world.books.count() == 3


def test_a_field_that_is_gone_stops_the_orders_of_its_mapping_and_no_others(world: World) -> None:
    use(world.shops["demo-store"], [
        mapping("Gift", "custbody_gift_message", "order.name", tags=["gift*"]),
        mapping("Every order", "custcol_engraving", "line.sku", level="line"),
    ])  # fmt: skip
    world.account(custom_fields=["custbody_shp_order_id", "custbody_shp_order_url", "custcol_shp_line_id"])
    _, name = world.buy({"TEE": 1})
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code, sync.reason_value) == ("blocked", "FIELD_GONE", "custcol_engraving")
    assert sync.reason == (
        f"Order {name}: field mapping 'Every order' (custcol_engraving). NetSuite has no field custcol_engraving any "
        "more, or the role may not see it."
    )
    assert world.books.count() == 0

    world.account(custom_fields=["custbody_shp_order_id", "custbody_shp_order_url", "custcol_shp_line_id",
                                 "custcol_engraving"])  # fmt: skip
    Sync.objects.get(name=name).retry()
    drain(seconds=60)
    assert world.outcome(name) == ("done", "")
    assert world.books.count() == 1


def test_a_value_the_erp_does_not_take_names_its_mapping(world: World) -> None:
    use(world.shops["demo-store"], [
        mapping("Source", "custbody_order_source", "9", source_kind="fixed", target_type="select"),
    ])  # fmt: skip
    _, name = world.buy({"TEE": 1})
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code, sync.reason_value) == ("blocked", "FIELD_REFUSED", "9")
    assert "field mapping 'Source' (custbody_order_source). NetSuite does not take '9'" in sync.reason
    assert world.books.count() == 0
