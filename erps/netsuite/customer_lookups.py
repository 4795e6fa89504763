"""Looking for customers: SuiteQL texts and the reading of their rows.

Addresses: `customeraddressbook` and `customeraddressbookentityaddress`, joined on `nkey`.
"""

# ruff: noqa: S608 - every value goes through erps.netsuite.suiteql, which whitelists or quotes it

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

from canonical.documents import FoundAddress, FoundCustomer
from canonical.parties import Address
from erps.netsuite import suiteql

Row = dict[str, str]
_NOT_A_DIGIT = re.compile(r"\D")
_PHONE_TAIL = 7
_PHONE_SIGNS = (" ", "-", "(", ")", ".", "/", "+")
_TAX_SIGNS = (" ", "-", ".", "/")
_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,60}")
_COLUMNS = (
    "c.id, c.entityid, c.externalid, c.email, c.phone, c.isinactive, c.isperson, c.companyname, "
    "c.firstname, c.lastname"
)
_ADDRESS = "a.addressee, a.attention, a.addr1, a.addr2, a.city, a.zip, a.country"
_FROM_ADDRESSES = (
    "FROM customer c JOIN customeraddressbook b ON b.entity = c.id "
    "JOIN customeraddressbookentityaddress a ON a.nkey = b.addressbookaddress"
)


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """What customers are looked up by; `tax_ids` are searched for in the field `tax_id_field`."""

    external_ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()
    tax_id_field: str = ""

    def parts(self) -> Iterator[CustomerSearch]:
        """The search in parts of at most 500 values of a kind."""
        lists = [field.name for field in fields(self) if field.name != "tax_id_field"]
        longest = max(len(getattr(self, name)) for name in lists)
        for start in range(0, longest, suiteql.IN_LIST):
            part = slice(start, start + suiteql.IN_LIST)
            yield replace(self, **{name: getattr(self, name)[part] for name in lists})


def _columns(*, oneworld: bool) -> str:
    return f"{_COLUMNS}, c.subsidiary" if oneworld else _COLUMNS


def customers_query(wanted: CustomerSearch, *, oneworld: bool) -> str:
    """Customers by any of these; "" when nothing can be searched for. Phones are compared by their last seven digits,
    tax ids without the signs between; the caller compares exactly."""
    parts = []
    listed = suiteql.external_ids(wanted.external_ids)
    if listed:
        parts.append(f"c.externalid IN ({listed})")
    mails = suiteql.texts(email.strip().lower() for email in wanted.emails)
    if mails:
        parts.append(f"LOWER(c.email) IN ({mails})")
    tails = (tail[-_PHONE_TAIL:] for tail in map(digits, wanted.phones) if len(tail) >= _PHONE_TAIL)
    phones = suiteql.texts(tails)
    if phones:
        parts.append(f"SUBSTR({_without('c.phone', _PHONE_SIGNS)}, -{_PHONE_TAIL}) IN ({phones})")
    numbers = suiteql.ids(wanted.ids)
    if numbers:
        parts.append(f"c.id IN ({numbers})")
    names = suiteql.texts(name.strip().lower() for name in wanted.numbers)
    if names:
        parts.append(f"LOWER(c.entityid) IN ({names})")
    column = tax_column(wanted.tax_id_field)
    taxes = suiteql.texts(tax_id.upper() for tax_id in wanted.tax_ids) if column else ""
    if taxes:
        parts.append(f"UPPER({_without(column, _TAX_SIGNS)}) IN ({taxes})")
    if not parts:
        return ""
    extra = f", {column} AS tax_id" if taxes else ""
    columns = _columns(oneworld=oneworld)
    return f"SELECT {columns}{extra} FROM customer c WHERE {' OR '.join(parts)} ORDER BY c.id"


def tax_column(field: str) -> str:
    """The column of a REST field; "" for what is no field name."""
    return f"c.{field.lower()}" if _COLUMN.fullmatch(field) else ""


def _without(column: str, signs: Sequence[str]) -> str:
    for sign in signs:
        column = f"REPLACE({column}, '{sign}', '')"
    return column


def places_query(places: Sequence[Address], *, oneworld: bool) -> str:
    """Customers with an address of the same zip or, where there is none, the same first line; one row per address.
    "" when nothing can be searched for."""
    zips = suiteql.texts(place.zip.replace(" ", "").upper() for place in places if place.zip.strip())
    streets = suiteql.texts(place.address1.strip().lower() for place in places if not place.zip.strip())
    parts = []
    if zips:
        parts.append(f"UPPER(REPLACE(a.zip, ' ', '')) IN ({zips})")
    if streets:
        parts.append(f"LOWER(a.addr1) IN ({streets})")
    if not parts:
        return ""
    columns = _columns(oneworld=oneworld)
    return f"SELECT {columns}, {_ADDRESS} {_FROM_ADDRESSES} WHERE {' OR '.join(parts)} ORDER BY c.id"


def search_query(text: str, limit: int, *, oneworld: bool) -> str:
    """Customers whose number, name, company or e-mail holds a text, or whose id it is; active ones first. "" for a text
    that cannot be searched for."""
    wanted = " ".join(text.split()).lower()
    pattern = f"%{wanted.replace('%', '_')}%"
    if (len(wanted) < 2 and not wanted.isdecimal()) or not suiteql.usable(pattern):
        return ""
    like = suiteql.quoted(pattern)
    parts = [f"LOWER({column}) LIKE {like}" for column in ("c.entityid", "c.companyname", "c.email")]
    parts.append(f"LOWER(c.firstname || ' ' || c.lastname) LIKE {like}")
    if suiteql.ids([wanted]):
        parts.append(f"c.id = {suiteql.ids([wanted])}")
    return (
        f"SELECT {_columns(oneworld=oneworld)} FROM customer c WHERE {' OR '.join(parts)} "
        f"ORDER BY c.isinactive, c.entityid FETCH FIRST {int(limit)} ROWS ONLY"
    )


def customer(row: Row) -> FoundCustomer:
    """A row of the queries above, without its address."""
    person = f"{row.get('firstname', '')} {row.get('lastname', '')}".strip()
    return FoundCustomer(
        id=row["id"],
        name=row.get("entityid", ""),
        external_id=row.get("externalid", ""),
        email=row.get("email", ""),
        phone=row.get("phone", ""),
        subsidiary_id=row.get("subsidiary", ""),
        inactive=row.get("isinactive") == "T",
        is_person=row.get("isperson") == "T",
        names=tuple(name for name in (row.get("companyname", ""), person) if name),
        tax_id=row.get("tax_id", ""),
    )


def address(row: Row) -> FoundAddress:
    """The address in a row of `places_query`."""
    return FoundAddress(
        names=tuple(name for name in (row.get("addressee", ""), row.get("attention", "")) if name),
        address1=row.get("addr1", ""),
        address2=row.get("addr2", ""),
        city=row.get("city", ""),
        zip=row.get("zip", ""),
        country=row.get("country", ""),
    )


def digits(phone: str) -> str:
    """The digits of a phone number."""
    return _NOT_A_DIGIT.sub("", phone)
