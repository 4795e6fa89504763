"""The shop's page with what other packages add to it: order rules and *Sync now*."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm

from common.admin import StackedInline, action, go_to
from integration_hub.admin.shop_inlines import HoldRulesInline, OrderFilterInline
from shops.admin import ShopAdmin
from shops.models import Shop
from syncflows.models import OrderRules


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
class HubShopAdmin(ShopAdmin):
    """Shops with their order rules."""

    inlines = [OrderRulesInline, OrderFilterInline, HoldRulesInline, *ShopAdmin.inlines]
    actions_detail = [*ShopAdmin.actions_detail[:-1], "sync_now", ShopAdmin.actions_detail[-1]]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A shop always has rules: a form of them that nobody touched is not saved by Django."""
        super().save_related(request, form, formsets, change)
        OrderRules.objects.get_or_create(shop=form.instance)

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
