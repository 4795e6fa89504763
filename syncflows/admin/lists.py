"""The two order lists: what still has to be imported, and everything that was found."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from canonical.documents import SALES_DOCUMENTS
from common.causes import cause
from mappings.models import RecordLink
from syncflows.admin.deep_links import record_url
from syncflows.admin.doing import OrderDeeds
from syncflows.admin.filters import (
    CauseFilter,
    HoldFilter,
    ShopFilter,
    StateFilter,
    ToImportFilter,
    ValueFilter,
)
from syncflows.admin.labels import age, instant, money, pill, state_pill, state_words, words
from syncflows.admin.order_filters import AmountFilter, ChannelFilter, CountryFilter, PlacedFilter, TagFilter
from syncflows.models import FLOW_ORDERS, Order, Sync

_UNREAD = ("fingerprint", "components", "tags")
_UNREAD_SYNC = ("detail", "differences", "warnings")


def _order_cell(pk: int, name: str, shop: str) -> SafeString:
    """The name of an order as a link to its page, its shop below."""
    url = reverse("admin:syncflows_order_change", args=[pk])
    link = format_html('<a class="hub-link" dir="auto" href="{}">{}</a>', url, name or f"No. {pk}")
    return format_html(
        '<span class="hub-when">{}<small class="hub-clip" dir="auto">{}</small></span>', link, shop
    )


def _text(value: str, css: str = "hub-clip") -> SafeString:
    return format_html('<span class="{}" dir="auto" title="{}">{}</span>', css, value, value)


class OrderList(OrderDeeds):
    """What both lists have in common."""

    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    list_fullwidth = True
    search_help_text = "Order number, Shopify id, e-mail, customer or ERP number"

    class Media:
        css = {"all": ["monitoring/pages.css"]}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().changelist_view(request, {"module_name": "orders", **(extra_context or {})})


@admin.register(Sync)
class OrdersToImport(OrderList):
    """Orders to Import: what is not in the ERP, newest first, with the reason and what to do."""

    empty_words = (
        "No order waits. What is found in Shopify and not in the ERP yet is listed here, with why it waits."
    )
    list_display = ["order_name", "why", "cause_title", "total", "customer", "placed"]
    list_filter = [
        ToImportFilter,
        ShopFilter,
        CauseFilter,
        HoldFilter,
        ValueFilter,
        ChannelFilter,
        CountryFilter,
        TagFilter,
        ("order__total", AmountFilter),
        ("order__created_at", PlacedFilter),
    ]
    search_fields = ["name", "source_id", "order__email", "order__customer_name", "order__document_number"]
    ordering = ["-order__created_at"]

    def __init__(self, model: type[Sync], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self.opts = copy(self.opts)  # people know these rows by their task
        self.opts.verbose_name = "order to import"
        self.opts.verbose_name_plural = "Orders to Import"

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        rows = super().get_changelist_instance(request)
        rows.opts = self.opts
        return rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sync]:
        rows: QuerySet[Sync] = super().get_queryset(request)
        return (
            rows.filter(flow=FLOW_ORDERS, order__isnull=False)
            .select_related("order", "shop")
            .defer(*_UNREAD_SYNC, *(f"order__{name}" for name in _UNREAD))
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().changelist_view(request, {"title": "Orders to Import", **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An order has one page."""
        return HttpResponseRedirect(reverse("admin:syncflows_order_change", args=[object_id]))

    @display(description="Order, shop", ordering="order__created_at")
    def order_name(self, sync: Sync) -> SafeString:
        return _order_cell(sync.pk, sync.name, sync.shop.name)

    @display(description="Why it waits", ordering="state")
    def why(self, sync: Sync) -> SafeString:
        sentence = sync.reason or state_words(sync)[2]
        return format_html(
            '<div class="hub-why">{} {}</div>', state_pill(sync), _text(sentence, "hub-sentence")
        )

    @display(description="Cause", ordering="reason_code")
    def cause_title(self, sync: Sync) -> SafeString | str:
        return _text(cause(sync.reason_code).title, "hub-sentence") if sync.reason_code else "-"

    @display(description="Total", ordering="order__total")
    def total(self, sync: Sync) -> SafeString:
        return format_html('<span class="hub-money">{}</span>', money(sync.order.total, sync.order.currency))

    @display(description="Customer", ordering="order__customer_name")
    def customer(self, sync: Sync) -> SafeString:
        return _text(sync.order.customer_name or sync.order.email or "-")

    @display(description="Placed", ordering="order__created_at")
    def placed(self, sync: Sync) -> SafeString:
        return _placed(sync.order, sync.shop.iana_timezone)


