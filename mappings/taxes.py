"""Shopify's tax onto a document, by the strategy of the connection. The amounts are always Shopify's."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from canonical.components import computed_tax
from canonical.documents import DocumentTax, LineKind, Ref, TaxStrategy
from canonical.facts import FactLine, FactTax
from canonical.money import smallest_unit
from common.errors import ComponentDifference, NeedsPerson
from mappings.building import Building
from mappings.context import Row
from mappings.models import Behaviour, Charge, MapKind

ZERO = Decimal(0)
CHANNEL_LIABLE = "channel-liable"
"""Source of the tax row for tax the channel owes itself (marketplaces)."""
UNTAXED = "untaxed"
"""Source of the tax row for lines without tax; only read where the ERP wants a code on every line."""


@lru_cache(maxsize=1024)
def percent(rate: str) -> Decimal:
    """A rate in percent, without zeros that say nothing: "0.0825" is 8.25."""
    return (Decimal(rate) * 100).normalize() + 0


def rate_text(rate: Decimal) -> str:
    """A rate as people write it: 8.25, 20, never 2E+1."""
    return format(rate, "f")


def line_tax(build: Building, fact: FactLine) -> dict[str, Any]:
    """The tax fields of the document line of an object."""
    if build.strategy is TaxStrategy.TAX_DETAILS:
        return {"tax": fact.tax, "taxes": tuple(_detail(build, fact, tax) for tax in fact.taxes)}
    if build.strategy is TaxStrategy.TAX_CODES:
        return {"tax": fact.tax, **line_code(build, fact)}
    return {"tax": fact.tax}


def closing_lines(build: Building) -> None:
    """Append the lines that carry tax on their own: one per tax item; or what tax codes will not come to."""
    taxes = [tax for fact in build.facts.lines for tax in fact.taxes]
    if build.strategy is TaxStrategy.TAX_LINE:
        _tax_lines(build, taxes)
    elif build.strategy is TaxStrategy.TAX_CODES:
        _tax_lines(build, [tax for tax in taxes if tax.channel_liable])
        _variance(build, [tax for tax in taxes if not tax.channel_liable])


def _sources(build: Building, title: str, rate: Decimal) -> list[str]:
    """The names a tax may be mapped by, the most telling first."""
    text = rate_text(rate)
    with_country = [f"{title}|{text}|{build.country}"] if build.country else []
    return [*with_country, f"{title}|{text}", title]


def _row(build: Building, title: str, rate: Decimal, *, channel_liable: bool) -> Row | None:
    """The row of a tax. Tax the channel owes has a row of its own and never falls back to the others."""
    if not channel_liable:
        return build.context.row(MapKind.TAX, _sources(build, title, rate))
    row = build.context.row(MapKind.TAX, [CHANNEL_LIABLE], default=False)
    if row is None:
        raise NeedsPerson(
            "UNMAPPED_CHANNEL_TAX",
            f"{build.label}: tax '{title}' is owed by the sales channel, not by you, and it is not said where to "
            "book such tax.",
            field="tax",
            value=CHANNEL_LIABLE,
        )
    return row


def _detail(build: Building, fact: FactLine, tax: FactTax) -> DocumentTax:
    rate = percent(tax.rate)
    row = _row(build, tax.title, rate, channel_liable=tax.channel_liable)
    sources = [f"{tax.title}|{rate_text(rate)}"]
    return DocumentTax(
        code=build.context.target(MapKind.TAX, row, sources, build.label),
        tax_type=row.tax_type if row else None,
        rate=rate,
        basis=fact.net,
        amount=tax.amount,
        title=tax.title,
    )


def line_code(build: Building, fact: FactLine) -> dict[str, Any]:
    """The one tax code of a line and the rate the ERP will compute with; several taxes are one combined code, mapped
    as "State + County|8.875". A row that says *leave empty* leaves the tax to the variance line."""
    own = [tax for tax in fact.taxes if not tax.channel_liable]
    if not own:
        row = build.context.row(MapKind.TAX, [UNTAXED], default=False)
        if row is None or row.behaviour != Behaviour.USE:
            return {}
        return {"tax_code": row.target, "tax_code_rate": row.rate or ZERO}
    title = " + ".join(tax.title for tax in own)
    rate = sum((percent(tax.rate) for tax in own), ZERO)
    row = _row(build, title, rate, channel_liable=False)
    if row is not None and row.behaviour == Behaviour.EMPTY:
        return {}
    source = f"{title}|{rate_text(rate)}"
    code = build.context.target(MapKind.TAX, row, [source], build.label)
    if row is None or row.rate is None:
        raise NeedsPerson(
            "TAX_RATE_MISSING",
            f"{build.label}: the mapping of tax '{source}' does not say at which rate the ERP computes.",
            field="tax",
            value=source,
        )
    return {"tax_code": code, "tax_code_rate": row.rate}


def _tax_lines(build: Building, taxes: Iterable[FactTax]) -> None:
    """One line per item that taxes are mapped to, named after the taxes in it."""
    sums: dict[str, tuple[Ref, Decimal, list[str]]] = {}
    for tax in taxes:
        if not tax.amount:
            continue
        item, name = _tax_item(build, tax)
        found, amount, names = sums.get(item.id, (item, ZERO, []))
        sums[item.id] = (found, amount + tax.amount, names if name in names else [*names, name])
    for item, amount, names in sums.values():
        if amount:
            build.add(LineKind.TAX, item, amount, ", ".join(names))


def _tax_item(build: Building, tax: FactTax) -> tuple[Ref, str]:
    """The item of a tax: by the tax map, else the charge *tax line*."""
    rate = percent(tax.rate)
    name = f"{tax.title} {rate_text(rate)}%"
    row = _row(build, tax.title, rate, channel_liable=tax.channel_liable)
    if row is None and build.context.charge_row(Charge.TAX) is not None:
        return build.items.of_charge(Charge.TAX, build.label), name
    item = build.items.of_row(MapKind.TAX, row, [f"{tax.title}|{rate_text(rate)}"], build.label)
    return item, f"{name} (collected and owed by the channel)" if tax.channel_liable else name


def _variance(build: Building, taxes: Iterable[FactTax]) -> None:
    """What Shopify's tax is more than the ERP's codes will come to, on one line.

    It may be one smallest unit for each line a code is on, by the shop's limit for rounding: more means that the
    codes do not have Shopify's rates. Raises NeedsPerson TAX_VARIANCE_HIGH.
    """
    currency = build.facts.currency
    coded = [line for line in build.lines if line.tax_code is not None]
    computed = sum((computed_tax(line.amount, line.tax_code_rate, currency) for line in coded), ZERO)
    wanted = sum((tax.amount for tax in taxes), ZERO)
    variance = wanted - computed
    if not variance:
        return
    allowed = smallest_unit(currency) * build.context.limits.line_units * max(1, len(coded))
    if abs(variance) > allowed:
        raise NeedsPerson(
            "TAX_VARIANCE_HIGH",
            f"{build.label}: Shopify's tax is {wanted} {currency}, but the mapped tax codes come to {computed} "
            f"{currency}; rounding explains at most {allowed}.",
            field="tax",
            value="tax codes",
            differences=(ComponentDifference("tax", wanted, computed, currency),),
        )
    item = build.items.of_charge(Charge.TAX_VARIANCE, build.label)
    build.add(LineKind.TAX_VARIANCE, item, variance, "Tax difference to Shopify")
