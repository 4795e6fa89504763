"""Partly billed documents: value added becomes lines, value removed closes lines, billed value is credited."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from canonical.additions import Additions, negated, plan_additions
from canonical.document_rows import line_of, row_of
from canonical.documents import DocumentLine, LineKind, Ref
from canonical.stages import DocumentLineState
from common.errors import NeedsPerson
from tests.erps.making import charge, discount, goods, tax

D = Decimal
TEE = goods(taxes=(tax("50.00", "4.13"),), tax=D("4.13"))
MUG = goods("15.00", item=Ref("502", "MUG"), quantity=D(1), rate=D("15.00"), source_id="2")
FREIGHT = charge(LineKind.SHIPPING, "701", "5.95")


def states(lines: tuple[DocumentLine, ...], **used: int) -> tuple[DocumentLineState, ...]:
    """The lines as the ERP shows them; `L1=1`: one piece of the first line was billed."""
    return tuple(
        DocumentLineState(
            key=str(n), item_id=line.item.id, amount=line.amount, quantity=line.quantity,
            billed=D(used.get(f"L{n}", 0)),
        )
        for n, line in enumerate(lines, start=1)
    )  # fmt: skip


def plan(before: tuple[DocumentLine, ...], after: tuple[DocumentLine, ...], **used: int) -> Additions:
    return plan_additions("#1001", before, states(before, **used), after)


def test_nothing_changed_is_nothing_to_do() -> None:
    assert plan((TEE, MUG, FREIGHT), (TEE, MUG, FREIGHT), L1=1).nothing


def test_more_pieces_become_a_line_of_their_own_with_their_tax() -> None:
    three = replace(TEE, quantity=D(3), amount=D("75.00"), taxes=(tax("75.00", "6.19"),), tax=D("6.19"))
    found = plan((TEE, FREIGHT), (three, FREIGHT), L1=2)
    (added,) = found.add
    assert (added.quantity, added.rate, added.amount, added.tax) == (D(1), D("25.00"), D("25.00"), D("2.06"))
    assert [(row.basis, row.amount) for row in added.taxes] == [(D("25.00"), D("2.06"))]
    assert found.close == ()


def test_a_new_line_is_added_and_one_that_is_gone_is_closed() -> None:
    found = plan((TEE, MUG, FREIGHT), (TEE, FREIGHT), L1=1)
    assert (found.close, found.add) == ((1,), ())
    found = plan((TEE, FREIGHT), (TEE, MUG, FREIGHT), L1=1)
    assert (found.close, found.add) == ((), (MUG,))


def test_an_unbilled_line_that_is_lowered_is_closed_and_written_lower() -> None:
    two = replace(MUG, quantity=D(2), amount=D("30.00"))
    found = plan((TEE, two), (TEE, MUG), L1=1)
    assert (found.close, found.add) == ((1,), (MUG,))


def test_what_was_added_before_counts_with_its_line() -> None:
    second = replace(TEE, quantity=D(1), amount=D("25.00"), taxes=(), tax=D(0))
    first = replace(TEE, taxes=(), tax=D(0))
    three = replace(first, quantity=D(3), amount=D("75.00"))
    assert plan((first, second), (three,), L1=1).nothing
    found = plan((first, second), (first,), L1=1)
    assert (found.close, found.add) == ((1,), ())


def test_billed_pieces_that_go_are_credited_with_their_tax() -> None:
    one = replace(TEE, quantity=D(1), amount=D("25.00"), taxes=(tax("25.00", "2.06"),), tax=D("2.06"))
    found = plan((TEE, FREIGHT), (one, FREIGHT), L1=2)
    (taken,) = found.credit
    assert (found.close, found.add, taken.places) == ((), (), (0,))
    line = taken.line
    assert (line.quantity, line.rate, line.amount, line.tax) == (D(1), D("25.00"), D("25.00"), D("2.07"))
    assert [(row.basis, row.amount) for row in line.taxes] == [(D("25.00"), D("2.07"))]
    (whole,) = plan((TEE, FREIGHT), (FREIGHT,), L1=2).credit
    assert (whole.line.quantity, whole.line.amount, whole.line.tax) == (D(2), D("50.00"), D("4.13"))


def test_discount_and_tax_line_of_what_goes_are_credited_with_it() -> None:
    """2 TEE 50.00 - 5.00, tax 3.71 on a line of its own; one is left at 25.00 - 2.50, tax 1.86."""
    bare, own = replace(TEE, taxes=(), tax=D(0)), discount(source_id=TEE.source_id)
    before = (bare, own, charge(LineKind.TAX, "711", "3.71"))
    after = (
        replace(bare, quantity=D(1), amount=D("25.00")),
        replace(own, amount=D("-2.50")),
        charge(LineKind.TAX, "711", "1.86"),
    )
    found = plan(before, after, L1=2, L3=1)
    assert [(taken.line.kind, taken.line.quantity, taken.line.amount) for taken in found.credit] == [
        ("goods", D(1), D("25.00")), ("discount", None, D("-2.50")), ("tax", D(1), D("1.85")),
    ]  # fmt: skip


def test_what_was_credited_or_added_beside_counts() -> None:
    bare = replace(TEE, taxes=(), tax=D(0))
    one = replace(bare, quantity=D(1), amount=D("25.00"))
    shown = states((bare,), L1=2)
    assert plan_additions("#1001", (bare,), shown, (one,), (negated(one),)).nothing
    (back,) = plan_additions("#1001", (bare,), shown, (bare,), (negated(one),)).add
    assert (back.quantity, back.amount) == (D(1), D("25.00"))
    assert plan_additions("#1001", (bare,), shown, (bare, MUG), (MUG,)).nothing


@pytest.mark.parametrize(
    ("before", "after", "used", "words"),
    [
        (
            (TEE,),
            (),
            {"L1": 1},
            "of 2 pieces of 'T-shirt M' 1 were billed. Lower the line in the ERP by hand.",
        ),
        (
            (TEE,),
            (replace(TEE, amount=D("45.00"), rate=D("22.50")),),
            {"L1": 2},
            "only whole pieces are credited",
        ),
        ((TEE, FREIGHT), (TEE,), {"L1": 2, "L2": 1}, "only goods are credited"),
        ((replace(TEE, kind=LineKind.GIFT_CARD),), (), {"L1": 2}, "only goods are credited"),
        (
            (TEE, discount(source_id=TEE.source_id)),
            (replace(TEE, quantity=D(1), amount=D("25.00")), discount("-9.00", source_id=TEE.source_id)),
            {"L1": 2},
            "would be credited and added to at once",
        ),
    ],
)
def test_what_cannot_be_credited_asks(
    before: tuple[DocumentLine, ...], after: tuple[DocumentLine, ...], used: dict[str, int], words: str
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        plan(before, after, **used)
    assert caught.value.code == "BILLED_VALUE"
    assert words in caught.value.message


def test_what_stands_on_a_further_document_is_not_credited() -> None:
    with pytest.raises(NeedsPerson, match="stands on a further document"):
        plan_additions("#1001", (TEE,), states((TEE,), L1=2), (TEE,), (MUG,))


def test_the_discount_of_a_billed_line_stays() -> None:
    own = discount(source_id=TEE.source_id)
    with pytest.raises(NeedsPerson):
        plan((TEE, own), (TEE,), L1=1)
    found = plan((TEE, own), (TEE, replace(own, amount=D("-7.00"))), L1=1)
    assert [line.amount for line in found.add] == [D("-2.00")]


def test_closed_lines_count_for_nothing() -> None:
    before = (TEE, MUG)
    shown = states(before, L1=1)
    closed = (shown[0], replace(shown[1], closed=True))
    assert plan_additions("#1001", before, closed, (TEE,)).nothing


@pytest.mark.parametrize("line", [TEE, MUG, FREIGHT, discount()])
def test_lines_are_kept_and_read_again(line: DocumentLine) -> None:
    kept = line_of(row_of(line))
    assert (kept.kind, kept.item.id, kept.amount, kept.quantity, kept.rate, kept.source_id) == (
        line.kind, line.item.id, line.amount, line.quantity, line.rate, line.source_id
    )  # fmt: skip
    assert [row.amount for row in kept.taxes] == [row.amount for row in line.taxes]
