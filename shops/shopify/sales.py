"""The sales ledger (`Order.agreements`), from the Admin GraphQL shape; words Shopify may add are kept as they are."""

from __future__ import annotations

from canonical.sales import Agreement, Sale, SaleTax
from shops.shopify.reading import (
    Node,
    Unreadable,
    each,
    flag,
    id_of,
    instant,
    integer_or_none,
    money,
    part,
    rate,
    required,
    source_id,
    text,
)

_OBJECTS = {
    "PRODUCT": "lineItem",
    "GIFT_CARD": "lineItem",
    "TIP": "lineItem",
    "SHIPPING": "shippingLine",
    "DUTY": "duty",
    "ADDITIONAL_FEE": "additionalFee",
    "FEE": "fee",
}


def read_agreement(node: Node) -> Agreement:
    """An agreement with its sales."""
    return Agreement(
        source_id=source_id(node),
        reason=required(node, "reason"),
        happened_at=instant(node, "happenedAt"),
        refund_id=id_of(node, "refund"),
        return_id=id_of(node, "return"),
        sales=each(node, "sales", read_sale),
    )


def read_sale(node: Node) -> Sale:
    """One sale. The object it is about may be gone, and is not given at all for adjustments."""
    kind = required(node, "lineType")
    return Sale(
        source_id=source_id(node),
        action=required(node, "actionType"),
        kind=kind,
        quantity=integer_or_none(node, "quantity"),
        object_id=id_of(node, _OBJECTS.get(kind, "")),
        total=money(node, "totalAmount"),
        tax=money(node, "totalTaxAmount"),
        discount_before_taxes=money(node, "totalDiscountAmountBeforeTaxes"),
        discount_after_taxes=money(node, "totalDiscountAmountAfterTaxes"),
        taxes=each(node, "taxes", _tax),
    )


def _tax(node: Node) -> SaleTax:
    amount = money(node, "amount")
    found = part(
        node,
        "taxLine",
        lambda line: SaleTax(
            title=text(line, "title"), rate=rate(line, "rate"), channel_liable=flag(line, "channelLiable"),
            amount=amount,
        ),
    )  # fmt: skip
    if found is None:
        raise Unreadable("taxLine", None)
    return found
