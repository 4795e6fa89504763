"""What belongs to the configuration, and under which stable keys: the one list everything here goes by.

A section is a model. Every field of it is configuration, but for those named as state (the hub keeps them), secrets
(never written to a file) and its key. A new field is therefore in the file by itself; a new model has to be named
here or in `KEPT`, which a test sees to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from erps.models import ErpConnection, ReferenceKind
from mappings.admin.targets import reference_kinds
from mappings.field_sets import FieldMapping
from mappings.models import CustomerRules, CustomerTemplate, MapKind, ValueMapping
from monitoring.models import AlertLimits, Channel, ChannelKind
from shops.models import AuthKind, Shop
from syncflows.models import HoldRules, OrderFilter, OrderRules

Kinds = Callable[[models.Model, ErpConnection | None], Sequence[ReferenceKind]]
REST = "(default)"
"""How an empty key (a map's default row, the template of all other countries) is written."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that holds an id of the ERP: which reference data it is from, and the field that keeps its name."""

    kinds: Kinds
    label: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One model in the file. `key` are the fields that name an entry (none: one entry per parent), `parent` the
    foreign key to the entry it stands in, `links` foreign keys written as the other entry's key. `current` is for
    entries that are the rows of a published version: it gives those in use, and a change publishes a new version that
    holds what the file has, and nothing else."""

    name: str
    model: type[models.Model]
    key: tuple[str, ...] = ()
    parent: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    state: frozenset[str] = frozenset()
    secrets: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    removable: bool = True
    current: Callable[[Any], list[Any]] | None = None
    children: tuple[Section, ...] = ()

    def fields(self) -> list[models.Field[Any, Any]]:
        """The fields that stand in the file as plain values, in the model's order."""
        labels = {reference.label for reference in self.references.values()}
        hidden = {*self.key, *self.state, *self.secrets, *self.links, *labels, self.parent}
        return [
            each
            for each in self.model._meta.concrete_fields
            if each.name not in hidden and not each.primary_key and not isinstance(each, models.AutoField)
        ]

    def rows(self, parent: models.Model | None) -> list[models.Model]:
        """The entries the hub has, all of them or those of one parent, in a steady order."""
        if self.current is not None:
            return self.current(parent) if parent is not None and parent.pk else []
        found = self.model._default_manager.order_by("pk")
        if parent is None:
            return list(found)
        return list(found.filter(**{self.parent: parent})) if parent.pk else []

    def names(self) -> list[str]:
        """Everything an entry may say."""
        own = [each.name for each in self.fields()]
        return [*own, *self.links, *(["secrets"] if self.secrets else []), *(c.name for c in self.children)]


def _always(_: Any) -> bool:
    return True


def _of_map(row: models.Model, connection: ErpConnection | None) -> Sequence[ReferenceKind]:
    return reference_kinds(MapKind(row.kind), connection)  # type: ignore[attr-defined] # a ValueMapping


def _just(kind: ReferenceKind) -> Kinds:
    return lambda _row, _connection: (kind,)


_STAMPS = frozenset({"created_at", "updated_at"})
CONNECTIONS = Section(
    "connections",
    ErpConnection,
    key=("key",),
    state=_STAMPS | {"access_token", "access_token_expires_at", "capabilities"},
    secrets={"private_key": _always, "consumer_secret": _always, "token_secret": _always},
    removable=False,
)
RULES = Section(
    "order_rules",
    OrderRules,
    parent="shop",
    state=frozenset({"next_run_at", "search_asked_at"}),
    removable=False,
)
FILTER = Section("order_filter", OrderFilter, parent="shop", removable=False)
HOLDS = Section("hold_rules", HoldRules, parent="shop", removable=False)
TEMPLATES = Section(
    "customer_templates",
    CustomerTemplate,
    key=("country",),
    parent="shop",
    state=_STAMPS,
    references={
        "default_customer_id": Reference(_just(ReferenceKind.CUSTOMER), "default_customer_name"),
        "subsidiary_id": Reference(_just(ReferenceKind.SUBSIDIARY)),
        "terms_id": Reference(_just(ReferenceKind.TERM)),
        "price_level_id": Reference(_just(ReferenceKind.PRICE_LEVEL)),
        "category_id": Reference(_just(ReferenceKind.CUSTOMER_CATEGORY)),
    },
)
CUSTOMERS = Section(
    "customer_rules",
    CustomerRules,
    parent="shop",
    state=_STAMPS,
    references={"default_company_id": Reference(_just(ReferenceKind.CUSTOMER), "default_company_name")},
    removable=False,
)
MAPPINGS = Section(
    "mappings",
    ValueMapping,
    key=("kind", "source"),
    parent="shop",
    state=_STAMPS,
    references={
        "target_id": Reference(_of_map, "target_label"),
        "tax_type_id": Reference(_just(ReferenceKind.TAX_TYPE)),
        "promotion_id": Reference(_just(ReferenceKind.PROMOTION)),
    },
)
FIELDS = Section(
    "field_mappings",
    FieldMapping,
    key=("name",),
    parent="mapping_set",
    state=frozenset({"key", "position"}),
    current=lambda shop: list(
        FieldMapping.objects.filter(mapping_set__shop=shop, mapping_set__is_current=True)
    ),
)
LIMITS = Section("alert_limits", AlertLimits, parent="shop")
SHOPS = Section(
    "shops",
    Shop,
    key=("key",),
    links={"erp_connection": "connections"},
    state=_STAMPS
    | {
        "access_token_expires_at",
        "refresh_token",
        "refresh_token_expires_at",
        "token_issued_to",
        "token_lease",
        "token_lease_until",
        "api_version_drift",
        "scopes",
        "currency",
        "previous_client_secret",
        "previous_client_secret_until",
        "disconnected_at",
    },
    # A token that expires is fetched by the hub itself; only one pasted in by a person is configuration.
    secrets={"client_secret": _always, "access_token": lambda shop: shop.auth_kind == AuthKind.STATIC},
    removable=False,
    children=(RULES, FILTER, HOLDS, LIMITS, CUSTOMERS, TEMPLATES, MAPPINGS, FIELDS),
)
CHANNELS = Section(
    "alert_channels",
    Channel,
    key=("key",),
    secrets={
        "address": lambda channel: channel.kind == ChannelKind.WEBHOOK,
        "secret": lambda channel: channel.kind == ChannelKind.WEBHOOK,
    },
    removable=False,
)
TOP = (CONNECTIONS, SHOPS, CHANNELS)
KEPT: dict[str, str] = {
    "monitoring.ShopifyCount": "what Shopify said",
    "monitoring.Alert": "what is or was wrong",
    "monitoring.AlertDeed": "what people said to alerts",
    "monitoring.Delivery": "what channels were told",
    "erps.ReferenceRecord": "read from the ERP",
    "mappings.FieldMappingSet": "versions; what is in them is configuration",
    "erps.RequestSlot": "who is speaking with the ERP now",
    "mappings.CustomerKey": "which external id a new buyer gets",
    "mappings.RecordLink": "which record became which",
    "shops.ApiBudget": "points left",
    "shops.Location": "read from Shopify",
    "shops.Market": "read from Shopify",
    "syncflows.Action": "what people did",
    "syncflows.Attempt": "what was sent and answered",
    "syncflows.Backfill": "imports of history",
    "syncflows.Beat": "signs of life",
    "syncflows.BulkItem": "orders of an action on many",
    "syncflows.BulkRun": "actions on many orders",
    "syncflows.Cursor": "how far a search came",
    "syncflows.InboxBody": "what Shopify sent",
    "syncflows.InboxEvent": "what Shopify sent",
    "syncflows.Order": "facts",
    "syncflows.OrderOverrides": "what people chose for one order",
    "syncflows.WrittenDocument": "what was written for each order",
    "syncflows.OrderPayload": "facts",
    "syncflows.PrivacyRequest": "what the law had the store ask for",
    "syncflows.SweepFinding": "orders a sweep came across",
    "syncflows.SweepRun": "comparisons of Shopify, hub and ERP",
    "syncflows.SweepTurn": "who sweeps a shop now",
    "syncflows.Sync": "the queue",
    "syncflows.WebhookEndpoint": "an address only this installation has",
    "syncflows.WebhookSubscription": "what is registered at Shopify",
}
"""Models that are the hub's own state, never configuration, and what they hold."""
