"""All maps of a shop, read once per batch, and how a Shopify value finds its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from canonical.documents import Ref
from canonical.money import MoneyPolicy
from canonical.orders import Order
from canonical.tie_out import RoundingLimits
from common.errors import NeedsPerson
from erps.models import ErpConnection
from mappings import dimensions
from mappings.dimensions import named, sources_of
from mappings.document_choices import DocumentChoices, choices_of
from mappings.models import (
    Behaviour,
    Charge,
    CustomerRules,
    CustomerTemplate,
    MapKind,
    TargetKind,
    ValueMapping,
)
from mappings.overrides import NOTHING, Chosen
from mappings.promotions import Promotion, read_promotions
from shops.models import Location, Shop

UNMAPPED: dict[MapKind, str] = {
    MapKind.LOCATION: "UNMAPPED_LOCATION",
    MapKind.SHIPMENT_METHOD: "UNMAPPED_SHIPMENT_METHOD",
    MapKind.PAYMENT_METHOD: "UNMAPPED_PAYMENT_METHOD",
    MapKind.PAYMENT_TERMS: "UNMAPPED_PAYMENT_TERMS",
    MapKind.TAX: "UNMAPPED_TAX",
    MapKind.DISCOUNT: "UNMAPPED_DISCOUNT",
    MapKind.ITEM: "UNMAPPED_ITEM",
    MapKind.ACCOUNT: "UNMAPPED_CHARGE",
    MapKind.SUBSIDIARY: "UNMAPPED_SUBSIDIARY",
    MapKind.DEPARTMENT: "UNMAPPED_DEPARTMENT",
    MapKind.CLASS: "UNMAPPED_CLASS",
    MapKind.SALES_REP: "UNMAPPED_SALES_REP",
}
"""The cause for each map. The error's value is the Shopify value, so that one new row mends a whole group."""
NAMES: dict[MapKind, str] = {
    MapKind.LOCATION: "location",
    MapKind.SHIPMENT_METHOD: "shipping method",
    MapKind.PAYMENT_METHOD: "payment method",
    MapKind.PAYMENT_TERMS: "payment terms",
    MapKind.TAX: "tax",
    MapKind.DISCOUNT: "discount",
    MapKind.ITEM: "item",
    MapKind.ACCOUNT: "charge",
    MapKind.SUBSIDIARY: "subsidiary for sales channel",
    MapKind.DEPARTMENT: "department for sales channel",
    MapKind.CLASS: "class for sales channel",
    MapKind.SALES_REP: "staff member",
}
DEFAULT = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a map, without its database row. `rate` is the ERP code's rate in percent (tax codes only),
    `promotion` the id of the ERP's promotion (discounts only)."""

    source: str
    behaviour: str
    target: Ref
    is_account: bool = False
    tax_type: Ref | None = None
    rate: Decimal | None = None
    promotion: str = ""


@lru_cache(maxsize=8192)
def key_of(kind: str, source: str) -> str:
    """How values are compared: trimmed, without case; the rate in a tax source as a number (7.250 is 7.25)."""
    key = source.strip().casefold()
    if kind == MapKind.TAX and "|" in key:
        title, rate, *rest = (part.strip() for part in key.split("|"))
        with suppress(InvalidOperation):  # a rate that is no number is compared as it stands
            rate = format(Decimal(rate).normalize(), "f")
        key = "|".join([title, rate, *rest])
    return key


