"""Who may do what: one table of roles, made into Django groups. `docs/roles.md` shows it; a test compares the two."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission

ROLES = ("administrator", "finance", "operations", "support", "auditor")


class May(IntEnum):
    """What a role may do with the records of an area."""

    NOTHING = 0
    LOOK = 1
    CHANGE = 2

    def verbs(self) -> tuple[str, ...]:
        """Django's verbs for it."""
        return ((), ("view",), ("view", "add", "change", "delete"))[self]


@dataclass(frozen=True, slots=True)
class Area:
    """Records that belong together for the people who work with them, and what each role may do there.

    `may` has one letter per role in the order of ROLES: c changes, l looks, - sees nothing. Facts, which nobody
    types, are never c.
    """

    title: str
    models: tuple[str, ...]
    may: str

    def of(self, role: str) -> May:
        """What one role may do here."""
        return {"c": May.CHANGE, "l": May.LOOK, "-": May.NOTHING}[self.may[ROLES.index(role)]]


AREAS = (
    Area(
        "Orders, their payloads, attempts and actions",
        (
            "syncflows.sync",
            "syncflows.order",
            "syncflows.orderpayload",
            "syncflows.attempt",
            "syncflows.action",
            "syncflows.orderoverrides",
            "syncflows.writtendocument",
            "syncflows.bulkrun",
            "syncflows.bulkitem",
            "syncflows.cursor",
            "syncflows.backfill",
            "syncflows.sweeprun",
            "syncflows.sweepfinding",
        ),
        "lllll",
    ),
    Area(
        "Webhooks that came, and what is registered at Shopify",
        (
            "syncflows.inboxevent",
            "syncflows.inboxbody",
            "syncflows.webhookendpoint",
            "syncflows.webhooksubscription",
        ),
        "lllll",
    ),
    Area("Privacy requests", ("syncflows.privacyrequest",), "l---l"),
    Area("Links to ERP documents and customers", ("mappings.recordlink", "mappings.customerlink"), "lllll"),
    Area(
        "Shops, their order rules, filters and holds",
        ("shops.shop", "syncflows.orderrules", "syncflows.orderfilter", "syncflows.holdrules"),
        "cllll",
    ),
    Area("ERP connections", ("erps.erpconnection",), "cllll"),
    Area(
        "Locations, markets and reference data",
        ("shops.location", "shops.market", "erps.referencerecord"),
        "lllll",
    ),
    Area(
        "Mappings of goods and delivery",
        ("mappings.itemmapping", "mappings.locationmapping", "mappings.shipmentmethodmapping"),
        "clcll",
    ),
    Area(
        "Mappings of money and entities",
        (
            "mappings.accountmapping",
            "mappings.taxmapping",
            "mappings.discountmapping",
            "mappings.paymentmethodmapping",
            "mappings.paymenttermsmapping",
            "mappings.subsidiarymapping",
            "mappings.departmentmapping",
            "mappings.classmapping",
            "mappings.currencymapping",
            "mappings.exchangeratemapping",
            "mappings.salesrepmapping",
        ),
        "cclll",
    ),
    Area("Customer templates and rules", ("mappings.customertemplate", "mappings.customerrules"), "cccll"),
    Area("Field mappings", ("mappings.fieldmappingset", "mappings.fieldmapping"), "cccll"),
    Area(
        "Alerts and what was sent",
        ("monitoring.alert", "monitoring.alertdeed", "monitoring.delivery"),
        "lllll",
    ),
    Area("Alert channels and limits", ("monitoring.channel", "monitoring.alertlimits"), "cllll"),
    Area("Users and roles", ("auth.user", "auth.group"), "c---l"),
    Area("Change log", ("auditlog.logentry",), "ll--l"),
    Area(
        "Background jobs",
        ("django_q.schedule", "django_q.ormq", "django_q.success", "django_q.failure", "django_q.task"),
        "l---l",
    ),
)

