"""Links into the ERP's own pages, and to the place in the hub where a cause is mended."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from django.urls import NoReverseMatch, reverse

from canonical.documents import DocumentKind, RecordRef
from erps.models import ErpConnection
from erps.registry import adapter_for
from shops.models import Shop

log = structlog.get_logger(__name__)
_MAPPINGS = "admin:mappings_"


def record_url(
    connection: ErpConnection | None, erp_id: str | None, number: str = "", kind: str = "sales_order"
) -> str:
    """The deep link to a record of the ERP; empty without a connection or when the adapter cannot build one.

    Only http and https addresses are let through.
    """
    if connection is None or not erp_id:
        return ""
    try:
        url = adapter_for(connection).record_url(RecordRef(kind=DocumentKind(kind), id=erp_id, number=number))
    except Exception as error:  # noqa: BLE001 - a link is a convenience: a page never fails for it
        log.info("no_deep_link", connection=connection.key, detail=str(error))
        return ""
    return url if url.startswith(("https://", "http://")) else ""


def fix_url(where: str, shop: Shop | None, value: str) -> str:
    """The admin address where a cause is mended; empty when there is none.

    A mapping opens its form for a new row with the value filled in; a shop or a connection opens itself when it is
    known which one. `where` is an admin URL name from the catalogue of causes.
    """
    if not where:
        return ""
    try:
        if where.startswith(_MAPPINGS) and where.endswith("_changelist") and (shop or value):
            asked = {"shop": str(shop.pk)} if shop else {}
            return (
                f"{reverse(where.removesuffix('changelist') + 'add')}?{urlencode({**asked, 'source': value})}"
            )
        if where == "admin:shops_shop_changelist" and shop:
            return reverse("admin:shops_shop_change", args=[shop.pk])
        if where == "admin:erps_erpconnection_changelist" and shop and shop.erp_connection_id:
            return reverse("admin:erps_erpconnection_change", args=[shop.erp_connection_id])
        return reverse(where)
    except NoReverseMatch:
        return ""
