"""Locations: of a line by the fulfillment orders it is in, of the document when all its goods are in one place."""

from __future__ import annotations

from canonical.documents import DocumentKind, LineKind, Ref
from mappings.building import Building
from mappings.models import MapKind
from mappings.overrides import note

Places = list[tuple[Ref | None, int]]
"""Locations of the ERP with the pieces each ships, in Shopify's order."""


def order_location(build: Building) -> Ref | None:
    """By the location the order was assigned to or sold at; the default row for orders without one."""
    chosen = build.context.chosen_for(build.order.source_id)
    if chosen.location is not None:
        build.warn(note("Location", chosen.location, chosen.location_by))
        return chosen.location
    ids = [build.order.assigned_location_id, build.order.retail_location]
    if not any(ids) and build.context.row(MapKind.LOCATION, ()) is None:
        return None
    return _mapped(build, ids)


def places_of(build: Building, line_id: str, quantity: int) -> Places:
    """Where the pieces of a line ship from: one place for each location of the ERP, as many pieces as were sold.

    What fulfillment orders say is fitted to what was sold: an edit may not have reached them. Lines that are in none
    have the order's location. Raises NeedsPerson UNMAPPED_LOCATION, naming the location.
    """
    own = build.placements.get(line_id, [])
    if not own or build.context.chosen_for(build.order.source_id).location is not None:
        return [(order_location(build), quantity)]
    found: dict[str, tuple[Ref | None, int]] = {}
    for placement in own:
        place = _mapped(build, [placement.location_id], placement.location_name)
        key = place.id if place else ""
        found[key] = (place, placement.quantity + (found[key][1] if key in found else 0))
    return _fitted(list(found.values()), quantity)


def document_location(build: Building, kind: DocumentKind) -> Ref | None:
    """The location of all goods where they have one and the same; of a document without goods the order's. Where they
    differ a sales order has none, and invoices and cash sales, which need one, have that of the first goods."""
    places = [line.location for line in build.lines if line.kind is LineKind.GOODS]
    if not places:
        return order_location(build)
    if len({place.id if place else "" for place in places}) == 1:
        return places[0]
    if kind is DocumentKind.SALES_ORDER:
        return None
    return next((place for place in places if place is not None), None)


def _mapped(build: Building, ids: list[str], name: str = "") -> Ref | None:
    known = build.context.locations
    name = next((known[each] for each in ids if each in known), name)
    label = f"{build.label}, {name}" if name else build.label
    return build.context.resolve(MapKind.LOCATION, ids, label)


def _fitted(places: Places, quantity: int) -> Places:
    left, fitted = quantity, []
    for place, pieces in places:
        taken = min(pieces, left)
        left -= taken
        if taken > 0:
            fitted.append((place, taken))
    if not fitted:
        return [(places[0][0], quantity)]
    first, pieces = fitted[0]
    return [(first, pieces + left), *fitted[1:]]
