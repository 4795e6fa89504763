"""The ERP's side of a cancellation, by the stage of the document."""

from __future__ import annotations

from canonical.documents import DocumentKind, RecordRef
from canonical.stages import STAGE_WORDS, DocumentStage
from erps.registry import adapter_for
from erps.slots import one_slot
from mappings.links import document_links
from syncflows.models import Sync


def close_in_erp(sync: Sync) -> str:
    """Close the document of a cancelled order where nothing was shipped or billed of it; says what was done, or why
    nothing was. Doing it twice changes nothing. Raises the adapter's errors."""
    link = document_links(sync.shop, [sync.source_id]).get(sync.source_id)
    if link is None:
        return "The ERP has no document of it."
    number = link.erp_number or link.erp_id
    if link.kind != DocumentKind.SALES_ORDER:
        return f"{number} is booked already ({DocumentKind(link.kind).words}) and stays as it is: credit it in the ERP."
    ref = RecordRef(
        kind=DocumentKind(link.kind), id=link.erp_id, external_id=link.external_id, number=link.erp_number
    )
    adapter = adapter_for(link.connection)
    with one_slot(link.connection):
        stage = adapter.read_document(ref).stage
        if stage is DocumentStage.OPEN:
            adapter.close_document(ref)
            return f"{number} was closed in the ERP."
    if stage is DocumentStage.CLOSED:
        return f"{number} is closed in the ERP."
    if stage is DocumentStage.MISSING:
        return f"{number} is not in the ERP any more."
    return f"{number} is {STAGE_WORDS[stage]} in the ERP and stays as it is: credit it there."
