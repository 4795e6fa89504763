"""What a shop's page does about completeness: *Sweep now* and *Import history*."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from common.admin import action, go_to
from common.causes import cause
from common.errors import HubError
from shops.models import Shop
from syncflows.models import OrderRules, SweepKind, SweepRun


class SweepForm(BaseDialogForm):
    """How far back a sweep is to look."""

    kind = forms.ChoiceField(
        label="Compare",
        choices=[(SweepKind.QUICK, "The last days"), (SweepKind.DEEP, "The long window of the shop's rules")],
        widget=UnfoldAdminSelectWidget,
    )


class BackfillForm(BaseDialogForm):
    """Which orders are to be imported, by when they were placed; days of the shop's zone."""

    since = forms.DateField(
        label="Placed from", widget=UnfoldAdminSingleDateWidget, help_text="A day like 2026-01-31."
    )
    until = forms.DateField(
        label="Placed before",
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text="Empty: until now.",
    )
    cap = forms.IntegerField(
        label="At most",
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="New orders. Empty: all.",
    )

    def clean(self) -> dict[str, Any]:
        """The end lies behind the beginning."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            raise forms.ValidationError("The end lies before the beginning.")
        return cleaned


class CompletenessActions:
    """The two buttons, for the admin of shops."""

    _shop: Any

    def has_sweep_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may start a completeness sweep."""
        return bool(request.user.has_perm("syncflows.start_sweeprun"))

    @action(
        description="Sweep now",
        icon="rule",
        permissions=["sweep"],
        dialog={
            "title": "Compare Shopify, the hub and the ERP now?",
            "description": "Every order of the window is looked for on all sides. What is missing or older here is "
            "taken up, lost links are restored, and the rest is listed. Nothing is written twice.",
            "form_class": SweepForm,
            "form_submit_text": "Sweep now",
        },
    )
    def sweep_now(self, request: HttpRequest, form: SweepForm, object_id: str) -> HttpResponse:
        """Begin a sweep, or go to the one that is open."""
        from syncflows.jobs import request_sweep  # noqa: PLC0415 - brings both clients, for this button only
        from syncflows.sweeps.running import window  # noqa: PLC0415 - as above

        shop = self._shop(request, object_id)
        if not shop.is_active:
            messages.error(request, f"{shop} is switched off. Switch it on first.")
            return go_to(reverse("admin:shops_shop_change", args=[shop.pk]))
        kind = SweepKind(form.cleaned_data["kind"])
        rules, _ = OrderRules.objects.get_or_create(shop=shop)
        run, new = SweepRun.objects.begin(shop, kind, window(rules, kind), user_id=request.user.pk)
        request_sweep(run.pk)
        messages.success(request, "The sweep has begun." if new else "A sweep of this kind is open already.")
        return go_to(reverse("admin:syncflows_sweeprun_change", args=[run.pk]))

    def has_backfill_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may import history."""
        return bool(request.user.has_perm("syncflows.start_backfill"))

    @action(
        description="Import history",
        icon="history_2",
        permissions=["backfill"],
        dialog={
            "title": "Import orders of the past?",
            "description": "First the hub asks Shopify how many orders there are and says what it would take. Nothing "
            "is begun before you press Start on the next page.",
            "form_class": BackfillForm,
            "form_submit_text": "Estimate",
        },
    )
    def backfill(self, request: HttpRequest, form: BackfillForm, object_id: str) -> HttpResponse:
        """Estimate, and go to the page where it is started."""
        from syncflows.backfills.estimating import plan  # noqa: PLC0415 - brings the client, for this button only

        shop, values = self._shop(request, object_id), form.cleaned_data
        try:
            row = plan(
                shop, _begin(shop, values["since"]), _begin(shop, values["until"]) if values["until"] else None,
                values["cap"], by=request.user if isinstance(request.user, AbstractBaseUser) else None,
            )  # fmt: skip
        except HubError as error:
            messages.error(request, f"{error.message} {cause(error.code).fix}")
            return go_to(reverse("admin:shops_shop_change", args=[shop.pk]))
        return go_to(reverse("admin:syncflows_backfill_change", args=[row.pk]))


def _begin(shop: Shop, day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(shop.iana_timezone))
