"""What a person chose for one order stands above the maps, and only for that order."""

from __future__ import annotations

from canonical.documents import Ref
from mappings.models import MapKind
from mappings.overrides import Chosen
from tests.canonical.making import order_1001
from tests.mappings.making import mapped, plain_context, row


def test_location_and_ship_method_of_one_order() -> None:
    order = order_1001()
    context = plain_context()
    plain = mapped(order, context)
    context.chosen = {
        order.source_id: Chosen(
            location=Ref("44", "East DC"),
            location_by="olga",
            ship_method=Ref("55", "Courier"),
            ship_method_by="piet",
        ),
        "another": Chosen(location=Ref("1", "Nowhere")),
    }
    chosen = mapped(order, context)
    assert (chosen.location, chosen.ship_method) == (Ref("44", "East DC"), Ref("55", "Courier"))
    assert (plain.location, plain.ship_method) != (chosen.location, chosen.ship_method)
    assert {
        "Location East DC was chosen by olga for this order.",
        "Ship method Courier was chosen by piet for this order.",
    } <= set(chosen.warnings)
    assert chosen.total == plain.total
    context.chosen = {"another": Chosen(location=Ref("1", "Nowhere"))}
    assert mapped(order, context).location == plain.location


def test_a_choice_spares_the_mapping() -> None:
    order = order_1001()
    context = plain_context(row(MapKind.SHIPMENT_METHOD, "nothing that fits", "9"))
    context.chosen = {order.source_id: Chosen(ship_method=Ref("55", "Courier"))}
    assert mapped(order, context).ship_method == Ref("55", "Courier")
