"""What an account has switched on, read from its metadata catalog (OpenAPI document of its record types).

The catalog lists the account's own fields, custom ones included. Only names are used: a record's schema is found by
its name, and its sublists (`salesOrder-itemElement` and the like, or nested objects) count as part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import Any, Self

from erps.netsuite.client import NetSuiteClient
from erps.netsuite.errors import Subject

CATALOG = "/record/v1/metadata-catalog"
OPENAPI = "application/swagger+json"
FEATURE_RECORDS = ("salesOrder", "customer", "invoice")
"""Records whose fields say what the account has switched on. A role that sees no invoices writes none."""


@dataclass(frozen=True, slots=True)
class Features:
    """`suitetax`: tax details instead of the older tax codes. `oneworld`: subsidiaries. `taxable_flag`: documents,
    lines and customers can be marked as not taxable (older tax codes, not in every country). `invoice_approval`:
    invoices are routed for approval. `promotions`: documents list their promotions."""

    suitetax: bool
    oneworld: bool
    taxable_flag: bool
    invoice_approval: bool = False
    promotions: bool = False

    @classmethod
    def of(cls, capabilities: Mapping[str, Any]) -> Self | None:
        """From what a connection test stored; None when there was none yet."""
        try:
            return cls(**{field.name: bool(capabilities[field.name]) for field in dataclass_fields(cls)})
        except KeyError:
            return None


@dataclass(frozen=True, slots=True)
class RecordFields:
    """Names of a record's fields, lower case: its `own`, and `all` of them with those of its sublists."""

    own: frozenset[str]
    all: frozenset[str]


def read_fields(client: NetSuiteClient, *records: str) -> dict[str, RecordFields]:
    """The fields of each record type; empty sets for one the role does not see. One request."""
    body = client.get(f"{CATALOG}?select={','.join(records)}", Subject("record catalog"), accept=OPENAPI)
    schemas = dict(schemas_of(body))
    fields: dict[str, RecordFields] = {}
    for record in records:
        prefix = record.lower()
        parts = [schema for key, schema in schemas.items() if key == prefix or key.startswith(prefix + "-")]
        fields[record] = RecordFields(
            own=frozenset(str(name).lower() for name in schemas.get(prefix, {}).get("properties", {})),
            all=frozenset(name for schema in parts for name in _names(schema)),
        )
    return fields


def read_features(client: NetSuiteClient) -> Features:
    """Ask the catalog."""
    return features_of(read_fields(client, *FEATURE_RECORDS))


def features_of(fields: Mapping[str, RecordFields]) -> Features:
    """What the fields of FEATURE_RECORDS say about the account."""
    order, customer = fields["salesOrder"].own, fields["customer"].own
    return Features(
        suitetax="taxdetailsoverride" in order,
        oneworld="subsidiary" in customer,
        taxable_flag="istaxable" in order,
        invoice_approval="approvalstatus" in fields["invoice"].own,
        promotions="promotions" in order,
    )


def schemas_of(body: Any) -> Iterator[tuple[str, Any]]:
    """Record schemas of the catalog by their names, lower case."""
    if not isinstance(body, Mapping):
        return
    found = body.get("components", {}).get("schemas") or body.get("definitions") or body
    for name, schema in found.items():
        if isinstance(schema, Mapping):
            yield str(name).lower(), schema


def _names(schema: Any) -> Iterator[str]:
    """Property names of a schema, at any depth."""
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            yield from (str(name).lower() for name in properties)
        for child in schema.values():
            yield from _names(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from _names(child)
