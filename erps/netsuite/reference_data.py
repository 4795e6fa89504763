"""Reference data by SuiteQL: one query per kind, and how its rows become choices of a mapping form."""

# ruff: noqa: S608 - only constants of this module stand in these texts

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from canonical.documents import ReferenceData
from erps.models import ReferenceKind
from erps.netsuite.client import NetSuiteClient
from erps.netsuite.errors import Subject
from erps.netsuite.lookups import last_part


@dataclass(frozen=True, slots=True)
class Listing:
    """How one kind is read: `table`, `columns` (id first), which column is the name and which the code, what goes
    into `extra`, and the permission a role needs for it. Kinds that are not `required` belong to features an
    account may not have."""

    table: str
    columns: str
    name: str
    permission: str
    code: str = ""
    extra: tuple[str, ...] = ()
    oneworld: bool = False
    required: bool = True

    def query(self, *, oneworld: bool, where: str = "") -> str:
        """The text; `{after}` stays in it for paging by key, `where` narrows the rows."""
        columns = self.columns
        if not oneworld:
            columns = ", ".join(part for part in columns.split(", ") if part != "subsidiary")
        narrowed = f" AND {where}" if where else ""
        return f"SELECT {columns} FROM {self.table} WHERE id > {{after}}{narrowed} ORDER BY id"


LISTINGS: dict[str, Listing] = {
    ReferenceKind.SUBSIDIARY: Listing(
        "subsidiary",
        "id, name, fullname, currency, country, isinactive",
        "fullname",
        "Subsidiaries",
        extra=("currency", "country"),
        oneworld=True,
    ),
    ReferenceKind.LOCATION: Listing(
        "location",
        "id, name, fullname, subsidiary, isinactive",
        "fullname",
        "Locations",
        extra=("subsidiary",),
    ),
    ReferenceKind.DEPARTMENT: Listing(
        "department",
        "id, name, fullname, subsidiary, isinactive",
        "fullname",
        "Departments",
        extra=("subsidiary",),
        required=False,
    ),
    ReferenceKind.CLASS: Listing(
        "classification",
        "id, name, fullname, subsidiary, isinactive",
        "fullname",
        "Classes",
        extra=("subsidiary",),
        required=False,
    ),
    ReferenceKind.CURRENCY: Listing(
        "currency",
        "id, name, symbol, exchangerate, isinactive",
        "name",
        "Currency",
        code="symbol",
        extra=("exchangerate",),
    ),
    ReferenceKind.ACCOUNT: Listing(
        "account",
        "id, acctnumber, fullname, accttype, isinactive",
        "fullname",
        "Accounts",
        code="acctnumber",
        extra=("accttype",),
    ),
    ReferenceKind.TERM: Listing(
        "term",
        "id, name, daysuntilnetdue, isinactive",
        "name",
        "Accounting Lists",
        extra=("daysuntilnetdue",),
    ),
    ReferenceKind.SHIP_METHOD: Listing(
        "shipitem", "id, itemid, displayname, isinactive", "itemid", "Shipping Items"
    ),
    ReferenceKind.PAYMENT_METHOD: Listing(
        "paymentmethod",
        "id, name, undepfunds, isinactive",
        "name",
        "Payment Methods",
        extra=("undepfunds",),
        required=False,
    ),
    ReferenceKind.TAX_CODE: Listing(
        "salestaxitem",
        "id, itemid, rate, country, isinactive",
        "itemid",
        "Tax Records",
        code="itemid",
        extra=("rate", "country"),
    ),
    ReferenceKind.TAX_TYPE: Listing(
        "taxtype", "id, name, country, isinactive", "name", "Tax Records", extra=("country",), required=False
    ),
    ReferenceKind.PRICE_LEVEL: Listing(
        "pricelevel", "id, name, isinactive", "name", "Accounting Lists", required=False
    ),
    ReferenceKind.CUSTOMER_CATEGORY: Listing(
        "customercategory", "id, name, isinactive", "name", "Accounting Lists", required=False
    ),
    ReferenceKind.ITEM: Listing(
        "item",
        "id, itemid, displayname, itemtype, matrixtype, isinactive",
        "itemid",
        "Items",
        code="itemid",
        extra=("itemtype", "matrixtype"),
    ),
    ReferenceKind.PROMOTION: Listing(
        "promotioncode",
        "id, name, code, discounttype, rate, isinactive",
        "name",
        "Promotion",
        code="code",
        extra=("discounttype", "rate"),
        required=False,
    ),
    ReferenceKind.EMPLOYEE: Listing(
        "employee", "id, entityid, email, isinactive", "entityid", "Employees", code="email", required=False
    ),
    ReferenceKind.CUSTOMER: Listing(
        "customer",
        "id, entityid, email, subsidiary, isinactive",
        "entityid",
        "Customers",
        code="email",
        extra=("subsidiary",),
    ),
}
_CHARGES = (
    "itemtype IN ('OthCharge', 'Discount', 'NonInvtPart', 'Service', 'GiftCert', 'Markup', 'Payment', "
    "'Description')"
)
_GOODS = _CHARGES.replace(" IN ", " NOT IN ")


def listing(client: NetSuiteClient, kind: str, *, oneworld: bool) -> Iterator[ReferenceData]:
    """All rows of a kind, paged by key to the end. Of items, those for charges come first, so that whoever takes
    only a part has them. KeyError for an unknown kind."""
    spec = LISTINGS[kind]
    if spec.oneworld and not oneworld:
        return
    parts = (_CHARGES, _GOODS) if kind == ReferenceKind.ITEM else ("",)
    for where in parts:
        for row in client.query_by_key(spec.query(oneworld=oneworld, where=where), Subject(spec.table)):
            if row.get("matrixtype") != "PARENT":
                yield _entry(kind, spec, row)


def _entry(kind: str, spec: Listing, row: dict[str, str]) -> ReferenceData:
    code = row.get(spec.code, "") if spec.code else ""
    return ReferenceData(
        kind=kind,
        id=row["id"],
        name=row.get(spec.name) or row.get("name") or row["id"],
        code=last_part(code) if kind == ReferenceKind.ITEM else code,
        inactive=row.get("isinactive") == "T",
        extra={name: row[name] for name in (*spec.extra, "displayname") if row.get(name)},
    )
