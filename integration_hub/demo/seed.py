"""What a person would set up by hand: connection, shops, mappings, customer templates, users. Safe to repeat.

Rows that are there are left as they are (a person may have changed them); only addresses follow the sandbox. Targets
are found by name among the reference data the hub itself read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from common.checks import Check
from common.clock import now
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord, SigningAlgorithm, TaxChoice
from erps.reference import refresh
from erps.registry import adapter_for
from integration_hub.demo.failures import SetupFailed
from integration_hub.demo.sandbox_link import SandboxLink
from integration_hub.roles import ROLES
from mappings.models import Behaviour, CustomerMatch, CustomerTemplate, MapKind, TargetKind, ValueMapping
from shops.models import Location, Shop
from shops.shopify.connection import check_shop
from syncflows.models import OrderRules

CHOICES: dict[str, Any] = json.loads(Path(__file__).with_name("choices.json").read_text(encoding="utf-8"))
CONNECTION = "netsuite-demo"
ACCOUNT = "TSTDRV0000001"
INTEGRATION = "demo-integration"
CERTIFICATE = "demo-certificate"
CLIENT_ID = "demo-client"
CLIENT_SECRET = "demo-secret-do-not-use"  # noqa: S105 - the sandbox's, which listens on this machine only
REQUESTS_AT_ONCE = 8
_BY_NAME = {
    "shipment_method": (MapKind.SHIPMENT_METHOD, ReferenceKind.SHIP_METHOD),
    "payment_method": (MapKind.PAYMENT_METHOD, ReferenceKind.PAYMENT_METHOD),
    "payment_terms": (MapKind.PAYMENT_TERMS, ReferenceKind.TERM),
    "discount": (MapKind.DISCOUNT, ReferenceKind.ITEM),
    "department": (MapKind.DEPARTMENT, ReferenceKind.DEPARTMENT),
    "class": (MapKind.CLASS, ReferenceKind.CLASS),
    "charges": (MapKind.ACCOUNT, ReferenceKind.ITEM),
}


def seed_connection(link: SandboxLink) -> ErpConnection:
    """The connection, with a key pair made once, and NetSuite's reference data read through the real client."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    connection, _ = ErpConnection.objects.get_or_create(
        key=CONNECTION,
        defaults={
            "name": "NetSuite (sandbox)",
            "account_id": ACCOUNT,
            "base_url": link.netsuite,
            "client_id": INTEGRATION,
            "certificate_id": CERTIFICATE,
            "algorithm": SigningAlgorithm.ES256,
            "private_key": pem.decode(),
            "concurrency_limit": REQUESTS_AT_ONCE,
            "tax_strategy": TaxChoice.TAX_DETAILS,
        },
    )
    if connection.base_url != link.netsuite:
        connection.base_url = link.netsuite
        connection.save()
    link.register_certificate(CERTIFICATE, INTEGRATION, _public(connection.private_key))
    adapter = adapter_for(connection)
    _expect(adapter.check(), connection.name)
    read = refresh(connection, adapter)
    for kind in read.problems.keys() - {
        ReferenceKind.CUSTOMER_CATEGORY
    }:  # a feature the account may not have
        problem = read.problems[kind]
        raise SetupFailed(f"NetSuite's list '{kind}' could not be read: {problem.message} {problem.detail}")
    return connection


def _public(private_pem: str) -> str:
    key = serialization.load_pem_private_key(private_pem.encode(), password=None)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _expect(checks: list[Check], name: str) -> None:
    failed = [f"{check.name}: {check.detail} {check.fix}" for check in checks if not check.ok]
    if failed:
        raise SetupFailed(f"The connection test of {name} failed. " + " · ".join(failed))


def seed_shops(link: SandboxLink, connection: ErpConnection, say: Callable[[str], None]) -> list[Shop]:
    """One shop per store of the sandbox with its mappings, tested through the real client."""
    shops = []
    names = _Names(connection)
    for store, domain in sorted(link.stores().items()):
        address = f"{link.shopify}/{store}"
        shop, made = Shop.objects.get_or_create(
            key=store,
            defaults={
                "name": store.replace("-", " ").title(),
                "domain": domain,
                "api_base_url": address,
                "erp_connection": connection,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            },
        )
        if shop.api_base_url != address:
            shop.api_base_url = address
            shop.save()
        _expect(check_shop(shop), shop.name)
        shop.refresh_from_db()
        rules, _ = OrderRules.objects.get_or_create(shop=shop)
        # The demo asks for the first search itself; the schedule goes on from there.
        OrderRules.objects.filter(pk=rules.pk).update(
            next_run_at=now() + timedelta(minutes=rules.interval_minutes)
        )
        if made:
            say(f"shop {shop.name}: {shop.currency}, {shop.iana_timezone}")
        seed_mappings(shop, names)
        shops.append(shop)
    return shops