@dataclass(slots=True)
class MappingContext:
    """The maps, customer templates and choices of one shop, for one batch of orders. `locations` are names by id,
    `chosen` what people chose for single orders, by Shopify id."""

    shop: Shop
    connection: ErpConnection
    maps: Mapping[str, Mapping[str, Row]]
    templates: Mapping[str, CustomerTemplate]
    limits: RoundingLimits = field(default_factory=RoundingLimits)
    locations: Mapping[str, str] = field(default_factory=dict)
    document: DocumentChoices = field(default_factory=DocumentChoices)
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    promotions: Mapping[str, Promotion] = field(default_factory=dict)
    customer_rules: CustomerRules | None = None

    @classmethod
    def load(cls, shop: Shop) -> MappingContext:
        """Read everything the mapper needs of a shop, in at most six queries.

        Raises NeedsPerson NO_CONNECTION when the shop has no ERP connection.
        """
        connection = shop.erp_connection
        if connection is None:
            raise NeedsPerson("NO_CONNECTION", f"{shop.name} has no ERP connection.")
        templates = {row.country.upper(): row for row in CustomerTemplate.objects.filter(shop=shop)}
        rows = read_rows(ValueMapping.objects.filter(shop=shop).order_by("pk"))
        locations = dict(Location.objects.filter(shop=shop).values_list("source_id", "name"))
        found = cls(shop, connection, rows, templates, limits_of(shop), locations)
        found.document = choices_of(shop)
        discounts = rows.get(MapKind.DISCOUNT, {}).values()
        found.promotions = read_promotions(connection, (row.promotion for row in discounts))
        found.customer_rules = CustomerRules.objects.filter(shop=shop).first()
        return found

    def chosen_for(self, source_id: str) -> Chosen:
        """What a person chose for one order instead of the maps."""
        return self.chosen.get(source_id, NOTHING)

    def money_of(self, order: Order) -> MoneyPolicy:
        """The side of amounts an order is booked in: that of its document once there is one, else of the shop."""
        return self.chosen_for(order.source_id).money or self.shop.money_policy

    def row(self, kind: str, candidates: Iterable[str], *, default: bool = True) -> Row | None:
        """The row of the first candidate that has one, else the default row (if wanted), else None."""
        rows = self.maps.get(kind)
        if not rows:
            return None
        for candidate in candidates:
            key = key_of(kind, candidate)
            if key and key in rows:
                return rows[key]
        return rows.get(DEFAULT) if default else None

    def resolve(self, kind: MapKind, candidates: Sequence[str], label: str, value: str = "") -> Ref | None:
        """The ERP record for a value an order has; None when its row says *leave empty*.

        `candidates` are the names the value may be mapped by, the most telling first; `label` names value and order
        in the sentence. Without a row and without a default row the order stops, and so it does for a row that says
        stop or names no record. Raises NeedsPerson with the map's cause and `value`, else the first candidate.
        """
        row = self.row(kind, candidates)
        if row is not None and row.behaviour == Behaviour.EMPTY:
            return None
        return self.target(kind, row, [value, *candidates], label)

    def resolve_in_use(
        self, kind: MapKind, candidates: Sequence[str], label: str, value: str = ""
    ) -> Ref | None:
        """As `resolve`, for maps a shop may leave out altogether (subsidiary, department, class): without any row
        nothing is set, but once there is one, a value it does not cover stops the order."""
        if not self.maps.get(kind):
            return None
        return self.resolve(kind, candidates, label, value)

    def dimension(self, kind: MapKind, order: Order) -> Ref | None:
        """Subsidiary, department or class of an order: by channel and country; None while the map is empty."""
        return self.resolve_in_use(kind, sources_of(order), f"Order {order.name}", named(order))

    def target(self, kind: MapKind, row: Row | None, candidates: Sequence[str], label: str) -> Ref:
        """The record a row names. Raises NeedsPerson when there is no row, or it names none."""
        if row is not None and row.behaviour == Behaviour.USE and row.target.id:
            return row.target
        value = next((text.strip() for text in candidates if text.strip()), "")
        if row is None:
            why = "is not mapped, and there is no default row"
        elif row.behaviour == Behaviour.STOP:
            why = "is set to stop the order" if row.source else "is not mapped, and the default row says stop"
        elif row.behaviour == Behaviour.EMPTY:
            why = "is set to stay empty, but the document cannot do without it"
        else:
            why = "has a row without an ERP record"
        raise NeedsPerson(
            UNMAPPED[kind], f"{label}: {NAMES[kind]} '{value}' {why}.", field=NAMES[kind], value=value
        )

    def charge_row(self, charge: str, names: Sequence[str] = ()) -> Row | None:
        """The row of the charge map for a part of an order; `names` are more telling sources tried before it."""
        return self.row(MapKind.ACCOUNT, [*names, charge])

    def accounts(self) -> list[str]:
        """Ids of all accounts that charges or items are mapped to."""
        rows = (row for kind in (MapKind.ACCOUNT, MapKind.ITEM, MapKind.DISCOUNT) for row in self._rows(kind))
        return list(dict.fromkeys(row.target.id for row in rows if row.is_account and row.target.id))

    def _rows(self, kind: str) -> Iterable[Row]:
        return self.maps.get(kind, {}).values()

    def template(self, country: str) -> CustomerTemplate:
        """The customer rules of a country, else the shop's default row, else the built-in ones."""
        found = self.templates.get(country.upper()) or self.templates.get(DEFAULT)
        return found if found is not None else CustomerTemplate(shop=self.shop)


def read_rows(mappings: Iterable[ValueMapping]) -> dict[str, dict[str, Row]]:
    """Rows by kind and by the key their source is compared with."""
    maps: dict[str, dict[str, Row]] = {}
    for mapping in mappings:
        row = Row(
            source=mapping.source.strip(),
            behaviour=mapping.behaviour,
            target=Ref(mapping.target_id.strip(), mapping.target_label),
            is_account=mapping.target_kind == TargetKind.ACCOUNT,
            tax_type=Ref(mapping.tax_type_id) if mapping.tax_type_id else None,
            rate=mapping.tax_rate,
            promotion=mapping.promotion_id.strip(),
        )
        maps.setdefault(mapping.kind, {})[key_of(mapping.kind, mapping.source)] = row
    for kind in dimensions.KINDS:
        for row in list(maps.get(kind, {}).values()):
            for source in dimensions.single_countries(row.source):
                maps[kind].setdefault(key_of(kind, source), row)  # a row of its own goes before its market's
    return maps


def limits_of(shop: Shop) -> RoundingLimits:
    """The rounding a shop's order rules allow; the defaults for a shop without rules."""
    rules = getattr(shop, "order_rules", None)
    if rules is None:
        return RoundingLimits()
    return RoundingLimits(rules.line_rounding_units, rules.document_rounding_units)


CHARGE_NAMES: dict[str, str] = {charge.value: str(charge.label) for charge in Charge}
"""What a charge is called in sentences."""
