"""One external id for one buyer, agreed on before the customer is created."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from canonical.documents import CustomerDocument
from common.clock import now
from erps.models import ErpConnection
from mappings.models import CustomerKey

AGREED_FOR = timedelta(hours=1)
"""How long others take over the external id: longer than any run between looking for a customer and creating it.
Afterwards the ERP itself shows the customer, and may have changed whose it is."""


def settle_external_id(connection: ErpConnection, document: CustomerDocument) -> CustomerDocument:
    """The document under the external id that the first one to create this buyer has chosen.

    Without it two workers that both found nobody would create one each: shops have external ids of their own. With it
    the ERP refuses the second, who then finds the first one's customer. Committed before the create.
    """
    if not document.same_as:
        return document
    at = now()
    row, _ = CustomerKey.objects.get_or_create(
        connection=connection,
        key=document.same_as,
        defaults={"external_id": document.external_id, "claimed_at": at},
    )
    if row.claimed_at < at - AGREED_FOR:
        CustomerKey.objects.filter(pk=row.pk, claimed_at=row.claimed_at).update(
            external_id=document.external_id, claimed_at=at
        )
        row.refresh_from_db()
    return replace(document, external_id=row.external_id)
