"""The shop's page with what other packages add to it: order rules and *Sync now*."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from unfold.forms import BaseDialogForm

from common.admin import StackedInline, action, go_to
from integration_hub.admin.completeness import CompletenessActions
from integration_hub.admin.filter_pages import filter_page
from integration_hub.admin.shop_inlines import HoldRulesInline, OrderFilterInline
from integration_hub.admin.shop_webhooks import WebhookShopAdmin
from shops.admin import ShopAdmin
from shops.models import Shop
from shops.stores import records_of_store
from syncflows.inbox.subscriptions import endpoint_for
from syncflows.models import OrderRules, Sync
from syncflows.models.filters import FILTER_FIELDS
from syncflows.states import State


class OrderRulesInline(StackedInline):  # type: ignore[misc] # see common.admin
    """What comes in, when, and how exact."""

    model = OrderRules
    can_delete = False
    min_num = 1
    max_num = 1
    verbose_name_plural = "Order rules"
    fieldsets = (
        (
            "When",
            {
                "fields": (
                    "enabled",
                    "automatic",
                    "interval_minutes",
                    "cron",
                    "overlap_minutes",
                    "import_since",
                )
            },
        ),
        (
            "Completeness",
            {
                "fields": (("sweep_minutes", "sweep_days"), ("deep_sweep_cron", "deep_sweep_days")),
                "description": "Sweeps compare Shopify, the hub and the ERP by id, and put right what was lost.",
            },
        ),
        (
            "Which orders",
            {
                "fields": (
                    "test_orders",
                    "cancelled_orders",
                    "archived_orders",
                    "unpaid_orders",
                    "high_risk_orders",
                    "fulfilled_orders",
                    "refunded_orders",
                    "changed_orders",
                    "cancelled_documents",
                )
            },
        ),
        (
            "Documents",
            {
                "fields": (
                    "unshippable_document",
                    "fulfilled_document",
                    "approve_documents",
                    "comment_line",
                    "number_from_shopify",
                    "exchange_rate",
                    "bundles",
                    "line_rounding_units",
                    "document_rounding_units",
                    "write_back",
                )
            },
        ),
    )


@admin.register(Shop)
class HubShopAdmin(CompletenessActions, WebhookShopAdmin):
    """Shops with their order rules, sweeps and webhooks."""

    inlines = [OrderRulesInline, OrderFilterInline, HoldRulesInline, *ShopAdmin.inlines]
    actions_detail = [
        *ShopAdmin.actions_detail[:-1],
        "sync_now",
        "sweep_now",
        "backfill",
        "preview_filter",
        "apply_filters",
        {"title": "Webhooks", "icon": "notifications", "items": ["register_webhooks", "remove_webhooks"]},
        ShopAdmin.actions_detail[-1],
    ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A shop always has rules and an address for webhooks: a form that nobody touched is not saved by Django."""
        super().save_related(request, form, formsets, change)
        OrderRules.objects.get_or_create(shop=form.instance)
        endpoint_for(form.instance)

    def get_urls(self) -> list[Any]:
        """The page that tries a filter."""
        page = path(
            "<path:object_id>/filter/", self.admin_site.admin_view(self.filter), name="shops_shop_filter"
        )
        return [page, *super().get_urls()]

    def filter(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lay a filter on the last orders."""
        shop = self._shop(request, object_id)
        inline = OrderFilterInline(Shop, self.admin_site)
        form_class = inline.get_formset(request, shop, fields=FILTER_FIELDS).form
        return filter_page(request, self.admin_site, shop, form_class)

    @action(description="Preview filter", icon="filter_alt", permissions=["view"])
    def preview_filter(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the page that tries a filter."""
        shop = self._shop(request, object_id)
        return HttpResponseRedirect(reverse("admin:shops_shop_filter", args=[shop.pk]))

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may take orders up again."""
        return bool(request.user.has_perm("syncflows.retry_order"))

    @action(
        description="Apply filters again",
        icon="filter_alt_off",
        permissions=["retry"],
        dialog={
            "title": "Look again at what the filters left out?",
            "description": "Every order of this store that a filter left out, or that two records wanted, goes through "
            "the filters of all records of the store again. What one record takes by now is imported; nothing is "
            "written twice.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Look again",
        },
    )
    def apply_filters(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Take up again what filters stopped, in every record of the store."""
        from syncflows.actions import retry  # noqa: PLC0415 - brings both clients, for this button only

        shop = self._shop(request, object_id)
        rows = Sync.objects.filter(
            shop__in=records_of_store(shop),
            state__in=(State.SKIPPED, State.BLOCKED),
            reason_code__in=("NOT_WANTED", "TWO_SHOPS_WANT_IT"),
        )
        person = request.user if isinstance(request.user, User) else None
        count = retry(person, rows, "The filters of the store were applied again.")
        messages.success(request, f"{count:,} order{'' if count == 1 else 's'} will be looked at again now.")
        return go_to(reverse("admin:shops_shop_change", args=[shop.pk]))

    def has_sync_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may start a search of a shop."""
        return self.has_custom_permission(request, "sync")

    @action(
        description="Sync now",
        icon="sync",
        permissions=["sync"],
        dialog={
            "title": "Look for new and changed orders now?",
            "description": "The hub searches this shop now instead of at its next time. What it finds is imported by "
            "the shop's rules, in the background.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Sync now",
        },
    )
    def sync_now(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Queue the search; the worker does it."""
        from syncflows.actions import sync_now  # noqa: PLC0415 - brings both clients, for this button only

        shop = self._shop(request, object_id)
        if shop.is_active:
            sync_now(request.user if request.user.is_authenticated else None, shop)
            messages.success(
                request, f"{shop} is searched for orders now. They appear under Orders to import."
            )
        else:
            messages.error(request, f"{shop} is switched off. Switch it on first.")
        return go_to(reverse("admin:shops_shop_change", args=[shop.pk]))
