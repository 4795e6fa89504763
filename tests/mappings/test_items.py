"""Which item a SKU or a charge is: exactly one active one, or a sentence that says why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from canonical.documents import FoundItem, Ref
from canonical.orders import Order, OrderLine
from common.clock import now
from common.errors import NeedsPerson
from erps.models import ReferenceKind, ReferenceRecord
from mappings.context import MappingContext
from mappings.items import Items
from mappings.models import Behaviour, Charge, MapKind, TargetKind, ValueMapping
from shops.models import Shop
from tests.canonical.making import Coin, Sold, line, simple
from tests.mappings.making import ListedErp, add_row, make_shop, mapped, plain_context, plain_items, row

USD = Coin()


def sold(sku: str, **values: Any) -> OrderLine:
    return line(USD, "1", sku, 1, "25.00", title="Tee", **values)


def of(one: OrderLine, *rows: ValueMapping, found: tuple[FoundItem, ...] = ()) -> Ref:
    context = plain_context(*rows)
    return plain_items(context, *found).of_line(one, "#1001")


def refused(one: OrderLine, *rows: ValueMapping, found: tuple[FoundItem, ...] = ()) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as caught:
        of(one, *rows, found=found)
    return caught.value


def item(number: str, sku: str = "DUP-1", name: str = "", **values: Any) -> FoundItem:
    return FoundItem(id=number, sku=sku, name=name, **values)


@pytest.mark.parametrize("sku", ["TEE-1", " tee-1 ", "Tee-1\t"])
def test_a_sku_is_found_whatever_its_case_and_spaces(sku: str) -> None:
    assert of(sold(sku)) == Ref("501", "TEE-1")


def test_a_row_of_the_map_wins() -> None:
    assert of(sold("TEE-1"), row(MapKind.ITEM, "tee-1", "599", target_label="Tee, old")) == Ref(
        "599", "Tee, old"
    )


def test_unknown() -> None:
    error = refused(sold("NOPE-404"))
    assert (error.code, error.field, error.value) == ("UNKNOWN_SKU", "sku", "NOPE-404")
    assert error.message == "Order #1001, line 'Tee': item NOPE-404 is not in the ERP."


def test_two_with_one_sku_are_both_named() -> None:
    error = refused(
        sold("DUP-1"), found=(item("1", name="Mug A"), item("2"), item("3", name="Old", inactive=True))
    )
    assert (error.code, error.value) == ("AMBIGUOUS_SKU", "DUP-1")
    assert error.message.endswith("several items in the ERP have SKU DUP-1: Mug A (id 1), DUP-1 (id 2).")


def test_inactive() -> None:
    error = refused(sold("OLD-1"), found=(item("7", "OLD-1", "Old mug", inactive=True),))
    assert (error.code, error.value) == ("INACTIVE_ITEM", "OLD-1")
    assert "inactive in the ERP: Old mug (id 7)" in error.message


def test_the_only_active_one_is_taken() -> None:
    assert of(sold("DUP-1"), found=(item("1", inactive=True), item("2"))) == Ref("2", "DUP-1")


def test_a_default_row_takes_what_the_erp_does_not_know_but_not_what_is_wrong_there() -> None:
    rest = row(MapKind.ITEM, "", "590", target_label="Other goods")
    assert of(sold("NOPE-404"), rest) == Ref("590", "Other goods")
    assert refused(sold("DUP-1"), rest, found=(item("1"), item("2"))).code == "AMBIGUOUS_SKU"
    assert refused(sold("OLD-1"), rest, found=(item("1", "OLD-1", inactive=True),)).code == "INACTIVE_ITEM"


@pytest.mark.parametrize("rest", [row(MapKind.ITEM, "", behaviour=Behaviour.STOP), row(MapKind.ITEM, "", "")])
def test_a_default_row_without_an_item_changes_nothing(rest: ValueMapping) -> None:
    assert refused(sold("NOPE-404"), rest).code == "UNKNOWN_SKU"


@pytest.mark.parametrize(("values", "why"), [
    ({"behaviour": Behaviour.STOP}, "is set to stop the order"),
    ({"behaviour": Behaviour.EMPTY}, "is set to stay empty, but the document cannot do without it"),
    ({}, "has a row without an ERP record"),
])  # fmt: skip
def test_a_row_that_names_no_item_stops(values: dict[str, Any], why: str) -> None:
    error = refused(sold("TEE-1"), row(MapKind.ITEM, "TEE-1", **values))
    assert (error.code, error.value) == ("UNMAPPED_ITEM", "TEE-1")
    assert error.message == f"Order #1001, line 'Tee': item 'TEE-1' {why}."


@pytest.mark.parametrize(("variant", "warned"), [("91", True), ("", False)])
def test_a_line_without_a_sku_is_booked_as_custom(variant: str, warned: bool) -> None:
    order = simple([Sold("PRODUCT", "1", "25.00", quantity=1)], [sold("  ", variant_id=variant)])
    document = mapped(order, plain_context())
    assert document.lines[0].item == Ref("611", "Custom line (no product)")
    told = ("'Tee' is a product without a SKU; it is booked on Custom line (no product).",)
    assert document.warnings == (told if warned else ())


def test_a_sku_booked_on_the_default_item_is_said() -> None:
    rest = row(MapKind.ITEM, "", "590", target_label="Other goods")
    order = simple([Sold("PRODUCT", "1", "25.00", quantity=1)], [sold("NOPE-404 ")])
    document = mapped(order, plain_context(rest))
    assert document.lines[0].item == Ref("590", "Other goods")
    assert document.warnings == (
        "SKU NOPE-404 is not in the ERP; 'Tee' is booked on the default item Other goods.",
    )
    known = mapped(simple([Sold("PRODUCT", "1", "25.00", quantity=1)], [sold("TEE-1")]), plain_context(rest))
    assert known.warnings == ()


class TestAccounts:
    """A charge may name an account: its only active other-charge item is used."""

    account = row(MapKind.ACCOUNT, "tip", "2050", target_kind=TargetKind.ACCOUNT, target_label="Tips payable")

    def of_tip(self, *found: FoundItem) -> Ref:
        context = plain_context(self.account, charges=False)
        return Items(context, by_account={"2050": found}).of_charge(Charge.TIP, "Order #1001")

    def test_the_only_one(self) -> None:
        assert self.of_tip(item("61", "TIPS", "Tips"), item("62", "X", inactive=True)) == Ref("61", "Tips")

    def test_none(self) -> None:
        with pytest.raises(NeedsPerson) as caught:
            self.of_tip(item("62", "X", inactive=True))
        assert (caught.value.code, caught.value.value) == ("NO_CHARGE_ITEM", "Tips payable")
        assert caught.value.message.startswith("Order #1001 (Tip): no active other-charge item")

    def test_several(self) -> None:
        with pytest.raises(NeedsPerson) as caught:
            self.of_tip(item("61", "TIPS", "Tips"), item("62", "T2"))
        assert caught.value.code == "AMBIGUOUS_CHARGE_ITEM"
        assert caught.value.message.endswith("post to account Tips payable: Tips (id 61), T2 (id 62).")

    def test_an_account_without_a_label_is_named_by_its_id(self) -> None:
        context = plain_context(
            row(MapKind.ACCOUNT, "tip", "2050", target_kind=TargetKind.ACCOUNT, target_label=""),
            charges=False,
        )
        with pytest.raises(NeedsPerson, match="account 2050"):
            Items(context).of_charge(Charge.TIP, "Order #1001")


def orders(*skus: str) -> list[Order]:
    return [simple([Sold("PRODUCT", "1", "25.00", quantity=1)], [sold(sku)]) for sku in skus]


@pytest.mark.django_db
class TestPrepare:
    """One call for a batch, none for what is known."""

    def items(self, shop: Shop) -> Items:
        return Items(MappingContext.load(shop))

    def test_one_call_for_all_and_none_the_second_time(self) -> None:
        shop, erp = make_shop(), ListedErp()
        items = self.items(shop)
        items.prepare(orders("TEE-1", "tee-1 ", "MUG-1", "", "NOPE"), erp)
        items.prepare(orders("TEE-1", "NOPE"), erp)
        assert erp.asked == [("items", ["tee-1", "MUG-1", "NOPE"])]
        again = self.items(shop)
        again.prepare(orders("TEE-1", "MUG-1"), erp)
        assert len(erp.asked) == 1
        assert again.of_line(sold("Tee-1"), "#1") == Ref("501", "TEE-1")

    def test_what_a_row_maps_is_not_asked_for(self) -> None:
        shop, erp = make_shop(), ListedErp()
        add_row(shop, MapKind.ITEM, "NOPE", "590")
        add_row(shop, MapKind.ITEM, "", "591")
        self.items(shop).prepare(orders("nope"), erp)
        assert erp.asked == []

    def test_an_old_answer_is_asked_for_again(self) -> None:
        shop, erp = make_shop(), ListedErp()
        self.items(shop).prepare(orders("TEE-1"), erp)
        ReferenceRecord.objects.filter(kind=ReferenceKind.ITEM).update(fetched_at=now() - timedelta(hours=25))
        self.items(shop).prepare(orders("TEE-1"), erp)
        assert [what for what, _ in erp.asked] == ["items", "items"]

    def test_accounts_are_asked_for_once_for_a_batch(self) -> None:
        shop = make_shop()
        tips = item("61", "TIPS", "Tips", income_account_id="2050")
        discounts = [item("62", "D1", income_account_id="2060"), item("63", "D2", income_account_id="2060")]
        erp = ListedErp(charge_items=[tips, *discounts])
        add_row(shop, MapKind.ACCOUNT, "tip", "2050", target_kind=TargetKind.ACCOUNT)
        add_row(shop, MapKind.DISCOUNT, "", "2060", target_kind=TargetKind.ACCOUNT)
        add_row(shop, MapKind.ACCOUNT, "duty", "", target_kind=TargetKind.ACCOUNT)
        items = self.items(shop)
        items.prepare([], erp)
        items.prepare([], erp)
        assert erp.asked == [("charge_items", ["2050", "2060"])]
        assert items.of_charge(Charge.TIP, "Order #1") == Ref("61", "Tips")
        assert [found.id for found in items.by_account["2060"]] == ["62", "63"]
