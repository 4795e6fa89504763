"""The ERP's document number goes back onto the order, as a metafield in the app's own namespace.

`metafieldsSet` takes 25 metafields at a time and is all or nothing (shopify.md, section 1.3), so entries Shopify
refuses are taken out and the others sent again. Setting the same value twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.errors import HubError, NeedsPerson
from shops.shopify.answers import Json, Refused
from shops.shopify.client import ShopifyClient
from shops.shopify.ids import gid

NAMESPACE = "$app:erp"
PER_CALL = 25
Number = tuple[str, str, str]
"""Order id, document number, address of the document in the ERP ("" when there is none)."""


def write_numbers(client: ShopifyClient, numbers: Sequence[Number]) -> dict[str, HubError | None]:
    """Write document numbers onto orders. The result names every order: None when it was written, else its error."""
    results: dict[str, HubError | None] = {}
    batch: list[Number] = []
    size = 0
    for entry in numbers:
        wanted = 2 if entry[2] else 1
        if size + wanted > PER_CALL:
            results |= _write(client, batch)
            batch, size = [], 0
        batch.append(entry)
        size += wanted
    if batch:
        results |= _write(client, batch)
    return results


def _write(client: ShopifyClient, batch: list[Number]) -> dict[str, HubError | None]:
    results: dict[str, HubError | None] = {}
    while batch:
        fields = [(order_id, field) for entry in batch for order_id, field in _fields(entry)]
        try:
            client.mutate("metafields_set", {"metafields": [field for _, field in fields]}, "metafieldsSet")
        except Refused as error:
            refused = _refused(error, [order_id for order_id, _ in fields])
            results |= refused
            batch = [entry for entry in batch if entry[0] not in refused]
            continue
        except HubError as error:
            return results | {entry[0]: error for entry in batch}
        return results | {entry[0]: None for entry in batch}
    return results


def _fields(entry: Number) -> list[tuple[str, Json]]:
    order_id, document_number, url = entry
    values = [("document_no", "single_line_text_field", document_number)]
    if url:
        values.append(("document_url", "url", url))
    return [
        (
            order_id,
            {
                "ownerId": gid("Order", order_id),
                "namespace": NAMESPACE,
                "key": key,
                "type": kind,
                "value": value,
            },
        )
        for key, kind, value in values
    ]


def _refused(error: Refused, order_ids: list[str]) -> dict[str, HubError | None]:
    """The orders whose entries Shopify refused; all of them when it does not say which."""
    found: dict[str, HubError | None] = {}
    for entry in error.errors:
        position = next((int(part) for part in entry.path if part.isdigit()), None)
        if position is None or position >= len(order_ids):
            return dict.fromkeys(order_ids, error)
        found[order_ids[position]] = NeedsPerson(
            "SHOPIFY_REFUSED",
            f"Shopify refused the document number of order {order_ids[position]}: {entry.message}",
            field=".".join(entry.path),
            value=entry.message,
            detail=error.detail,
        )
    return found
