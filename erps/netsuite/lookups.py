"""Bulk look-ups: documents by external id or number, items. SuiteQL texts and the reading of their rows."""

# ruff: noqa: S608 - every value goes through erps.netsuite.suiteql, which whitelists or quotes it

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from canonical.documents import FoundDocument, FoundItem
from erps.netsuite import suiteql
from erps.netsuite.states import stage_of
from erps.netsuite.texts import OTHER_NUMBER, cut_plain

Row = dict[str, str]
_TYPES = {"SalesOrd": "sales_order", "CustInvc": "invoice", "CashSale": "cash_sale"}
_DOCUMENTS = suiteql.texts(_TYPES)
_CREDIT = "CustCred"
_KINDS = {**_TYPES, _CREDIT: "credit_memo"}
_HEADER = (
    "t.id, t.type, t.tranid, t.externalid, t.status, t.foreigntotal, t.otherrefnum, t.entity, t.currency"
)
_ITEM = "i.id, i.itemid, i.externalid, i.upccode, i.displayname, i.itemtype, i.isinactive, i.matrixtype"
_NOT_COUNTED = "'ShipItem', 'TaxItem', 'TaxGroup', 'Description'"
_MATRIX_MARK = " : "


def documents_query(external_ids: Sequence[str], order_names: Sequence[str]) -> str:
    """Transactions with one of the external ids, and orders, invoices and cash sales without one that carry one of the
    numbers; "" when nothing can be searched for."""
    parts = []
    listed = suiteql.external_ids(external_ids)
    if listed:
        parts.append(f"t.externalid IN ({listed})")
    names = suiteql.texts(cut_plain(name, OTHER_NUMBER) for name in order_names)
    if names:
        parts.append(f"(t.type IN ({_DOCUMENTS}) AND t.externalid IS NULL AND t.otherrefnum IN ({names}))")
    if not parts:
        return ""
    return f"SELECT {_HEADER} FROM transaction t WHERE {' OR '.join(parts)} ORDER BY t.id"


def listing_query(prefixes: Sequence[str], since: datetime | None, after: str) -> str:
    """Transactions by the beginning of their external id, from the day of `since` on, by internal id. `createddate` is
    in the account's own zone, so the day before is asked for as well. An underscore stands for any letter in LIKE: the
    caller looks at the ids it gets."""
    begins = " OR ".join(f"t.externalid LIKE {suiteql.quoted(prefix + '%')}" for prefix in prefixes)
    terms = [f"({begins})"]
    if suiteql.ids([after]):
        terms.append(f"t.id > {after}")
    if since is not None:
        day = since.astimezone(UTC) - timedelta(days=1)
        terms.append(f"t.createddate >= TO_DATE('{day:%Y-%m-%d}', 'YYYY-MM-DD')")
    return f"SELECT {_HEADER} FROM transaction t WHERE {' AND '.join(terms)} ORDER BY t.id"


def existing_query(ids: Sequence[str]) -> str:
    """Which transactions are there, by internal id; "" when there is no id."""
    listed = suiteql.ids(ids)
    return f"SELECT t.id FROM transaction t WHERE t.id IN ({listed}) ORDER BY t.id" if listed else ""


def number_query(number: str) -> str:
    """Orders, invoices and cash sales that carry a document number; "" when it cannot be searched for."""
    if not suiteql.usable(number):
        return ""
    return (
        f"SELECT {_HEADER}, t.trandate, BUILTIN.DF(t.entity) AS customer FROM transaction t "
        f"WHERE t.type IN ({_DOCUMENTS}) AND UPPER(t.tranid) = {suiteql.quoted(number.upper())} ORDER BY t.id"
    )


def read_back_query(ids: Sequence[str]) -> str:
    """Header and number of entered lines of transactions, one row each: not the main line, no tax, cost or shipping
    line NetSuite adds by itself. "" when there is no id."""
    listed = suiteql.ids(ids)
    if not listed:
        return ""
    return (
        f"SELECT {_HEADER}, COUNT(tl.id) AS line_count, SUM(tl.quantitybilled) AS billed FROM transaction t "
        "LEFT JOIN transactionline tl ON tl.transaction = t.id AND tl.mainline = 'F' AND tl.taxline = 'F' "
        f"AND tl.iscogs = 'F' AND NVL(tl.itemtype, ' ') NOT IN ({_NOT_COUNTED}) "
        f"WHERE t.id IN ({listed}) GROUP BY {_HEADER} ORDER BY t.id"
    )


