"""The overview: what the home page of the admin shows first."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Max
from django.http import HttpRequest
from django.urls import reverse

from common.causes import cause
from monitoring.completeness import ShopFigures
from monitoring.completeness import figures as shop_figures
from monitoring.figures import CauseFigure, Summary, per_day, summary
from monitoring.models import Alert
from monitoring.news import alerts as news_alerts
from monitoring.sharing import Groups, shared
from monitoring.vitals import worker_beat
from syncflows.admin.labels import age, figure, instant, money
from syncflows.models import FLOW_ORDERS, Cursor, Order
from syncflows.states import State

TOP_CAUSES = 6
SHOWN_ALERTS = 8
_CHART = {
    "grouped": False,
    "maintainAspectRatio": False,
    "maxBarThickness": 28,
    "barPercentage": 0.8,
    "plugins": {"legend": {"display": True, "position": "bottom"}, "tooltip": {"enabled": True}},
    "scales": {
        "x": {"stacked": True, "border": {"dash": []}, "grid": {"display": False}},
        "y": {"stacked": True, "beginAtZero": True, "ticks": {"precision": 0}},
    },
}


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: adds `overview` for people who may view orders, nothing for the others."""
    if not request.user.has_perm("syncflows.view_order"):
        return context
    shops = shop_figures()
    alerts = _open_alerts() if request.user.has_perm("monitoring.view_alert") else []
    whole = summary(shops=shops)
    context["overview"] = {
        "open_alerts": alerts[:SHOWN_ALERTS],
        "more_alerts": max(0, len(alerts) - SHOWN_ALERTS),
        "alerts": [
            *_alerts(shops, {(row.condition, row.subject, row.shop_id) for row in alerts}),
            *news_alerts([row.shop for row in shops]),
        ],
        "tiles": _tiles(whole),
        "causes": [_cause(row) for row in whole.blocked_by[:TOP_CAUSES]],
        "more_causes": max(0, len(whole.blocked_by) - TOP_CAUSES),
        "totals": _totals(whole),
        "shops": _shops(shops),
        "worker": {**_worker(), "told": any(row.condition == "worker" for row in alerts)},
        "chart": _chart(shared(row.shop for row in shops)),
        "chart_options": json.dumps(_CHART),
        "empty": not whole.staged,
    }
    return context


def _open_alerts() -> list[Alert]:
    """Open alerts, the gravest and oldest first; one query."""
    rows = Alert.objects.filter(closed_at=None).exclude(opened_at=None)
    return list(rows.order_by("-severity", "opened_at").select_related("shop"))


def _alerts(shops: list[ShopFigures], told: set[tuple[str, str, int | None]]) -> list[tuple[str, str]]:
    """The name and a sentence for each shop with orders nobody can explain, or whose count is not to be had, as long as
    it is no alert yet."""
    lines = []
    for row in shops:
        missing = (row.unexplained or 0) - row.doubtful
        if missing and ("unexplained", "", row.shop.pk) not in told:
            what = "order is" if missing == 1 else "orders are"
            text = (
                f"{missing:,} {what} in Shopify but not in the hub. Press Sweep now on the shop; if the number "
                "stays, look at its scopes (read_all_orders for orders older than 60 days)."
            )
            lines.append((row.shop.name, text))
        if row.doubtful:
            what = "document is" if row.doubtful == 1 else "documents are"
            text = f"{row.doubtful:,} {what} not to be found in the ERP any more. The next sweep looks again."
            lines.append((row.shop.name, text))
        if row.count_error and ("search", "count", row.shop.pk) not in told:
            lines.append((row.shop.name, f"Shopify's number of orders could not be read. {row.count_error}"))
    return lines


