"""The ERP customer of an order: by link, by external id, by e-mail, by phone, or a new one. Never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from canonical.documents import CustomerDocument, DocumentKind, FoundCustomer, RecordRef, Ref
from canonical.external_ids import external_id
from canonical.orders import Order
from common.errors import NeedsPerson
from erps.port import ErpAdapter
from mappings.context import MappingContext
from mappings.identities import Identity, e164, identity_of, normal_email
from mappings.links import live_links, record_link
from mappings.models import CustomerMatch, CustomerTemplate, MapKind

_BY_EMAIL = frozenset({CustomerMatch.EMAIL, CustomerMatch.EMAIL_PHONE})
MAX_LISTED = 5


@dataclass(slots=True)
class Customers:
    """What is known of the customers of a batch: `linked` by identity, `found` everything the ERP answered."""

    context: MappingContext
    linked: dict[str, Ref] = field(default_factory=dict)
    found: dict[str, FoundCustomer] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    def prepare(self, orders: Iterable[Order], adapter: ErpAdapter) -> None:
        """Look up links (one query), and whoever has none in the ERP (one call for all)."""
        people: dict[str, tuple[Identity, CustomerTemplate]] = {}
        for order in orders:
            identity, template = identity_of(order), self._template(order)
            if identity is not None and template.match != CustomerMatch.DEFAULT_CUSTOMER:
                people.setdefault(identity.source_id, (identity, template))
        links = live_links(self.context.shop, DocumentKind.CUSTOMER, people)
        for source_id, link in links.items():
            self.linked[source_id] = Ref(link.erp_id, link.erp_number)
        unknown = [pair for key, pair in people.items() if key not in self.linked and key not in self._asked]
        if not unknown:
            return
        self._asked.update(identity.source_id for identity, _ in unknown)
        emails = [i.email for i, template in unknown if i.email and template.match in _BY_EMAIL]
        phones = [i.phone for i, t in unknown if i.phone and t.match == CustomerMatch.EMAIL_PHONE]
        answer = adapter.find_customers(
            external_ids=[self._external_id(identity) for identity, _ in unknown],
            emails=list(dict.fromkeys(emails)),
            phones=list(dict.fromkeys(phones)),
        )
        self.found.update((customer.id, customer) for customer in answer)

    def of_order(self, order: Order) -> Ref | CustomerDocument:
        """The customer to book an order on, or the one to create for it. `prepare` must have seen the order.

        Raises NeedsPerson NO_CUSTOMER, AMBIGUOUS_CUSTOMER, INACTIVE_CUSTOMER, CUSTOMER_NOT_FOUND.
        """
        template = self._template(order)
        if template.match == CustomerMatch.DEFAULT_CUSTOMER:
            return _default(order, template, "customers are set to be one default customer")
        identity = identity_of(order)
        if identity is None:
            return _default(order, template, "the order names nobody (no customer, e-mail or address)")
        linked = self.linked.get(identity.source_id)
        if linked is not None:
            return linked
        ours = self._external_id(identity)
        by_id = [customer for customer in self.found.values() if customer.external_id == ours]
        chosen = _one_of(order, by_id, f"external id {ours}")
        if chosen is None and template.match in _BY_EMAIL and identity.email:
            candidates = self._of_subsidiary(order, self._with_email(identity.email))
            chosen = _one_of(order, candidates, f"e-mail {identity.email}")
        if chosen is None and template.match == CustomerMatch.EMAIL_PHONE and identity.phone:
            candidates = self._of_subsidiary(order, self._with_phone(identity))
            chosen = _one_of(order, candidates, f"phone {identity.phone}")
        if chosen is not None:
            return chosen
        if not template.create_missing:
            raise NeedsPerson(
                "CUSTOMER_NOT_FOUND",
                f"Order {order.name}: customer {identity.shown} is not in the ERP, and customers are not created.",
                field="customer",
                value=identity.shown,
            )
        return self._new(order, identity, template, ours)

    def remember(self, order: Order, ref: Ref) -> None:
        """Keep the customer of an order: for the rest of the batch, and as a link for the next time. The default
        customer is not linked: it stands for many."""
        identity = identity_of(order)
        if identity is None or self._template(order).match == CustomerMatch.DEFAULT_CUSTOMER:
            return
        if identity.source_id in self.linked:
            return
        found = self.found.get(ref.id)
        record = RecordRef(
            kind=DocumentKind.CUSTOMER,
            id=ref.id,
            external_id=self._external_id(identity),
            number=ref.name.replace("\0", "")[:60],
            recovered=found is not None,
        )
        record_link(self.context.shop, DocumentKind.CUSTOMER, identity.source_id, record)
        self.linked[identity.source_id] = ref

    def _template(self, order: Order) -> CustomerTemplate:
        place = order.shipping or order.billing
        return self.context.template(place.country if place else "")

    def _external_id(self, identity: Identity) -> str:
        return external_id(self.context.shop.key, DocumentKind.CUSTOMER, identity.source_id)

    def _with_email(self, email: str) -> list[FoundCustomer]:
        return [customer for customer in self.found.values() if normal_email(customer.email) == email]

    def _with_phone(self, identity: Identity) -> list[FoundCustomer]:
        return [
            c for c in self.found.values() if c.phone and e164(c.phone, identity.country) == identity.phone
        ]

    def _of_subsidiary(self, order: Order, candidates: list[FoundCustomer]) -> list[FoundCustomer]:
        """Of several customers those of the subsidiary the order is booked in, where there are any: one buyer of two
        shops is one customer in each."""
        if len(candidates) < 2:
            return candidates
        wanted = self.context.dimension(MapKind.SUBSIDIARY, order)
        own = [
            c for c in candidates if wanted is not None and c.subsidiary_id == wanted.id and not c.inactive
        ]
        return own or candidates

    def _new(
        self, order: Order, identity: Identity, template: CustomerTemplate, ours: str
    ) -> CustomerDocument:
        subsidiary = (
            Ref(template.subsidiary_id)
            if template.subsidiary_id
            else self.context.dimension(MapKind.SUBSIDIARY, order)
        )
        presentment = self.context.shop.money_policy == "presentment"
        return CustomerDocument(
            external_id=ours,
            source_id=identity.source_id,
            name=identity.name,
            is_person=identity.is_person,
            first_name=identity.first_name,
            last_name=identity.last_name,
            company=identity.company,
            email=identity.email,
            phone=identity.phone,
            currency=order.presentment_currency if presentment else order.currency,
            subsidiary=subsidiary,
            terms=_ref(template.terms_id),
            price_level=_ref(template.price_level_id),
            category=_ref(template.category_id),
            tax_exempt=identity.tax_exempt,
            billing=order.billing,
            shipping=order.shipping,
        )


def _ref(record_id: str) -> Ref | None:
    return Ref(record_id) if record_id else None


def _default(order: Order, template: CustomerTemplate, why: str) -> Ref:
    if not template.default_customer_id:
        raise NeedsPerson(
            "NO_CUSTOMER",
            f"Order {order.name}: {why}, and the customer rules name no default customer.",
            field="customer",
            value=order.channel or order.source_name,
        )
    return Ref(template.default_customer_id, template.default_customer_name)


def _one_of(order: Order, candidates: Sequence[FoundCustomer], by: str) -> Ref | None:
    """The only active candidate, None when there is none. Two are a person's choice, and so is an inactive one."""
    active = [customer for customer in candidates if not customer.inactive]
    if len(active) == 1:
        return Ref(active[0].id, active[0].name)
    if not candidates:
        return None
    shown = ", ".join(
        f"{customer.name} (id {customer.id})" for customer in (active or candidates)[:MAX_LISTED]
    )
    if active:
        raise NeedsPerson(
            "AMBIGUOUS_CUSTOMER",
            f"Order {order.name}: {len(active)} customers in the ERP have the {by}: {shown}.",
            field="customer",
            value=by,
        )
    raise NeedsPerson(
        "INACTIVE_CUSTOMER",
        f"Order {order.name}: the customer with the {by} is inactive in the ERP: {shown}.",
        field="customer",
        value=by,
    )
