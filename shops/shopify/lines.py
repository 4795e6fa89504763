"""Lines, shipping lines, their taxes and discounts, from the Admin GraphQL shape."""

from __future__ import annotations

from typing import Any

from canonical.orders import DiscountAllocation, DiscountApplication, OrderLine, ShippingLine, TaxLine
from shops.shopify.reading import (
    Node,
    Unreadable,
    each,
    flag,
    id_of,
    integer,
    integer_or_none,
    money,
    pairs,
    part,
    rate,
    required,
    source_id,
    text,
)

_DISCOUNT_KINDS = {
    "DiscountCodeApplication": "code",
    "AutomaticDiscountApplication": "automatic",
    "ManualDiscountApplication": "manual",
    "ScriptDiscountApplication": "script",
}


def read_line(node: Node) -> OrderLine:
    """A line item."""
    return OrderLine(
        source_id=source_id(node),
        title=text(node, "title"),
        variant_title=text(node, "variantTitle"),
        sku=text(node, "sku"),
        quantity=integer(node, "quantity"),
        current_quantity=integer(node, "currentQuantity"),
        unit_price=money(node, "originalUnitPriceSet"),
        is_gift_card=flag(node, "isGiftCard"),
        taxable=flag(node, "taxable", default=True),
        requires_shipping=flag(node, "requiresShipping", default=True),
        product_id=id_of(node, "product"),
        variant_id=id_of(node, "variant"),
        discounts=each(node, "discountAllocations", read_allocation),
        taxes=each(node, "taxLines", read_tax),
        attributes=pairs(node, "customAttributes"),
        **(part(node, "lineItemGroup", _bundle) or {}),
        unfulfilled_quantity=integer(node, "unfulfilledQuantity"),
    )


def _bundle(group: Node) -> dict[str, Any]:
    """What a line knows of the bundle it is part of; orders stored earlier know only its title."""
    return {
        "bundle_title": text(group, "title"),
        "bundle_id": source_id(group) if group.get("id") is not None else "",
        "bundle_sku": text(group, "variantSku"),
        "bundle_quantity": integer_or_none(group, "quantity") or 1,
    }


def read_shipping_line(node: Node) -> ShippingLine:
    """A shipping line, removed ones too. Its id may be null in the schema: then it is empty."""
    return ShippingLine(
        source_id=source_id(node) if node.get("id") is not None else "",
        title=text(node, "title"),
        code=text(node, "code"),
        source=text(node, "source"),
        original=money(node, "originalPriceSet"),
        discounted=money(node, "discountedPriceSet"),
        removed=flag(node, "isRemoved"),
        discounts=each(node, "discountAllocations", read_allocation),
        taxes=each(node, "taxLines", read_tax),
    )


def read_tax(node: Node) -> TaxLine:
    """A tax line; a missing `channelLiable` means the merchant owes the tax."""
    return TaxLine(
        title=text(node, "title"),
        rate=rate(node, "rate"),
        amount=money(node, "priceSet"),
        channel_liable=flag(node, "channelLiable"),
    )


def read_allocation(node: Node) -> DiscountAllocation:
    """The part of a discount that fell on one line."""
    index = part(node, "discountApplication", lambda application: integer(application, "index"))
    if index is None:
        raise Unreadable("discountApplication", None)
    return DiscountAllocation(application_index=index, amount=money(node, "allocatedAmountSet"))


def read_discount(node: Node) -> DiscountApplication:
    """A discount application. Its label is the code, or the title where it has no code."""
    word = required(node, "__typename")
    return DiscountApplication(
        index=integer(node, "index"),
        kind=_DISCOUNT_KINDS.get(word, word),
        label=text(node, "code") or text(node, "title"),
        target=text(node, "targetType"),
        allocation=text(node, "allocationMethod"),
    )
