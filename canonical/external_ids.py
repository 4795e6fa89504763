"""External ids: the one function that names our records in the ERP.

One namespace holds all NetSuite transactions, so the kind is always in the id; the ids never depend on time,
retries or row ids, and only use lower case letters, digits, underscore and hyphen.
"""

from __future__ import annotations

import re

from canonical.documents import SALES_DOCUMENTS, DocumentKind

_SHORT = {
    DocumentKind.SALES_ORDER: "so-",
    DocumentKind.INVOICE: "inv-o",
    DocumentKind.CASH_SALE: "cs-o",
    DocumentKind.CUSTOMER: "cust-",
    DocumentKind.CREDIT_MEMO: "cm-",
}
"""What stands before the Shopify id. The `o` says that the id is an order's: invoices and cash sales can be made of
other things too (a fulfillment, a payment), whose ids follow the hyphen at once and are numbers."""
_OF_EDIT = {DocumentKind.SALES_ORDER: "so-e", DocumentKind.INVOICE: "inv-e", DocumentKind.CREDIT_MEMO: "cm-e"}
"""The same for documents of an edit alone: the `e` says that the id is that of the edit's agreement."""
_ALLOWED = re.compile(r"[a-z0-9_-]+")
_ORDER = re.compile(r"(\d+)(?:-\d+)?")
MAX_LENGTH = 100


def external_id(shop_key: str, kind: DocumentKind, source_id: str, edition: int = 1) -> str:
    """The deterministic external id: `shp-{shop}-{kind}-{source id}`, for invoices and cash sales of whole orders
    `shp-{shop}-inv-o{order}` and `shp-{shop}-cs-o{order}`; from the second edition on with `-{edition}` behind.

    An edition is begun by a person who has a document written anew, never by a retry.
    `shop_key` is the shop record's key (a slug that never changes), `source_id` Shopify's numeric id as text.
    Raises ValueError if the result would hold a character NetSuite does not allow or be too long.
    """
    text = f"shp-{shop_key}-{_SHORT[kind]}{source_id}"
    if edition > 1 and source_id:
        text = f"{text}-{edition}"
    return _checked(text, source_id)


def _checked(text: str, source_id: str) -> str:
    if not _ALLOWED.fullmatch(text) or not source_id or len(text) > MAX_LENGTH:
        raise ValueError(f"'{text}' cannot be an external id: only a-z, 0-9, _ and - are allowed.")
    return text


def edit_external_id(shop_key: str, kind: DocumentKind, agreement_id: str) -> str:
    """The external id of a document that books one edit of an order, beside the document of the order itself:
    `shp-{shop}-cm-e{agreement}`, `-so-e{agreement}`, `-inv-e{agreement}`. Raises ValueError as `external_id`."""
    return _checked(f"shp-{shop_key}-{_OF_EDIT[kind]}{agreement_id}", agreement_id)


def order_external_ids(shop_key: str, source_id: str, edition: int = 1) -> dict[str, DocumentKind]:
    """Every external id the document of an order may have, with its kind. Raises ValueError as `external_id`."""
    return {external_id(shop_key, kind, source_id, edition): kind for kind in SALES_DOCUMENTS}


def order_prefixes(shop_key: str) -> tuple[str, ...]:
    """What the external ids of a shop's order documents begin with, one for each kind. Others may begin so, too:
    `order_of` tells."""
    return tuple(f"shp-{shop_key}-{_SHORT[kind]}" for kind in SALES_DOCUMENTS)


def order_of(shop_key: str, text: str) -> str:
    """Shopify's id of the order a document stands for, by the document's external id; "" when it is none of this shop's
    orders."""
    for prefix in order_prefixes(shop_key):
        found = _ORDER.fullmatch(text, len(prefix)) if text.startswith(prefix) else None
        if found:
            return found.group(1)
    return ""
