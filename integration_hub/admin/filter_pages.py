"""Preview filter: a page that lays a filter on the last orders of a shop before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from integration_hub.admin.shop_inlines import FILTER_FIELDSETS
from shops.models import Shop
from syncflows.admin.labels import money
from syncflows.models import OrderFilter

LAST = (50, 200, 1000)
"""How many orders may be tried; the second is what is tried at first."""
SHOWN = 12
"""Orders named of each group; the rest are counted."""


def filter_page(request: HttpRequest, site: AdminSite, shop: Shop, form_class: Any) -> HttpResponse:
    """The filter as a form, saved or not, and what it does with the last orders. `form_class` is the form of the shop's
    page; *save* needs the permission to change filters."""
    if not request.user.has_perm("syncflows.view_order"):
        raise PermissionDenied
    may_save = request.user.has_perm("syncflows.change_orderfilter")
    saved = OrderFilter.objects.filter(shop=shop).first() or OrderFilter(shop=shop)
    form = form_class(request.POST or None, instance=saved)
    valid = form.is_valid() if form.is_bound else True
    if form.is_bound and valid and "save" in request.POST:
        if not may_save:
            raise PermissionDenied
        form.save()
        messages.success(request, f"The filter of {shop} is saved. It counts for orders from now on.")
        return HttpResponseRedirect(reverse("admin:shops_shop_filter", args=[shop.pk]))
    last = _last(request)
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": f"Preview filter: {shop}",
        "shop": shop,
        "form": form,
        "fields": [form[name] for pair in FILTER_FIELDSETS[0][1]["fields"] for name in pair],
        "media": form.media,
        "may_save": may_save,
        "unsaved": form.is_bound and form.has_changed(),
        "last": last,
        "choices": LAST,
        "groups": _groups(shop, form.instance, last) if valid else None,
        "back": reverse("admin:shops_shop_change", args=[shop.pk]),
    }
    return TemplateResponse(request, "shops/filter_preview.html", context)


def _last(request: HttpRequest) -> int:
    wanted = request.POST.get("last", "")
    return int(wanted) if wanted in {str(number) for number in LAST} else LAST[1]


def _groups(shop: Shop, wanted: OrderFilter, last: int) -> dict[str, Any]:
    """What became of the orders, in words for the page."""
    from syncflows.pipeline.trial import TAKEN, try_filter  # noqa: PLC0415 - reads orders, for this page only

    trial = try_filter(shop, wanted, last)
    shown = [
        _group("Taken", "Imported by this record.", trial.of(TAKEN), "success"),
        _group(
            "Wanted by two",
            "Another record of this store takes them, too: blocked, written through neither.",
            trial.of("TWO_SHOPS_WANT_IT"),
            "danger",
        ),
        _group(
            "In the ERP through another record",
            "They stay there; this record leaves them alone.",
            trial.of("WRITTEN_BY_OTHER_SHOP"),
            "default",
        ),
        *(
            _group(f"Left out: {line}", "Excluded by this line of the filter.", rows, "default")
            for line, rows in trial.by_line()
        ),
    ]
    return {
        "looked": len(trial.rows),
        "unread": trial.unread,
        "shown": [group for group in shown if group["count"] or group["title"] == "Taken"],
    }


def _group(title: str, meaning: str, rows: list[Any], colour: str) -> dict[str, Any]:
    from syncflows.pipeline.trial import amounts  # noqa: PLC0415 - as above

    return {
        "title": title,
        "meaning": meaning,
        "colour": colour,
        "count": len(rows),
        "amounts": ", ".join(money(total, currency) for currency, total in sorted(amounts(rows).items())),
        "rows": [
            {
                "name": row.order.name,
                "url": reverse("admin:syncflows_order_change", args=[row.order.pk]),
                "total": money(row.order.total, row.order.currency),
                "why": row.why,
                "other": row.other,
                "written": row.written,
            }
            for row in rows[:SHOWN]
        ],
        "more": max(0, len(rows) - SHOWN),
    }