def document(row: Row) -> FoundDocument:
    """A row of the queries above. SuiteQL shows credit memos below zero; their total is given as people see it."""
    lines = row.get("line_count")
    kind = row.get("type", "")
    status = row.get("status", "").rpartition(":")[2]
    total = _amount(row.get("foreigntotal"))
    return FoundDocument(
        id=row["id"],
        kind=_KINDS.get(kind, kind),
        external_id=row.get("externalid", ""),
        number=row.get("tranid", ""),
        other_number=row.get("otherrefnum", ""),
        status=status,
        total=-total if total and kind == _CREDIT else total,
        line_count=int(lines) if lines is not None else None,
        customer_id=row.get("entity", ""),
        currency_id=row.get("currency", ""),
        stage=stage_of(kind, status, used=bool(_amount(row.get("billed")))),
        customer_name=row.get("customer", ""),
        date=row.get("trandate", ""),
    )


def _amount(text: str | None) -> Decimal | None:
    """An amount of SuiteQL: text, sometimes without the zero before the point (".5")."""
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def items_query(skus: Sequence[str]) -> str:
    """Items by item id, by the last part of a matrix child's id (`PARENT : CHILD`), or by UPC; "" when no SKU can
    be searched for. Compared without case; may find more than asked for (`items_for` compares exactly)."""
    wanted = list(dict.fromkeys(sku.strip().upper() for sku in skus if sku.strip()))
    listed = suiteql.texts(wanted)
    if not listed:
        return ""
    endings = ("%" + _MATRIX_MARK + sku.replace("%", "_") for sku in wanted)
    children = "".join(
        f" OR UPPER(i.itemid) LIKE {suiteql.quoted(ending)}" for ending in endings if suiteql.usable(ending)
    )
    return (
        f"SELECT {_ITEM} FROM item i WHERE UPPER(i.itemid) IN ({listed}) OR UPPER(i.upccode) IN ({listed})"
        f"{children} ORDER BY i.id"
    )


def items_for(rows: Iterable[Row], skus: Sequence[str]) -> list[FoundItem]:
    """For every SKU asked for the items that answer to it, `sku` being the SKU as it was asked. Matrix parents are
    left out: they cannot be sold."""
    asked: dict[str, list[str]] = {}
    for sku in dict.fromkeys(skus):
        asked.setdefault(sku.strip().upper(), []).append(sku)
    found: list[FoundItem] = []
    for row in rows:
        if row.get("matrixtype", "").upper() == "PARENT":
            continue
        names = {row.get("itemid", ""), last_part(row.get("itemid", "")), row.get("upccode", "")}
        for key in dict.fromkeys(name.strip().upper() for name in names):
            found.extend(item(row, sku) for sku in asked.get(key, ()) if key)
    unique = {(one.id, one.sku): one for one in found}
    return sorted(unique.values(), key=lambda one: (one.sku, int(one.id)))


def last_part(item_id: str) -> str:
    """The child's own name in `PARENT : CHILD`, else the whole."""
    return item_id.rpartition(_MATRIX_MARK)[2]


def charge_items_query(account_ids: Sequence[str]) -> str:
    """Other-charge items that post to one of the income accounts; "" when there is no id."""
    listed = suiteql.ids(account_ids)
    if not listed:
        return ""
    return (
        f"SELECT {_ITEM}, i.incomeaccount FROM item i WHERE i.itemtype = 'OthCharge' "
        f"AND i.incomeaccount IN ({listed}) ORDER BY i.id"
    )


def item(row: Row, sku: str = "") -> FoundItem:
    """A row of the item queries, under the SKU it was found by."""
    return FoundItem(
        id=row["id"],
        sku=sku or last_part(row.get("itemid", "")),
        name=row.get("displayname") or row.get("itemid", ""),
        kind=row.get("itemtype", ""),
        inactive=row.get("isinactive") == "T",
        income_account_id=row.get("incomeaccount", ""),
        external_id=row.get("externalid", ""),
    )
