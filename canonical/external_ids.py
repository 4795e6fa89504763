"""External ids: the one function that names our records in the ERP.

One namespace holds all NetSuite transactions, so the kind is always in the id; the ids never depend on time,
retries or row ids, and only use lower case letters, digits, underscore and hyphen.
"""

from __future__ import annotations

import re

from canonical.documents import DocumentKind

_SHORT = {DocumentKind.SALES_ORDER: "so", DocumentKind.CUSTOMER: "cust"}
_ALLOWED = re.compile(r"[a-z0-9_-]+")
MAX_LENGTH = 100


def external_id(shop_key: str, kind: DocumentKind, source_id: str) -> str:
    """The deterministic external id: `shp-{shop}-{kind}-{source id}`.

    `shop_key` is the shop record's key (a slug that never changes), `source_id` Shopify's numeric id as text.
    Raises ValueError if the result would hold a character NetSuite does not allow or be too long.
    """
    text = f"shp-{shop_key}-{_SHORT[kind]}-{source_id}"
    if not _ALLOWED.fullmatch(text) or not source_id or len(text) > MAX_LENGTH:
        raise ValueError(f"'{text}' cannot be an external id: only a-z, 0-9, _ and - are allowed.")
    return text
