"""Items for the lines of a batch: by map, by SKU, by charge, by account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from canonical.documents import FoundItem, Ref
from canonical.orders import Order, OrderLine
from common.errors import NeedsPerson
from erps.port import ErpAdapter
from erps.reference import known_items, remember_items
from mappings.context import CHARGE_NAMES, MappingContext, Row
from mappings.models import Behaviour, Charge, MapKind


def sku_key(sku: str) -> str:
    """SKUs are compared trimmed and without case."""
    return sku.strip().upper()


@dataclass(slots=True)
class Items:
    """What is known of items: `by_sku` the answers of the ERP by SKU key, `by_account` other-charge items by the
    income account they post to."""

    context: MappingContext
    by_sku: dict[str, tuple[FoundItem, ...]] = field(default_factory=dict)
    by_account: dict[str, tuple[FoundItem, ...]] = field(default_factory=dict)
    _accounts_read: bool = False

    def prepare(self, orders: Sequence[Order], adapter: ErpAdapter) -> None:
        """Look up every SKU of the orders that no row maps, and the items of mapped accounts: one query in our
        database and at most one call of each kind to the ERP. What the ERP settles is remembered."""
        skus = {sku_key(line.sku): line.sku.strip() for order in orders for line in order.lines}
        if self.context.document.bundles == "kit":
            bundles = (line.bundle_sku.strip() for order in orders for line in order.lines)
            skus |= {sku_key(sku): sku for sku in bundles}
        wanted = [
            sku
            for key, sku in skus.items()
            if key and key not in self.by_sku and self.context.row(MapKind.ITEM, [sku], default=False) is None
        ]
        if wanted:
            known = known_items(self.context.connection, wanted)
            self.by_sku.update((sku_key(sku), (item,)) for sku, item in known.items())
            self._ask([sku for sku in wanted if sku_key(sku) not in self.by_sku], adapter)
        accounts = self.context.accounts()
        if accounts and not self._accounts_read:
            self._accounts_read = True
            for item in adapter.find_charge_items(accounts):
                posted = self.by_account.get(item.income_account_id, ())
                self.by_account[item.income_account_id] = (*posted, item)

    def _ask(self, skus: Sequence[str], adapter: ErpAdapter) -> None:
        if not skus:
            return
        answers: dict[str, dict[str, FoundItem]] = {sku_key(sku): {} for sku in skus}
        found = adapter.find_items(skus)
        for item in found:
            answers.setdefault(sku_key(item.sku), {})[item.id] = item
        remember_items(self.context.connection, found)
        self.by_sku.update((key, tuple(items.values())) for key, items in answers.items())

    def of_line(self, line: OrderLine, order_name: str) -> Ref:
        """The item of a product line. A row of the item map wins; then the ERP's only active item with the SKU; then
        the map's default row. A line without a SKU goes to the charge *custom*.

        Raises NeedsPerson UNMAPPED_ITEM, UNKNOWN_SKU, AMBIGUOUS_SKU, INACTIVE_ITEM, UNMAPPED_CHARGE.
        """
        sku = line.sku.strip()
        if not sku:
            return self.of_charge(Charge.CUSTOM, f"Order {order_name}, line '{line.label}'")
        row = self.context.row(MapKind.ITEM, [sku], default=False)
        if row is not None:
            label = f"Order {order_name}, line '{line.label}'"
            return self.of_row(MapKind.ITEM, row, [sku], label)
        found = self.by_sku.get(sku_key(sku), ())
        active = [item for item in found if not item.inactive]
        if len(active) == 1:
            return Ref(active[0].id, active[0].name or active[0].sku)
        default = self.context.row(MapKind.ITEM, ())
        if not found and default is not None and default.behaviour == Behaviour.USE and default.target.id:
            return self.of_row(MapKind.ITEM, default, [sku], f"Order {order_name}, line '{line.label}'")
        raise _not_one(sku, line, order_name, found, active)

    def by_default(self, line: OrderLine) -> bool:
        """Whether a line's SKU is unknown to the ERP and goes to the default row's item."""
        sku = line.sku.strip()
        known = (
            not sku or self.context.row(MapKind.ITEM, [sku], default=False) or self.by_sku.get(sku_key(sku))
        )
        return not known

    def of_charge(self, charge: str, label: str, names: Sequence[str] = ()) -> Ref:
        """The item a part of an order is booked on. Raises NeedsPerson UNMAPPED_CHARGE, NO_CHARGE_ITEM or
        AMBIGUOUS_CHARGE_ITEM."""
        row = self.context.charge_row(charge, names)
        return self.of_row(MapKind.ACCOUNT, row, [charge], f"{label} ({CHARGE_NAMES[charge]})")

    def of_row(self, kind: MapKind, row: Row | None, candidates: Sequence[str], label: str) -> Ref:
        """The item a row leads to: the one it names, or the only other-charge item that posts to its account."""
        target = self.context.target(kind, row, candidates, label)
        if row is None or not row.is_account:
            return target
        found = [item for item in self.by_account.get(target.id, ()) if not item.inactive]
        account = target.name or target.id
        if not found:
            raise NeedsPerson(
                "NO_CHARGE_ITEM",
                f"{label}: no active other-charge item in the ERP posts to account {account}.",
                field="account",
                value=account,
            )
        if len(found) > 1:
            raise NeedsPerson(
                "AMBIGUOUS_CHARGE_ITEM",
                f"{label}: several items in the ERP post to account {account}: {_listed(found)}.",
                field="account",
                value=account,
            )
        return Ref(found[0].id, found[0].name or found[0].sku)


def _listed(items: Iterable[FoundItem]) -> str:
    return ", ".join(f"{item.name or item.sku} (id {item.id})" for item in items)


def _not_one(
    sku: str, line: OrderLine, order_name: str, found: Sequence[FoundItem], active: Sequence[FoundItem]
) -> NeedsPerson:
    """Why the ERP's items with a SKU are not exactly one active one."""
    where = f"Order {order_name}, line '{line.label}'"
    if active:
        code, why = "AMBIGUOUS_SKU", f"several items in the ERP have SKU {sku}: {_listed(active)}"
    elif found:
        code, why = "INACTIVE_ITEM", f"the item with SKU {sku} is inactive in the ERP: {_listed(found)}"
    else:
        code, why = "UNKNOWN_SKU", f"item {sku} is not in the ERP"
    return NeedsPerson(code, f"{where}: {why}.", field="sku", value=sku)
