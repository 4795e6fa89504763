"""Bodies of changes: what is sent again, and what an amendment leaves as it was written."""

from __future__ import annotations

from erps.netsuite.amending import amendment_body

WRITTEN = {
    "externalId": "shp-main-so-1", "entity": {"id": "2002"}, "memo": "Shopify order #1", "terms": {"id": "5"},
    "promotions": {"items": [{"promoCode": {"id": "43"}}]}, "item": {"items": [{"item": {"id": "501"}}]},
}  # fmt: skip


def test_promotions_are_not_sent_again_because_rows_without_a_key_are_appended() -> None:
    wanted = {**WRITTEN, "memo": "Shopify order #1, changed"}
    body = amendment_body(wanted, WRITTEN)
    assert body == {"memo": "Shopify order #1, changed", "terms": {"id": "5"}, "item": WRITTEN["item"]}


def test_what_is_no_longer_wanted_is_emptied_but_for_promotions() -> None:
    wanted = {name: value for name, value in WRITTEN.items() if name not in {"promotions", "terms"}}
    assert amendment_body(wanted, WRITTEN) == {
        "memo": "Shopify order #1", "terms": None, "item": WRITTEN["item"],
    }  # fmt: skip
