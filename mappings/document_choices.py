"""What a shop's order rules say about the looks of its documents."""

from __future__ import annotations

from dataclasses import dataclass

from shops.models import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChoices:
    """`comment_line`: the order's number on a line of its own. `own_number`: the order's number is the document's.
    `rate_of_erp`: the ERP's exchange rate counts. `bundles`: what a bundle becomes (`BundleChoice`)."""

    comment_line: bool = False
    own_number: bool = False
    rate_of_erp: bool = False
    bundles: str = "components"


def choices_of(shop: Shop) -> DocumentChoices:
    """The shop's choices; the defaults for a shop without rules."""
    rules = getattr(shop, "order_rules", None)
    if rules is None:
        return DocumentChoices()
    return DocumentChoices(
        comment_line=rules.comment_line,
        own_number=rules.number_from_shopify,
        rate_of_erp=rules.exchange_rate == "erp",
        bundles=rules.bundles,
    )