DEEDS: dict[str, tuple[str, ...]] = {
    "syncflows.import_order": ("administrator", "finance", "operations", "support"),
    "syncflows.retry_order": ("administrator", "finance", "operations", "support"),
    "syncflows.exclude_order": ("administrator", "finance", "operations", "support"),
    "syncflows.hold_order": ("administrator", "finance", "operations", "support"),
    "syncflows.note_order": ("administrator", "finance", "operations", "support"),
    "syncflows.override_order": ("administrator", "operations"),
    "syncflows.link_order": ("administrator", "finance", "operations"),
    "syncflows.link_differing_order": ("administrator", "finance"),
    "syncflows.answer_change_order": ("administrator", "finance", "operations"),
    "syncflows.pay_order": ("administrator", "finance"),
    "syncflows.cancel_order": ("administrator", "finance", "operations"),
    "syncflows.assign_customer": ("administrator", "finance", "operations", "support"),
    "syncflows.create_customer": ("administrator", "finance", "operations"),
    "mappings.unlink_customerlink": ("administrator", "finance", "operations"),
    "syncflows.replay_inboxevent": ("administrator", "operations"),
    "syncflows.answer_privacyrequest": ("administrator",),
    "shops.sync_shop": ("administrator", "operations"),
    "shops.register_shop": ("administrator", "operations"),
    "syncflows.start_sweeprun": ("administrator", "operations"),
    "syncflows.start_backfill": ("administrator", "operations"),
    "shops.test_shop": ("administrator", "operations"),
    "erps.test_erpconnection": ("administrator", "finance"),
    "mappings.publish_fieldmappingset": ("administrator", "finance"),
    "monitoring.acknowledge_alert": ("administrator", "finance", "operations", "support"),
    "monitoring.test_channel": ("administrator",),
}
"""Permissions that are no verb on a record."""

NOBODY = frozenset(
    {
        "admin.logentry",
        "auth.permission",
        "contenttypes.contenttype",
        "sessions.session",
        "shops.apibudget",
        "erps.requestslot",
        "mappings.valuemapping",
        "mappings.customerkey",
        "syncflows.beat",
        "syncflows.sweepturn",
        "monitoring.shopifycount",
    }
)
"""Rows of the machinery; mappings are reached by their kinds."""


def permissions_of(role: str) -> set[str]:
    """All permissions of a role as `app.codename`; KeyError-free for the roles of ROLES only."""
    granted = {name for name, roles in DEEDS.items() if role in roles}
    for area in AREAS:
        for label in area.models:
            app, model = label.split(".")
            granted |= {f"{app}.{verb}_{model}" for verb in area.of(role).verbs()}
    return granted


def set_up_roles() -> dict[str, int]:
    """Make each role a group with exactly its permissions; returns how many each has. Other groups are left alone."""
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    counts = {}
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        # A permission of a model this installation does not have (yet) is not an error.
        wanted = [known[name] for name in permissions_of(role) if name in known]
        group.permissions.set(wanted)
        counts[role] = len(wanted)
    return counts


def after_migrate(sender: AppConfig, **_: Any) -> None:
    """Keep the groups true to the table whenever the database changes: after the last application with
    models, so that the permissions of all of them are there."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if sender == last:
        set_up_roles()


def table() -> str:
    """The table as Markdown, for the documentation."""
    words = {May.NOTHING: "–", May.LOOK: "looks", May.CHANGE: "changes"}
    lines = [
        "| | " + " | ".join(ROLES) + " |",
        "|---|" + "---|" * len(ROLES),
        *(f"| {area.title} | " + " | ".join(words[area.of(role)] for role in ROLES) + " |" for area in AREAS),
        *(
            f"| {DEED_TITLES[name]} | " + " | ".join("yes" if role in who else "–" for role in ROLES) + " |"
            for name, who in DEEDS.items()
        ),
    ]
    return "\n".join(lines) + "\n"


DEED_TITLES = {
    "syncflows.import_order": "Import orders now, in spite of a hold",
    "syncflows.retry_order": "Retry orders",
    "syncflows.exclude_order": "Exclude orders, with a reason",
    "syncflows.hold_order": "Hold and release orders",
    "syncflows.note_order": "Write notes on orders",
    "syncflows.override_order": "Choose location or ship method of one order",
    "syncflows.link_order": "Unlink orders, link them to documents of the ERP",
    "syncflows.link_differing_order": "Link an order to a document with another total",
    "syncflows.answer_change_order": "Apply changes to documents, keep documents, have them written anew",
    "syncflows.pay_order": "Mark orders as paid, capture payments",
    "syncflows.cancel_order": "Cancel orders in Shopify and the ERP",
    "syncflows.assign_customer": "Assign customers to orders and buyers",
    "syncflows.create_customer": "Create customers in the ERP from the template",
    "mappings.unlink_customerlink": "Unlink a customer, with a reason",
    "syncflows.replay_inboxevent": "Replay webhooks",
    "syncflows.answer_privacyrequest": "Download and answer privacy requests, confirm the erasure of a store",
    "shops.sync_shop": "Search a shop for orders now",
    "shops.register_shop": "Register a shop's webhooks at Shopify, remove them",
    "syncflows.start_sweeprun": "Compare a shop with Shopify and the ERP now",
    "syncflows.start_backfill": "Import the history of a shop, pause and stop it",
    "shops.test_shop": "Test a shop's connection",
    "erps.test_erpconnection": "Test an ERP connection, refresh its reference data",
    "mappings.publish_fieldmappingset": "Publish field mappings",
    "monitoring.acknowledge_alert": "Acknowledge and snooze alerts, with a reason",
    "monitoring.test_channel": "Send a test to an alert channel",
}
