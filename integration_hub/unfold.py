"""The look of the admin: name, colours, and a sidebar by task that shows only what exists and may be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse

PRIMARY = {
    "50": "oklch(97.6% .013 195)",
    "100": "oklch(94.6% .03 195)",
    "200": "oklch(89.6% .053 195)",
    "300": "oklch(82.4% .08 195)",
    "400": "oklch(72.6% .098 196)",
    "500": "oklch(61.5% .1 198)",
    "600": "oklch(50.5% .088 201)",
    "700": "oklch(43.5% .075 204)",
    "800": "oklch(37.2% .062 207)",
    "900": "oklch(32% .05 210)",
    "950": "oklch(23.5% .038 213)",
}
"""A calm teal. 600 carries white text at more than 4.5 to 1."""

BASE = {
    "50": "oklch(98.4% .003 230)",
    "100": "oklch(96.6% .004 230)",
    "200": "oklch(92.6% .007 230)",
    "300": "oklch(86.8% .011 232)",
    "400": "oklch(70.5% .02 235)",
    "500": "oklch(54.5% .025 238)",
    "600": "oklch(44% .026 240)",
    "700": "oklch(36.6% .026 242)",
    "800": "oklch(27.6% .024 245)",
    "900": "oklch(21% .022 247)",
    "950": "oklch(15% .018 250)",
}


@lru_cache(maxsize=128)
def _address(name: str) -> str:
    """The address of an admin page, or "" while no part of the product provides it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Page:
    """One link of the sidebar. Any of `permissions` opens it; none given: *view* of the model the name speaks of."""

    title: str
    icon: str
    name: str
    permissions: tuple[str, ...] = ()
    badge: Callable[[], str] | None = None

    def needed(self) -> tuple[str, ...]:
        """The permissions of which one is needed."""
        if self.permissions:
            return self.permissions
        app, model = self.name.removeprefix("admin:").removesuffix("_changelist").split("_", 1)
        if app == "django":  # the one application with an underscore in its name
            app, model = "django_q", model.removeprefix("q_")
        return (f"{app}.view_{model}",)


def _may_see(request: HttpRequest, page: Page) -> bool:
    return bool(_address(page.name)) and any(request.user.has_perm(name) for name in page.needed())


def _link(page: Page) -> dict[str, Any]:
    item = {"title": page.title, "icon": page.icon, "link": _address(page.name)}
    badge = page.badge() if page.badge else ""
    if badge:
        item |= {"badge": badge, "badge_variant": "danger", "badge_style": "solid"}
    return item


def blocked_badge() -> str:
    """How many documents need a person: one count over the index of states, "" for none."""
    sync = apps.get_model("syncflows", "Sync")
    blocked = sync._default_manager.filter(state="blocked").count()
    return f"{blocked:,}" if blocked else ""


def _map(title: str, icon: str, model: str) -> Page:
    return Page(title, icon, f"admin:mappings_{model}_changelist")


