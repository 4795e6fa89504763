"""What the actions that choose a record of the ERP for one order have in common."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from common.clock import now
from common.errors import NeedsPerson
from erps.models import ReferenceKind, ReferenceRecord
from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.models import OrderOverrides, Sync
from syncflows.states import State


class Choose(OrderAction):
    """Choose a record of one kind of reference data, before the document is written. `column` is the prefix of the
    columns of `OrderOverrides`, `what` the kind of record in words."""

    column: ClassVar[str]
    reference: ClassVar[ReferenceKind]
    what: ClassVar[str]
    permission = "syncflows.override_order"
    done = "changed."
    states = OPEN | {State.SKIPPED}
    wakes = True

    def available(self, sync: Sync) -> bool:
        """Only while the order has no document."""
        return super().available(sync) and not sync.order.document_number

    def fields(self, sync: Sync | None) -> dict[str, forms.Field]:
        """The active records of the shop's connection."""
        connection = sync.shop.erp_connection_id if sync else None
        rows = ReferenceRecord.objects.filter(
            connection_id=connection, kind=self.reference, is_inactive=False
        ).order_by("name")
        choices = list(rows.values_list("erp_id", "name")) if connection else []
        return {
            "record": forms.ChoiceField(
                label=self.what,
                choices=[("", "---------"), *choices],
                error_messages={"required": f"Choose a {self.what.lower()}."},
            )
        }

    def run(self, sync: Sync, ask: Ask) -> Answer:
        """Keep the choice; an order that was stopped is taken up again at once."""
        if not self.available(sync):
            raise NeedsPerson(
                "ACTION_NOT_NOW",
                f"Order {sync.name} is in the ERP or being worked on: its {self.what.lower()} is not changed any more.",
                value=sync.name,
            )
        record = ReferenceRecord.objects.get(
            connection_id=sync.shop.erp_connection_id, kind=self.reference, erp_id=str(ask.values["record"])
        )
        chosen = {f"{self.column}_id": record.erp_id, f"{self.column}_name": record.name}
        OrderOverrides.objects.update_or_create(
            pk=sync.pk, defaults={**chosen, "user": ask.user, "at": now(), "reason": ask.reason}
        )
        if State(sync.state) in (State.BLOCKED, State.WAITING):
            sync.retry()
        text = f"{self.what} of order {sync.name}: {record.name}."
        return Answer(moved=True, text=text, details=chosen)
