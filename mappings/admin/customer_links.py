"""Customer links: which Shopify customer, guest, company or location became which ERP customer."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from common.admin import ReadOnlyAdmin, action, display, go_to
from mappings.links import unlink
from mappings.models import RecordLink
from mappings.proxies import CustomerLink

UNLINK = "mappings.unlink_customerlink"
Base: Any = BaseDialogForm


class UnlinkDialog(Base):  # type: ignore[misc] # unfold's annotations do not hold here, see common.admin
    """Why a customer is unlinked."""

    reason = forms.CharField(
        label="Reason", max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept with your name on the link.", error_messages={"required": "Say why it is unlinked."},
    )  # fmt: skip


def buyer_of(link: RecordLink) -> str:
    """What kind of buyer a link is for, and its Shopify id."""
    kinds = {"loc": "Company location", "company": "Company", "guest": "Guest", "order": "Guest of one order"}
    prefix, dash, rest = link.source_id.partition("-")
    return f"{kinds[prefix]} {rest}" if dash and prefix in kinds else f"Customer {link.source_id}"


@admin.register(CustomerLink)
class CustomerLinkAdmin(ReadOnlyAdmin):
    """The links, and how to break one."""

    list_display = ("buyer", "shop", "customer", "origin", "state", "created_at", "unlinked_by")
    list_filter = ("shop", "recovered", ("unlinked_at", admin.EmptyFieldListFilter))
    list_select_related = ("shop", "unlinked_by", "assigned_by")
    search_fields = ("external_id", "erp_number", "erp_id", "source_id")
    ordering = ("-created_at", "-pk")
    actions_row = ("unlink_customer",)
    empty_words = (
        "No customer is linked yet. Each buyer appears here with the ERP customer of their first order."
    )

    def has_unlink_customer_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """May break a link."""
        return bool(request.user.has_perm(UNLINK))

    @display(description="Shopify")
    def buyer(self, link: RecordLink) -> str:
        """Kind and id of the buyer."""
        return buyer_of(link)

    @display(description="ERP customer", ordering="erp_number")
    def customer(self, link: RecordLink) -> str:
        """Name and id."""
        return f"{link.erp_number} (id {link.erp_id})" if link.erp_number else f"id {link.erp_id}"

    @display(description="Came about")
    def origin(self, link: RecordLink) -> str:
        """Assigned by a person, found in the ERP, or created."""
        if link.assigned_by is not None:
            return f"Assigned by {link.assigned_by}"
        return "Found in the ERP" if link.recovered else "Created by the hub"

    @display(description="State", label={"linked": "success", "unlinked": "warning"})
    def state(self, link: RecordLink) -> str:
        """Whether it holds."""
        return "unlinked" if link.unlinked_at else "linked"

    @action(
        description="Unlink",
        icon="link_off",
        url_path="unlink",
        permissions=["unlink_customer"],
        dialog={
            "title": "Unlink this customer",
            "description": "The next order of this buyer looks for the customer anew, by the customer templates and "
            "rules. Nothing changes in the ERP, and documents that were written stay as they are.",
            "form_class": UnlinkDialog,
            "form_submit_text": "Unlink",
        },
    )
    def unlink_customer(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Break one link, with the reason given."""
        link = CustomerLink.objects.filter(pk=object_id).first()
        if link is None:
            raise Http404
        if unlink(link, by=cast("User", request.user), reason=form.cleaned_data["reason"]):
            messages.success(request, f"{buyer_of(link)} is unlinked from {link.erp_number or link.erp_id}.")
        else:
            messages.warning(request, f"{buyer_of(link)} was unlinked already.")
        return go_to(reverse("admin:mappings_customerlink_changelist"))
