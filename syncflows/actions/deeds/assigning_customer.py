"""Assign customer: a person says which ERP customer an order, or a buyer, belongs to."""

from __future__ import annotations

from django import forms

from canonical.documents import Ref
from common.clock import now
from common.errors import NeedsPerson
from mappings.context import MappingContext
from mappings.customers.buyers import Buyer
from mappings.links import assign_customer
from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.actions.customers import check_link_counts, customer_meant, facts_of
from syncflows.models import OrderOverrides, Sync
from syncflows.states import State

ORDER, BUYER, COMPANY = "order", "buyer", "company"
SCOPES = (
    (ORDER, "This order only"),
    (BUYER, "This buyer (or company location) from now on"),
    (COMPANY, "The whole company from now on"),
)


class AssignCustomer(OrderAction):
    """Choose a customer of the ERP: one of the candidates kept with the order, or one that is searched for."""

    kind = "assign_customer"
    label = "Assign customer"
    icon = "person_search"
    permission = "syncflows.assign_customer"
    consequence = (
        "The order is booked on the customer you choose, whatever the customer rules find. For this order only, or "
        "as a link that also counts for the next orders of the buyer. Nothing changes in Shopify, nothing in the "
        "customer's record, and a document that is in the ERP already is not changed."
    )
    done = "have their customer."
    needs_reason = True
    missing_reason = "Say how you know the customer."
    states = OPEN | {State.SKIPPED}
    place = 60
    in_rows = wakes = True

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and not sync.order.document_number

    def fields(self, sync: Sync | None) -> dict[str, forms.Field]:
        kept = sync.candidates if sync is not None else []
        rows = [(each["id"], _words(each)) for each in kept if not each.get("inactive")]
        offered: dict[str, forms.Field] = {}
        if rows:
            choices = [("", "---------"), *rows]
            offered["candidate"] = forms.ChoiceField(label="Who fits", choices=choices, required=False)
        return {
            **offered,
            "customer": forms.CharField(
                label="Or another customer" if rows else "Customer",
                required=not rows,
                max_length=100,
                help_text="Internal id, number, name or e-mail: searched for in the ERP.",
                error_messages={"required": "Say which customer."},
            ),
            "scope": forms.ChoiceField(label="For", choices=SCOPES, initial=ORDER),
        }

    def question(self, sync: Sync, ask: Ask) -> tuple[str, str]:
        wanted = str(ask.values.get("candidate") or ask.values.get("customer") or "").strip()
        if not wanted:
            raise NeedsPerson("CUSTOMER_NOT_CHOSEN", f"No customer was chosen for order {sync.name}.")
        found = customer_meant(sync, wanted)
        mail = f", {found.email}" if found.email else ""
        scope = dict(SCOPES)[str(ask.values["scope"])]
        text = f"{found.name} (id {found.id}{mail}) – {scope.lower()}. Press again to assign."
        return f"{found.id}|{found.name}", text

    def run(self, sync: Sync, ask: Ask) -> Answer:
        erp_id, bar, name = str(ask.values.get("shown", "")).partition("|")
        if not self.available(sync) or not bar:
            raise NeedsPerson(
                "ACTION_NOT_NOW",
                f"Order {sync.name} is in the ERP or being worked on: its customer is not changed any more.",
                value=sync.name,
            )
        ref, scope = Ref(erp_id, name), str(ask.values["scope"])
        if scope == ORDER:
            chosen = {"customer_id": ref.id, "customer_name": ref.name[:255]}
            OrderOverrides.objects.update_or_create(
                pk=sync.pk, defaults={**chosen, "user": ask.user, "at": now(), "reason": ask.reason}
            )
        else:
            self._link(sync, ref, scope, ask)
        if State(sync.state) in (State.BLOCKED, State.WAITING):
            sync.retry()
        text = f"Customer of order {sync.name}: {name} (id {erp_id}), {dict(SCOPES)[scope].lower()}."
        return Answer(moved=True, text=text, details={"customer": erp_id, "name": name, "scope": scope})

    def _link(self, sync: Sync, ref: Ref, scope: str, ask: Ask) -> None:
        buyer = Buyer.of(facts_of(sync), MappingContext.load(sync.shop))
        check_link_counts(sync, buyer)
        if scope == COMPANY and buyer.company_id not in buyer.source_ids:
            raise NeedsPerson(
                "CUSTOMER_RULE_FIRST",
                f"Order {sync.name} is not of a company whose locations may share one customer: choose the buyer.",
            )
        source_id = buyer.company_id if scope == COMPANY else _own(buyer)
        assign_customer(sync.shop, source_id, ref, by=ask.user, reason=ask.reason)


def _own(buyer: Buyer) -> str:
    """The id of the buyer itself: the location's before its company's."""
    return next((each for each in buyer.source_ids if each != buyer.company_id), buyer.source_ids[0])


def _words(each: dict[str, str]) -> str:
    parts = [each["name"], each.get("email", ""), each.get("phone", ""), f"id {each['id']}"]
    return " · ".join(part for part in parts if part)


ACTION = AssignCustomer()
