"""Reference data of a connection, cached with its age: choices for mapping forms, items by SKU for the mapper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Max, QuerySet

from canonical.documents import FoundItem, ReferenceData
from common.clock import now
from common.errors import NeedsPerson
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from erps.port import ErpAdapter
from erps.slots import one_slot

MAX_ROWS = 5000
"""Rows kept per kind. Kinds with more (items, customers) are completed on demand."""
ITEM_AGE = timedelta(hours=24)
"""How long an item found by its SKU is taken for known: so long a second item with the same SKU may go unseen."""
NOBODY_GETS_IN = frozenset({"ERP_LOGIN", "ERP_KEY", "ERP_ADDRESS_REFUSED"})
_CHUNK = 500
_COLUMNS = ["name", "code", "is_inactive", "extra", "fetched_at"]


class Refreshed(dict[str, int]):
    """Rows read per kind; `problems` holds the error of each kind that could not be read."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: dict[str, NeedsPerson] = {}


def refresh(connection: ErpConnection, adapter: ErpAdapter, kinds: Iterable[str] | None = None) -> Refreshed:
    """Read the kinds (all of them by default) anew; rows that are gone become inactive.

    A kind the role may not read does not hold up the others. Raises what concerns all of them: NotExecuted NO_SLOT
    when the connection has no request to spare, Retryable, and NeedsPerson when nobody can sign in.
    """
    result = Refreshed()
    with one_slot(connection):
        for kind in map(str, kinds if kinds is not None else ReferenceKind.values):
            try:
                rows = list(islice(adapter.reference(kind), MAX_ROWS + 1))
            except NeedsPerson as error:
                if error.code in NOBODY_GETS_IN:
                    raise
                result.problems[kind] = error
                continue
            result[kind] = _store(connection, kind, rows)
    return result


def _store(connection: ErpConnection, kind: str, rows: Sequence[ReferenceData]) -> int:
    at = now()
    whole = len(rows) <= MAX_ROWS
    kept = {row.id: row for row in rows[:MAX_ROWS]}
    _upsert(
        ReferenceRecord(
            connection=connection,
            kind=kind,
            erp_id=row.id,
            name=row.name[:255],
            code=_code(row.code),
            is_inactive=row.inactive,
            extra=dict(row.extra),
            fetched_at=at,
        )
        for row in kept.values()
    )
    if whole:
        ReferenceRecord.objects.filter(connection=connection, kind=kind, fetched_at__lt=at).update(
            is_inactive=True
        )
    return len(kept)


def _upsert(records: Iterable[ReferenceRecord]) -> None:
    ReferenceRecord.objects.bulk_create(
        list(records),
        batch_size=_CHUNK,
        update_conflicts=True,
        unique_fields=["connection", "kind", "erp_id"],
        update_fields=_COLUMNS,
    )


def choices(connection: ErpConnection, kind: str, *, search: str = "") -> QuerySet[ReferenceRecord]:
    """Active rows of a kind by name, for forms and autocompletion."""
    rows = ReferenceRecord.objects.filter(connection=connection, kind=kind, is_inactive=False).order_by(
        "name", "pk"
    )
    if search:
        rows = rows.filter(name__icontains=search) | rows.filter(code__icontains=search)
    return rows


def fetched_at(connection: ErpConnection, kind: str) -> datetime | None:
    """When a kind was last read (aware UTC), None if never: the age shown beside the choices."""
    latest: datetime | None = ReferenceRecord.objects.filter(connection=connection, kind=kind).aggregate(
        latest=Max("fetched_at")
    )["latest"]
    return latest


def _code(text: str) -> str:
    return text.strip()[:255]


def _sku_key(sku: str) -> str:
    return sku.strip().upper()[:255]


def known_items(
    connection: ErpConnection, skus: Iterable[str], *, max_age: timedelta = ITEM_AGE
) -> dict[str, FoundItem]:
    """Items already known for some of the SKUs, keyed by the SKU as it was asked (compared trimmed, without case).

    Only settled answers are remembered: exactly one active item. What was unknown, ambiguous or inactive is asked
    again each time, because someone may have mended it in the ERP. One query.
    """
    asked: dict[str, list[str]] = {}
    for sku in skus:
        asked.setdefault(_sku_key(sku), []).append(sku)
    rows = ReferenceRecord.objects.filter(
        connection=connection,
        kind=ReferenceKind.ITEM,
        code__in=list(asked),
        is_inactive=False,
        fetched_at__gte=now() - max_age,
    )
    found: dict[str, FoundItem] = {}
    for row in rows:
        if row.extra.get("settled"):
            for sku in asked.get(row.code, ()):
                found[sku] = FoundItem(
                    id=row.erp_id, sku=sku, name=row.name, kind=row.extra.get("itemtype", "")
                )
    return found


def remember_items(connection: ErpConnection, found: Iterable[FoundItem]) -> None:
    """Keep the settled answers among what `ErpAdapter.find_items` gave: SKUs with exactly one match, an active one.

    One statement, none when nothing is settled.
    """
    by_sku: dict[str, dict[str, FoundItem]] = {}
    for item in found:
        by_sku.setdefault(_sku_key(item.sku), {})[item.id] = item
    at = now()
    rows = {}
    for sku, items in by_sku.items():
        (item, *others) = items.values()
        if sku and not others and not item.inactive:
            rows[item.id] = ReferenceRecord(
                connection=connection,
                kind=ReferenceKind.ITEM,
                erp_id=item.id,
                name=(item.name or item.sku)[:255],
                code=sku,
                is_inactive=False,
                extra={"itemtype": item.kind, "settled": True},
                fetched_at=at,
            )
    if rows:
        _upsert(rows.values())
