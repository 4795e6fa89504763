"""One object of an order in parts, so that amounts, discounts and tax of the parts add up to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from canonical.facts import FactLine, FactTax
from canonical.money import allocate
from canonical.orders import DiscountApplication

Share = tuple[DiscountApplication | None, Decimal]
"""What one discount application took off an object, positive, in the books currency."""
ZERO = Decimal(0)


def split(
    fact: FactLine, shares: Sequence[Share], quantities: Sequence[int], currency: str
) -> Iterator[tuple[FactLine, list[Share]]]:
    """The object in parts of so many pieces, each with its share of every discount. Leftover cents go to the first
    parts, one each, as Shopify splits amounts."""
    weights = [Decimal(quantity) for quantity in quantities]
    gross = allocate(fact.gross, weights, currency)
    taxes = [allocate(tax.amount, weights, currency) for tax in fact.taxes]
    loose = allocate(fact.tax - sum((tax.amount for tax in fact.taxes), ZERO), weights, currency)
    discounts = [allocate(amount, weights, currency) for _, amount in shares]
    for at, quantity in enumerate(quantities):
        own = tuple(replace(tax, amount=taxes[n][at]) for n, tax in enumerate(fact.taxes))
        tax_amount = sum((tax.amount for tax in own), ZERO) + loose[at]
        part_shares = [(shares[n][0], amounts[at]) for n, amounts in enumerate(discounts) if amounts[at]]
        discount = sum((amount for _, amount in part_shares), ZERO)
        yield replace(
            fact, quantity=quantity, gross=gross[at], discount=discount, tax=tax_amount, taxes=own,
            total=gross[at] - discount + tax_amount,
        ), part_shares  # fmt: skip


def merged(facts: Sequence[FactLine], quantity: int) -> FactLine:
    """Several objects as one of so many pieces, under the first one's id; taxes of one kind added up."""
    taxes: dict[tuple[str, str, bool], FactTax] = {}
    for fact in facts:
        for tax in fact.taxes:
            key = (tax.title, tax.rate, tax.channel_liable)
            before = taxes[key].amount if key in taxes else ZERO
            taxes[key] = replace(tax, amount=before + tax.amount)
    return replace(
        facts[0], quantity=quantity, taxes=tuple(taxes.values()),
        gross=sum((fact.gross for fact in facts), ZERO), discount=sum((fact.discount for fact in facts), ZERO),
        tax=sum((fact.tax for fact in facts), ZERO), total=sum((fact.total for fact in facts), ZERO),
    )  # fmt: skip


def merged_shares(shares: Sequence[Sequence[Share]]) -> list[Share]:
    """The discounts of several objects, one for each application."""
    found: dict[int | None, Share] = {}
    for application, amount in (share for each in shares for share in each):
        key = application.index if application else None
        found[key] = (application, amount + (found[key][1] if key in found else ZERO))
    return list(found.values())