GROUPS: list[tuple[str, list[Page]]] = [
    ("", [Page("Overview", "monitoring", "admin:index", ("syncflows.view_sync",))]),
    (
        "Orders",
        [
            Page("Orders to import", "inbox", "admin:syncflows_sync_changelist", ("syncflows.view_order",)),
            Page("Orders", "receipt_long", "admin:syncflows_order_changelist"),
            Page(
                "Errors by cause", "error", "admin:errors_by_cause", ("syncflows.view_sync",), blocked_badge
            ),
            Page("Import by number", "tag", "admin:orders_by_number", ("syncflows.import_order",)),
            Page(
                "Bulk runs",
                "playlist_add_check",
                "admin:syncflows_bulkrun_changelist",
                ("syncflows.view_order",),
            ),
            Page("History", "history_2", "admin:syncflows_backfill_changelist", ("syncflows.view_order",)),
            Page("ERP documents", "link", "admin:mappings_recordlink_changelist"),
        ],
    ),
    ("Catalogue", [_map("Items", "sell", "itemmapping")]),
    (
        "Customers",
        [
            _map("Customer templates", "group", "customertemplate"),
            _map("Customer rules", "rule", "customerrules"),
            _map("Customer links", "link", "customerlink"),
        ],
    ),
    (
        "Money",
        [
            _map("Charges and accounts", "account_balance", "accountmapping"),
            _map("Taxes", "percent", "taxmapping"),
            _map("Discounts", "loyalty", "discountmapping"),
            _map("Payment methods", "credit_card", "paymentmethodmapping"),
            _map("Payment terms", "event", "paymenttermsmapping"),
            _map("Currencies", "payments", "currencymapping"),
            _map("Exchange rates", "currency_exchange", "exchangeratemapping"),
        ],
    ),
    (
        "Mappings",
        [
            _map("Locations", "warehouse", "locationmapping"),
            _map("Shipment methods", "local_shipping", "shipmentmethodmapping"),
            _map("Subsidiaries", "domain", "subsidiarymapping"),
            _map("Departments", "lan", "departmentmapping"),
            _map("Classes", "category", "classmapping"),
            _map("Sales representatives", "badge", "salesrepmapping"),
            _map("Field mappings", "schema", "fieldmappingset"),
        ],
    ),
    (
        "Set-up",
        [
            Page("Shops", "storefront", "admin:shops_shop_changelist"),
            Page("ERP connections", "hub", "admin:erps_erpconnection_changelist"),
            Page("Reference data", "dataset", "admin:erps_referencerecord_changelist"),
            Page("Users", "person", "admin:auth_user_changelist"),
            Page("Roles", "badge", "admin:auth_group_changelist"),
        ],
    ),
    (
        "Monitoring",
        [
            Page("Alerts", "notifications_active", "admin:monitoring_alert_changelist"),
            Page("Alert channels", "campaign", "admin:monitoring_channel_changelist"),
            Page("Alert limits", "timer", "admin:monitoring_alertlimits_changelist"),
            Page("Inbox", "move_to_inbox", "admin:syncflows_inboxevent_changelist"),
            Page("Privacy requests", "shield_person", "admin:syncflows_privacyrequest_changelist"),
            Page("Sweeps", "rule", "admin:syncflows_sweeprun_changelist", ("syncflows.view_order",)),
            Page("Change log", "history", "admin:auditlog_logentry_changelist"),
            Page("Schedules", "schedule", "admin:django_q_schedule_changelist"),
            Page("Failed jobs", "running_with_errors", "admin:django_q_failure_changelist"),
        ],
    ),
]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar for one user: only what exists and may be seen; groups that would be empty are left out."""
    shown: list[dict[str, Any]] = []
    for title, pages in GROUPS:
        items = [_link(page) for page in pages if _may_see(request, page)]
        if items:
            shown.append({"title": title, "items": items, "separator": bool(shown)})
    here = _nearest(request.path, [item["link"] for group in shown for item in group["items"]])
    for group in shown:
        for item in group["items"]:
            item["active"] = item["link"] == here
    return shown


def _nearest(path: str, links: list[str]) -> str:
    """The one link a page belongs to: the longest that begins its address; the overview only for itself."""
    home = _address("admin:index")
    fitting = [link for link in links if path == link or (link != home and path.startswith(link))]
    return max(fitting, key=len, default="")


def _file(name: str) -> Callable[[HttpRequest], str]:
    """A static file's address, asked for when a page is made: its name may carry a hash."""
    return lambda _request: static(name)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Integration Hub",
    "SITE_HEADER": "Integration Hub",
    "SITE_SUBHEADER": "Shopify to ERP, to the cent",
    "SITE_URL": None,
    "SITE_ICON": _file("hub/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("hub/mark.svg")}],
    "STYLES": [_file("hub/hub.css")],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {"base": BASE, "primary": PRIMARY},
    "COMMAND": {"search_models": False},
    "SIDEBAR": {
        "show_search": True,
        "command_search": False,
        "show_all_applications": False,
        "navigation": navigation,
    },
}
