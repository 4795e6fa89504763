"""The ERP's promotions that discount rows name, and which of them may stand on a document.

A promotion computes a discount of its own, and no ERP lets a caller say how much it is for which line. The amount is
therefore always a discount line, and only a promotion that gives nothing by itself is put on the document as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from canonical.documents import Ref
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion of the ERP. `gives_nothing`: its own rate is 0 and it is active, so that a document which names it
    stays at Shopify's amounts."""

    ref: Ref
    gives_nothing: bool


def read_promotions(connection: ErpConnection, ids: Iterable[str]) -> dict[str, Promotion]:
    """Promotions by id, as the reference data has them. One that is not there is taken to give something."""
    wanted = list(dict.fromkeys(each for each in ids if each))
    if not wanted:
        return {}
    found = {each: Promotion(Ref(each), gives_nothing=False) for each in wanted}
    records = ReferenceRecord.objects.filter(
        connection=connection, kind=ReferenceKind.PROMOTION, erp_id__in=wanted
    )
    for record in records:
        silent = not record.is_inactive and gives_nothing(str(record.extra.get("rate", "")))
        found[record.erp_id] = Promotion(Ref(record.erp_id, record.name), silent)
    return found


def gives_nothing(rate: str) -> bool:
    """Whether a rate as the ERP states it is zero; one that is empty or no number is not known to be."""
    try:
        return not Decimal(rate.strip().rstrip("%"))
    except InvalidOperation:
        return False
