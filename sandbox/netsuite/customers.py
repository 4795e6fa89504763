"""The customer record: required fields, names that must be unique, currencies, subsidiaries, addresses."""

# ruff: noqa: S608 - table names are constants

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sandbox.netsuite.errors import duplicate, missing_value, user_error
from sandbox.netsuite.references import check_all, resolve
from sandbox.netsuite.sqlfunctions import stamp
from sandbox.netsuite.store import Doc, insert_row, next_id
from sandbox.netsuite.work import Work, row_of


def prepare(work: Work, doc: Doc) -> None:
    """Check a customer and fill in defaults, in place. Raises RestError with the account's sentences."""
    person = doc.setdefault("isPerson", not doc.get("companyName"))
    missing = []
    if person:
        missing = [
            label
            for field, label in (("firstName", "First Name"), ("lastName", "Last Name"))
            if not doc.get(field)
        ]
    elif not doc.get("companyName"):
        missing = ["Company Name"]
    if not doc.get("subsidiary"):
        missing.append("Primary Subsidiary")
    if missing:
        raise missing_value(", ".join(missing))
    display = f"{doc.get('firstName')} {doc.get('lastName')}" if person else str(doc["companyName"])
    _name(work, doc, display)
    doc["altName"] = display
    subsidiary = resolve(work, "subsidiary", doc["subsidiary"], "subsidiary")
    doc.setdefault("currency", {"id": str(subsidiary["currency"])})
    check_all(work, "customer", doc, None)
    url = doc.get("url")
    if url and not urlsplit(url).scheme:
        raise user_error("Invalid URL. URLs must start with http://, https://, ftp://, or file://.")
    if doc.get("email") and ("@" not in doc["email"] or " " in doc["email"]):
        raise user_error("Please enter a valid email address.", "email")
    doc.setdefault("isInactive", False)
    _addresses(work, doc)


def _name(work: Work, doc: Doc, display: str) -> None:
    """entityId: given, or by numbering; it is a key of all entities (the duplicate-name trap)."""
    if not doc.get("entityId"):
        if not work.settings["auto_number_customers"] and not doc.get("autoName"):
            doc["entityId"] = display
        else:
            doc["entityId"] = f"CUST{next_id(work.db, 'entityid', 1001)} {display}"
    doc.pop("autoName", None)
    row = work.db.execute(
        "SELECT id FROM record WHERE grp = 'entity' AND name = ?", (doc["entityId"].lower(),)
    ).fetchone()
    if row and str(row[0]) != doc.get("id"):
        raise duplicate("entity")


def _addresses(work: Work, doc: Doc) -> None:
    """Number the address book; one default each for billing and shipping (the last one named wins)."""
    rows = (doc.get("addressBook") or {}).get("items", [])
    for row in rows:
        row.setdefault("id", next_id(work.db, "id:address", 7001))
        row["internalId"] = row["id"]
        row.setdefault("addressBookAddress", {})
    for flag in ("defaultBilling", "defaultShipping"):
        chosen = [row for row in rows if row.get(flag)]
        for row in chosen[:-1]:
            row[flag] = False


def currencies_of(doc: Doc) -> list[str]:
    """Ids of the primary currency and of those in currencyList."""
    listed = [
        row["currency"]["id"]
        for row in (doc.get("currencyList") or {}).get("items", [])
        if row.get("currency")
    ]
    return list(dict.fromkeys([str(doc["currency"]["id"]), *listed]))


def project(work: Work, doc: Doc, secondary: list[int] | None = None) -> None:
    """Write the SuiteQL rows of a customer: customer, subsidiaries, address book."""
    number = int(doc["id"])
    for table, column in (("customer", "id"), ("customeraddressbook", "entity")):
        work.db.execute(f'DELETE FROM "q_{table}" WHERE "{column}" = ?', (number,))
    default = {
        flag: next(
            (row["id"] for row in (doc.get("addressBook") or {}).get("items", []) if row.get(flag)), None
        )
        for flag in ("defaultBilling", "defaultShipping")
    }
    now = stamp(work.now)
    texts = ("entityId", "externalId", "email", "companyName", "firstName", "lastName", "middleName", "altName",
             "phone", "altPhone", "mobilePhone", "comments", "resaleNumber", "vatRegNumber",
             "accountNumber")  # fmt: skip
    references = ("subsidiary", "currency", "terms", "priceLevel", "parent", "category")
    insert_row(work.db, "customer", {
        "id": number,
        **{name.lower(): doc.get(name) for name in texts},
        **{name.lower(): doc[name]["id"] for name in references if doc.get(name)},
        "isinactive": "T" if doc.get("isInactive") else "F",
        "isperson": "T" if doc.get("isPerson") else "F",
        "taxable": None if doc.get("taxable") is None else ("T" if doc["taxable"] else "F"),
        "creditlimit": doc.get("creditLimit"),
        "datecreated": stamp_of(doc, work), "lastmodifieddate": now,
        "defaultbillingaddress": default["defaultBilling"], "defaultshippingaddress": default["defaultShipping"],
        "_currencies": ",".join(currencies_of(doc)), "_taxitem": (doc.get("taxItem") or {}).get("id"),
    })  # fmt: skip
    _project_subsidiaries(work, doc, secondary)
    _project_addresses(work, doc)


def stamp_of(doc: Doc, work: Work) -> str:
    """The creation moment of a document as SuiteQL stores it."""
    created = doc.get("dateCreated")
    return stamp(datetime.fromisoformat(created) if created else work.now)


def _project_subsidiaries(work: Work, doc: Doc, secondary: list[int] | None) -> None:
    number, primary = int(doc["id"]), int(doc["subsidiary"]["id"])
    if secondary is None:
        rows = work.db.execute(
            "SELECT subsidiary FROM q_customersubsidiaryrelationship WHERE entity = ? AND isprimarysub = 'F'",
            (number,),
        )
        secondary = [row[0] for row in rows]
    work.db.execute("DELETE FROM q_customersubsidiaryrelationship WHERE entity = ?", (number,))
    for subsidiary in dict.fromkeys([primary, *secondary]):
        row = row_of(work.db, "subsidiary", subsidiary)
        insert_row(work.db, "customersubsidiaryrelationship", {
            "id": next_id(work.db, "id:relationship", 6001), "entity": number, "subsidiary": subsidiary,
            "isprimarysub": "T" if subsidiary == primary else "F",
            "primarycurrency": row["currency"] if row else None,
        })  # fmt: skip


def _project_addresses(work: Work, doc: Doc) -> None:
    for row in (doc.get("addressBook") or {}).get("items", []):
        address = row["addressBookAddress"]
        insert_row(work.db, "customeraddressbook", {
            "internalid": row["id"], "entity": int(doc["id"]), "addressbookaddress": row["id"],
            "label": row.get("label"),
            "defaultbilling": "T" if row.get("defaultBilling") else "F",
            "defaultshipping": "T" if row.get("defaultShipping") else "F",
        })  # fmt: skip
        work.db.execute("DELETE FROM q_customeraddressbookentityaddress WHERE nkey = ?", (row["id"],))
        texts = ("addressee", "attention", "addr1", "addr2", "addr3", "city", "state", "zip", "addrPhone")
        insert_row(work.db, "customeraddressbookentityaddress", {
            "nkey": row["id"], **{name.lower(): address.get(name) for name in texts},
            "country": (address.get("country") or {}).get("id"),
        })  # fmt: skip
