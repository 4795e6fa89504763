"""Dialogs and the confirmation page: what will happen, to which orders, and why a person wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.dataclasses import ActionDialog
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from syncflows.admin.groups import group_of
from syncflows.admin.labels import money, state_words
from syncflows.models import Sync


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person can do to orders: its names, what it leads to, whether it needs a reason."""

    name: str
    label: str
    icon: str
    permission: str
    consequence: str
    done: str
    needs_reason: bool = False


IMPORT = Deed(
    "import_order",
    "Import",
    "input",
    "syncflows.import_order",
    "Fetched from Shopify again and written to the ERP now, even if a rule or a person holds it. Rules that exclude "
    "orders (tests, cancelled ones) still apply, and nothing is written that does not tie out.",
    "will be imported now.",
)
RETRY = Deed(
    "retry_order",
    "Retry",
    "replay",
    "syncflows.retry_order",
    "Fetched from Shopify again and taken through the same rules and mappings. A document that is in the ERP already "
    "is compared, never written twice.",
    "will be tried again now.",
)
EXCLUDE = Deed(
    "exclude_order",
    "Exclude",
    "block",
    "syncflows.exclude_order",
    "Left out for good: no document is written, also when something changes in Shopify. It stays in the list of "
    "excluded orders with your reason and can be imported from there. What is in the ERP or being worked on is not "
    "touched.",
    "excluded.",
    needs_reason=True,
)
DEEDS = {deed.name: deed for deed in (IMPORT, RETRY, EXCLUDE)}


def _reason(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label="Reason" if required else "Reason (optional)",
        required=required,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept with your name on the order's timeline.",
        error_messages={"required": "Say why the order is left out."},
    )


class OrderDialog(BaseDialogForm):
    """A dialog about one order: it names the order, its total and where it stands."""

    form_before_template = "orders/dialog_order.html"

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        """The order the dialog is about, or None when it is gone."""
        sync = Sync.objects.select_related("order", "shop").filter(pk=object_id or 0).first()
        if sync is None:
            return {"sync": None}
        total = money(sync.order.total, sync.order.currency)
        return {"sync": sync, "total": total, "state": state_words(sync)}


class RemarkDialog(OrderDialog):
    """About one order, with a reason if the person wants to give one."""

    reason = _reason(required=False)


class ReasonDialog(OrderDialog):
    """About one order, with a reason that must be given."""

    reason = _reason(required=True)


class GroupDialog(BaseDialogForm):
    """About a group of orders: how many and how much, taken from the request's own address."""

    form_before_template = "orders/dialog_group.html"
    reason = _reason(required=False)

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        """The group the address names."""
        return {"group": group_of(request.GET)}


class RemarkForm(forms.Form):
    """The reason on the confirmation page, if one is given."""

    reason = _reason(required=False)


class ReasonForm(forms.Form):
    """The reason on the confirmation page, where one is needed."""

    reason = _reason(required=True)


def dialog(deed: Deed) -> ActionDialog:
    """Unfold's description of the dialog of a deed."""
    return {
        "title": f"{deed.label} this order",
        "description": deed.consequence,
        "form_class": ReasonDialog if deed.needs_reason else RemarkDialog,
        "form_submit_text": deed.label,
    }
