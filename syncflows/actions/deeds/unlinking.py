"""Unlink: the order and its ERP document no longer belong together."""

from __future__ import annotations

from mappings.links import document_links, unlink
from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import State


class Unlink(OrderAction):
    """Break the link between an order and its document."""

    kind = "unlink"
    label = "Unlink"
    icon = "link_off"
    permission = "syncflows.link_order"
    consequence = (
        "The hub forgets that the document in the ERP is this order. The document stays there as it is: cancel or "
        "correct it there. The order becomes excluded and is not written again by itself, also when something changes "
        "in Shopify. From there you can link it to another document. If you import or restore it while the document "
        "still carries the order's external id, that document is linked again; if it was deleted, a new one is "
        "written. A document with a credit memo or further document beside it stays linked."
    )
    done = "unlinked."
    needs_reason = True
    missing_reason = "Say why the document is not this order's."
    states = frozenset({State.DONE, State.BLOCKED, State.WAITING, State.PENDING})
    place = 40

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and bool(sync.order.document_number)

    def run(self, sync: Sync, ask: Ask) -> Answer:
        link = document_links(sync.shop, [sync.source_id]).get(sync.source_id)
        if link is None:
            return Answer(moved=False, text=f"Order {sync.name} is not linked to a document.")
        number = link.erp_number or link.erp_id
        beside = link.parts.filter(unlinked_at=None).first()
        if beside is not None:
            text = f"{number} stays linked: {beside.erp_number or beside.erp_id} was written beside it for an edit."
            return Answer(moved=False, text=text)
        if not sync.give_up(f"Unlinked from {number}: {ask.reason.strip()}"):
            return Answer(moved=False)
        unlink(link)
        order = sync.order
        order.document_number, order.document_total = "", None
        order.fingerprint, order.written_back_at, order.write_back_error = {}, None, ""
        order.save(
            update_fields=[
                "document_number", "document_total", "fingerprint", "written_back_at", "write_back_error",
            ]
        )  # fmt: skip
        details = {"erp_id": link.erp_id, "number": number}
        return Answer(moved=True, text=f"Order {sync.name} was unlinked from {number}.", details=details)


ACTION = Unlink()