class _Names:
    """Finds records of the ERP by the name people read."""

    def __init__(self, connection: ErpConnection) -> None:
        rows = ReferenceRecord.objects.filter(connection=connection, is_inactive=False)
        self._found = {(row.kind, row.name): row for row in rows}

    def get(self, kind: str, name: str) -> ReferenceRecord:
        """The record of a kind with this name. Raises SetupFailed."""
        record = self._found.get((kind, name))
        if record is None:
            raise SetupFailed(f"NetSuite has no active {ReferenceKind(kind).label.lower()} named '{name}'.")
        return record

    def id_of(self, kind: str, name: str | None) -> str:
        """The id of the record, "" for no name."""
        return self.get(kind, name).erp_id if name else ""

    def tax_type(self, code: ReferenceRecord) -> str:
        """The tax type of a code: the one of its country."""
        country = code.extra.get("country")
        types = (r for (kind, _), r in self._found.items() if kind == ReferenceKind.TAX_TYPE)
        return next((r.erp_id for r in types if r.extra.get("country") == country), "")


def seed_mappings(shop: Shop, names: _Names) -> None:
    """The value maps and customer templates of a shop; rows a person made or changed stay as they are."""
    for values in (*_mapped_by_name(names), *_mapped_by_store(shop, names)):
        kind, source = values.pop("kind"), values.pop("source", "")
        ValueMapping.objects.get_or_create(shop=shop, kind=kind, source=source, defaults=values)
    own = CHOICES["stores"].get(shop.key, CHOICES["stores"]["demo-store"])
    walk_in = names.get(ReferenceKind.CUSTOMER, own["walk_in"])
    for country, template in CHOICES["templates"].items():
        CustomerTemplate.objects.get_or_create(
            shop=shop,
            country=country,
            defaults={
                "match": own.get("match", CustomerMatch.EMAIL_PHONE),
                "default_customer_id": "" if country else walk_in.erp_id,
                "default_customer_name": "" if country else walk_in.name,
                "subsidiary_id": names.id_of(ReferenceKind.SUBSIDIARY, own["subsidiary"]),
                "terms_id": names.id_of(ReferenceKind.TERM, template.get("terms")),
                "price_level_id": names.id_of(ReferenceKind.PRICE_LEVEL, template.get("price_level")),
            },
        )


def _mapped_by_name(names: _Names) -> Iterator[dict[str, Any]]:
    """Rows that are the same for every shop."""
    for section, (kind, reference) in _BY_NAME.items():
        for source, target in CHOICES[section].items():
            row: dict[str, Any] = {"kind": kind, "source": "" if source == "default" else source}
            if target in ("STOP", "EMPTY"):
                yield {**row, "behaviour": Behaviour[target]}
            else:
                yield {**row, **_target(names.get(reference, target))}
    for source, promotion in CHOICES["promotion"].items():
        record = names.get(ReferenceKind.PROMOTION, promotion)
        yield {"kind": MapKind.DISCOUNT, "source": source, "promotion_id": record.erp_id}
    for source, account in CHOICES["charges_by_account"].items():
        found = _target(names.get(ReferenceKind.ACCOUNT, account))
        yield {"kind": MapKind.ACCOUNT, "source": source, "target_kind": TargetKind.ACCOUNT, **found}


def _mapped_by_store(shop: Shop, names: _Names) -> Iterator[dict[str, Any]]:
    """Rows that depend on where the store sells from."""
    own = CHOICES["stores"].get(shop.key, CHOICES["stores"]["demo-store"])
    yield {"kind": MapKind.SUBSIDIARY, **_target(names.get(ReferenceKind.SUBSIDIARY, own["subsidiary"]))}
    base = _target(names.get(ReferenceKind.LOCATION, own["location"]))
    yield {"kind": MapKind.LOCATION, **base}
    if own["location"] in CHOICES["locations"].values():
        for place in Location.objects.filter(shop=shop, name__in=CHOICES["locations"]):
            target = names.get(ReferenceKind.LOCATION, CHOICES["locations"][place.name])
            row = {"kind": MapKind.LOCATION, "source": place.source_id, "source_label": place.name}
            yield {**row, **_target(target)}
    for source, name in {"": own["tax"], **own["taxes"]}.items():
        code = names.get(ReferenceKind.TAX_CODE, name)
        row = {"kind": MapKind.TAX, "source": source, **_target(code)}
        yield {**row, "tax_type_id": names.tax_type(code), "tax_rate": code.extra.get("rate")}


def _target(record: ReferenceRecord) -> dict[str, str]:
    return {"target_id": record.erp_id, "target_label": record.name}


def seed_users(password: str) -> list[str]:
    """One person per role, named like it; new ones get the password given. Returns the names."""
    missing = [role for role in ROLES if not User.objects.filter(username=role).exists()]
    encoded = make_password(password) if missing else ""  # made slow on purpose, so once for all
    for role in missing:
        user = User.objects.create(
            username=role, password=encoded, first_name=role.title(), last_name="Demo", is_staff=True
        )
        user.groups.add(Group.objects.get(name=role))
    return list(ROLES)
