"""Orders in the admin: the list of all of them, the page of each, and the errors by cause."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.forms import BaseDialogForm

from syncflows.actions.registry import action_of
from syncflows.admin.access import RETRY, deed
from syncflows.admin.by_number import by_number_page
from syncflows.admin.causes_page import cause_orders, causes_page
from syncflows.admin.customer_page import customer_page
from syncflows.admin.dialogs import GroupDialog
from syncflows.admin.doing import after_dialog, asked, perform
from syncflows.admin.groups import members
from syncflows.admin.lists import StagedOrders
from syncflows.admin.order_page import calls, page
from syncflows.models import Attempt, Order


@admin.register(Order)
class OrderAdmin(StagedOrders):
    """The list of orders, and below it the pages that are about orders."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("by-number/", guard(self.by_number), name="orders_by_number"),
            path("causes/", guard(self.causes), name="errors_by_cause"),
            path("causes/orders/", guard(self.group_orders), name="syncflows_order_cause_orders"),
            path("causes/retry/", guard(self.retry_group), name="syncflows_order_retry_group"),
            path("attempts/<int:attempt_id>/calls/", guard(self.attempt_calls), name="syncflows_order_calls"),
            path(
                "<path:object_id>/customer/",
                guard(self.how_customer_is_chosen),
                name="syncflows_order_customer",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The order page, instead of a form: an order is a fact."""
        self._must_view(request)
        return TemplateResponse(request, "orders/order.html", page(request, self.admin_site, object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of an order is its timeline."""
        raise Http404

    def by_number(self, request: HttpRequest) -> HttpResponse:
        """Import by number or id."""
        return by_number_page(request, self.admin_site)

    def how_customer_is_chosen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How the customer of an order is chosen, and who else there is."""
        self._must_view(request)
        return customer_page(request, self.admin_site, object_id)

    def causes(self, request: HttpRequest) -> HttpResponse:
        """Errors by cause."""
        return causes_page(request, self.admin_site)

    def group_orders(self, request: HttpRequest) -> HttpResponse:
        """The orders of one cause."""
        return cause_orders(request)

    @deed(
        permissions=[RETRY],
        dialog={
            "title": "Retry these orders",
            "description": "Every order of this group goes through the same rules and mappings again. What still "
            "cannot go on comes back to this page; nothing is written twice.",
            "form_class": GroupDialog,
            "form_submit_text": "Retry them",
        },
    )
    def retry_group(self, request: HttpRequest, form: BaseDialogForm) -> HttpResponse:
        """Take up all orders of one group, chosen by its cause and value rather than by page."""
        perform(request, action_of("retry"), members(request.GET), asked(request, form.cleaned_data))
        return after_dialog(reverse("admin:errors_by_cause"))

    def attempt_calls(self, request: HttpRequest, attempt_id: int) -> HttpResponse:
        """What was sent and answered in one attempt: a fragment the timeline loads when it is opened."""
        self._must_view(request)
        attempt = get_object_or_404(Attempt, pk=attempt_id)
        return TemplateResponse(request, "orders/calls.html", {"calls": calls(attempt)})

    def _must_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
