"""External ids are the hub's memory in the ERP: the same record always has the same one."""

from __future__ import annotations

import pytest

from canonical.documents import DocumentKind
from canonical.external_ids import edit_external_id, external_id, order_external_ids

LONGEST = "1" * 88
"""With shp-demo-so- before it these are 100 characters."""


@pytest.mark.parametrize(("shop", "kind", "source", "expected"), [
    ("demo", DocumentKind.SALES_ORDER, "6100000001001", "shp-demo-so-6100000001001"),
    ("demo-uk", DocumentKind.CUSTOMER, "loc-9", "shp-demo-uk-cust-loc-9"),
    ("a_b", DocumentKind.CUSTOMER, "guest-0f", "shp-a_b-cust-guest-0f"),
    ("demo", DocumentKind.SALES_ORDER, LONGEST, f"shp-demo-so-{LONGEST}"),
])  # fmt: skip
def test_shop_kind_and_source_name_the_record(
    shop: str, kind: DocumentKind, source: str, expected: str
) -> None:
    assert external_id(shop, kind, source) == expected


@pytest.mark.parametrize(("shop", "source"), [
    ("demo", ""), ("Demo", "1"), ("demo", "1.0"), ("demo", "a b"), ("demo", "é"), ("demo", "1\n"),
    ("demo", LONGEST + "1"),
    ("demo", "1;x"), ("de mo", "1"),
])  # fmt: skip
def test_what_the_erp_would_not_take_is_refused(shop: str, source: str) -> None:
    with pytest.raises(ValueError, match="cannot be an external id"):
        external_id(shop, DocumentKind.SALES_ORDER, source)


def test_the_refusal_shows_the_id() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole sentence is compared below
        external_id("demo", DocumentKind.SALES_ORDER, "1.0")
    assert str(caught.value) == (
        "'shp-demo-so-1.0' cannot be an external id: only a-z, 0-9, _ and - are allowed."
    )


def test_every_kind_has_its_own_name_space() -> None:
    ids = {external_id("demo", kind, "1") for kind in DocumentKind}
    assert ids == {"shp-demo-so-1", "shp-demo-inv-o1", "shp-demo-cs-o1", "shp-demo-cust-1", "shp-demo-cm-1"}


def test_documents_of_an_edit_are_named_after_its_agreement() -> None:
    kinds = (DocumentKind.CREDIT_MEMO, DocumentKind.SALES_ORDER, DocumentKind.INVOICE)
    ids = [edit_external_id("demo", kind, "77") for kind in kinds]
    assert ids == ["shp-demo-cm-e77", "shp-demo-so-e77", "shp-demo-inv-e77"]
    with pytest.raises(ValueError, match="cannot be an external id"):
        edit_external_id("demo", DocumentKind.CREDIT_MEMO, "")


def test_the_invoice_of_an_order_cannot_be_taken_for_the_invoice_of_a_fulfillment_with_the_same_number() -> (
    None
):
    assert external_id("demo", DocumentKind.INVOICE, "55") == "shp-demo-inv-o55"
    assert order_external_ids("demo", "55") == {
        "shp-demo-so-55": DocumentKind.SALES_ORDER,
        "shp-demo-inv-o55": DocumentKind.INVOICE,
        "shp-demo-cs-o55": DocumentKind.CASH_SALE,
    }