def _tiles(whole: Summary) -> list[dict[str, Any]]:
    causes = reverse("admin:errors_by_cause")
    todo, every = reverse("admin:syncflows_sync_changelist"), reverse("admin:syncflows_order_changelist")
    shopify = "-" if whole.shopify is None else f"{whole.shopify:,}"
    unknown = "-" if whole.unexplained is None else f"{whole.unexplained:,}"
    counted = "not counted yet" if whole.unexplained is None else "lost on one side, as the sweeps say"
    sweeps = reverse("admin:syncflows_sweeprun_changelist")
    return [
        _tile("In Shopify", shopify, "Shopify's own count", every),
        _tile("In the ERP", f"{whole.written:,}", "equal to the cent", f"{every}?state={State.DONE}"),
        _tile("Excluded", f"{whole.excluded:,}", "each with a reason", f"{todo}?state={State.SKIPPED}"),
        _tile("Waiting", f"{whole.waiting:,}", "go on by themselves", todo),
        _tile("Held", f"{whole.held:,}", "by a rule or for a person", f"{todo}?hold=any"),
        _tile("Blocked", f"{whole.blocked:,}", "need a person", causes, alarm=bool(whole.blocked)),
        _tile("Unexplained", unknown, counted, sweeps, alarm=bool(whole.unexplained)),
    ]


def _tile(title: str, number: str, note: str, url: str, *, alarm: bool = False) -> dict[str, Any]:
    return {"title": title, "number": number, "note": note, "url": url, "alarm": alarm}


def _cause(row: CauseFigure) -> dict[str, Any]:
    amounts = ", ".join(money(amount, currency) for currency, amount in sorted(row.amounts.items()))
    return {
        "title": row.title,
        "orders": row.orders,
        "amounts": amounts,
        "who": cause(row.code).who,
        "url": f"{reverse('admin:syncflows_sync_changelist')}?state={State.BLOCKED}&cause={row.code}",
    }


def _totals(whole: Summary) -> list[dict[str, Any]]:
    return [
        {
            "currency": row.currency,
            "orders": row.orders,
            "shopify": figure(row.shopify, row.currency),
            "erp": figure(row.erp, row.currency),
            "difference": figure(row.difference, row.currency),
            "differs": row.difference != 0,
        }
        for row in whole.totals
    ]


def _shops(shops: list[ShopFigures]) -> list[dict[str, Any]]:
    """Per shop: the last order, the last search and what came of it, and where its orders are."""
    keys = [row.shop.pk for row in shops]
    cursors = {c.shop_id: c for c in Cursor.objects.filter(flow=FLOW_ORDERS, shop__in=keys)}
    latest = dict(
        Order.objects.filter(shop__in=keys).order_by().values_list("shop_id").annotate(at=Max("created_at"))
    )
    return [_shop(row, cursors.get(row.shop.pk), latest.get(row.shop.pk)) for row in shops]


def _shop(row: ShopFigures, cursor: Cursor | None, latest: Any) -> dict[str, Any]:
    zone = row.shop.iana_timezone
    searched = cursor.finished_at if cursor else None
    return {
        "name": row.shop.name,
        "active": row.shop.is_active,
        "figures": row,
        "last_order": instant(latest, zone) if latest else "none yet",
        "last_order_age": age(latest),
        "searched": f"{age(searched)} ago"
        if searched and age(searched) != "now"
        else age(searched) or "never",
        "search_error": cursor.error if cursor else "",
        "counted": age(row.counted_at) or "never",
        "swept": age(row.swept_at) or "never",
        "url": f"{reverse('admin:syncflows_order_changelist')}?shop={row.shop.pk}",
    }


def _worker() -> dict[str, Any]:
    beat = worker_beat()
    return {"alive": beat.alive, "age": age(beat.at) or "never"}


def _chart(groups: Groups) -> str:
    """Orders per day by where they are now, stacked."""
    days = per_day(groups=groups)
    series = (
        ("In the ERP", "var(--color-primary-600)", [day.written for day in days]),
        ("Waiting or held", "#e0a030", [day.open for day in days]),
        ("Blocked", "#d1453b", [day.blocked for day in days]),
        ("Excluded", "#a3adba", [day.excluded for day in days]),
    )
    datasets = [
        {"label": name, "backgroundColor": colour, "data": data, "maxBarThickness": 28, "displayYAxis": True}
        for name, colour, data in series
    ]
    return json.dumps({"labels": [day.label for day in days], "datasets": datasets})