class StagedOrders(OrderList):
    """Orders: everything found, with both totals and the document in the ERP."""

    to_order = ""
    empty_words = (
        "No order has been found yet. Set up a shop and press Sync now on it, or wait for its next search."
    )
    list_display = [
        "order_name",
        "state",
        "total_shopify",
        "total_erp",
        "document",
        "progress",
        "customer",
        "placed",
    ]
    list_filter = [
        ShopFilter,
        StateFilter,
        CauseFilter,
        HoldFilter,
        "financial_status",
        "fulfillment_status",
        ChannelFilter,
        CountryFilter,
        TagFilter,
        ("total", AmountFilter),
        ("created_at", PlacedFilter),
    ]
    search_fields = ["name", "source_id", "email", "customer_name", "document_number"]
    ordering = ["-created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        rows: QuerySet[Order] = super().get_queryset(request)
        link = RecordLink.objects.filter(
            shop_id=OuterRef("shop_id"),
            source_id=OuterRef("source_id"),
            kind__in=SALES_DOCUMENTS,
            unlinked_at=None,
        )
        unread = (*_UNREAD, *(f"sync__{name}" for name in _UNREAD_SYNC))
        return (
            rows.select_related("sync", "shop__erp_connection")
            .defer(*unread)
            .annotate(erp_id=Subquery(link.values("erp_id")[:1]), erp_kind=Subquery(link.values("kind")[:1]))
        )

    @display(description="Order, shop", ordering="created_at")
    def order_name(self, order: Order) -> SafeString:
        return _order_cell(order.pk, order.name, order.shop.name)

    @display(description="State", ordering="sync__state")
    def state(self, order: Order) -> SafeString:
        return state_pill(order.sync)

    @display(description="Shopify total", ordering="total")
    def total_shopify(self, order: Order) -> SafeString:
        return format_html('<span class="hub-money">{}</span>', money(order.total, order.currency))

    @display(description="ERP total", ordering="document_total")
    def total_erp(self, order: Order) -> SafeString | str:
        if order.document_total is None:
            return "-"
        same = order.books_total is None or order.books_total == order.document_total
        css = "hub-money" if same else "hub-money hub-differs"
        return format_html(
            '<span class="{}">{}</span>', css, money(order.document_total, order.books_currency)
        )

    @display(description="ERP document", ordering="document_number")
    def document(self, order: Order) -> SafeString | str:
        if not order.document_number:
            return "-"
        kind = order.erp_kind or "sales_order"  # type: ignore[attr-defined]
        url = record_url(order.shop.erp_connection, order.erp_id, order.document_number, kind)  # type: ignore[attr-defined]
        if not url:
            return _text(order.document_number)
        return format_html(
            '<a class="hub-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
            url,
            order.document_number,
        )

    @display(description="Payment", ordering="financial_status")
    def progress(self, order: Order) -> SafeString:
        fulfillment = words(order.fulfillment_status) or "-"
        return format_html(
            '<span class="hub-when"><span>{}</span><small>{}</small>{}</span>', words(order.financial_status) or "-",
            fulfillment, pill("Cancelled", "warning") if order.cancelled_at else "",
        )  # fmt: skip

    @display(description="Customer", ordering="customer_name")
    def customer(self, order: Order) -> SafeString:
        return _text(order.customer_name or order.email or "-")

    @display(description="Placed", ordering="created_at")
    def placed(self, order: Order) -> SafeString:
        return _placed(order, order.shop.iana_timezone)


def _placed(order: Order, zone: str) -> SafeString:
    return format_html(
        '<span class="hub-when">{}<small>{}</small></span>',
        instant(order.created_at, zone),
        age(order.created_at),
    )
