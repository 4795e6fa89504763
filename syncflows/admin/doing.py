"""Rows, dialogs and bulk actions shared by the order lists and the order page: one of each for every action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import Count, Min, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse

from common.errors import HubError
from syncflows.actions import bulk, performing
from syncflows.actions.action import Ask, OrderAction
from syncflows.actions.meanwhile import in_words, last_deed
from syncflows.actions.registry import registered
from syncflows.admin.access import FactsAdmin, deed, may
from syncflows.admin.dialogs import ManyForm, OrderDialog, dialog
from syncflows.admin.labels import money, state_words
from syncflows.admin.preview import preview_page
from syncflows.models import Sync

SHOWN = 20
"""Orders named on the confirmation page; the rest are counted."""
MANY = "_selected"
AT_ONCE = 200
"""Orders moved within the request. More of them, and all that speak to Shopify or the ERP, go to the background."""


def asked(request: HttpRequest, values: dict[str, Any]) -> Ask:
    """What a person asks for, from the cleaned values of a form."""
    ours = ("reason", "_form_submitted", "seen")
    extra = {name: value for name, value in values.items() if name not in ours}
    return Ask(cast("User", request.user), values.get("reason", ""), extra, values.get("seen"))


def perform(request: HttpRequest, action: OrderAction, syncs: QuerySet[Sync], ask: Ask) -> int:
    """Do it, leave the audit entries, tell the person; returns how many orders it reached."""
    wanted = syncs.count()
    done = performing.perform(action, syncs, ask)
    reached = len(done.reached)
    if wanted == 1 and done.texts:
        tell = messages.success if reached else messages.warning
        tell(request, next(iter(done.texts.values())))
    elif reached:
        messages.success(request, f"{orders(reached)} {action.done}")
    for error in list(done.errors.values())[:SHOWN]:
        messages.error(request, error.message)
    left = wanted - reached - len(done.errors)
    if left and not (wanted == 1 and done.texts):
        one = syncs.first() if wanted == 1 else None
        messages.warning(request, f"Not touched: {orders(left)} ({_stands(one)}).")
    return reached


def _stands(sync: Sync | None) -> str:
    """Why nothing was done: how the only order stands and who did something to it last; of many what may be."""
    if sync is None:
        return "in the ERP, being worked on, or excluded already"
    deed = last_deed(sync)
    since = f"; {in_words(deed)}" if deed is not None else ""
    return f"{sync.name} is {state_words(sync)[0].lower()}{since}"


def orders(number: int) -> str:
    """`1 order`, `37 orders`."""
    return f"{number:,} order" if number == 1 else f"{number:,} orders"


def after_dialog(url: str) -> HttpResponse:
    """Close the dialog by going to a page (htmx follows this header)."""
    return HttpResponse(headers={"HX-Redirect": url})


def amounts(rows: QuerySet[Any], order: str) -> list[str]:
    """Totals of the orders by Shopify currency: `4,812.40 USD`; `order` is the way from a row to its order."""
    sums = rows.order_by().values_list(f"{order}currency").annotate(total=Sum(f"{order}total"))
    return [money(total, currency) for currency, total in sorted(sums)]


def _filter_words(request: HttpRequest) -> str:
    """How the orders were chosen: `state: blocked, cause: UNKNOWN_SKU`, or that they were ticked."""
    if request.POST.get("select_across") != "1":
        return "ticked by hand"
    words = [f"{name}: {value}" for name, value in request.GET.items() if value and name not in ("p", "o")]
    return ", ".join(words) or "all of the list"


def _page_of_one(action: OrderAction) -> Callable[..., HttpResponse]:
    """The admin method behind the button and the row action of one action."""

    def one(admin: OrderDeeds, request: HttpRequest, form: OrderDialog, object_id: str) -> HttpResponse:
        return admin.one(request, action, form, object_id)

    one.__name__ = action.name
    decorate = deed(
        description=action.label,
        icon=action.icon,
        url_path=action.kind,
        permissions=[action.name],
        dialog=dialog(action),
    )
    return decorate(one)


def _permission_of(action: OrderAction) -> Callable[..., bool]:
    """The admin method that says who may: unfold's checks look permissions named outright up in the database, which
    need not be there yet."""

    def allowed(_admin: OrderDeeds, request: HttpRequest, _obj: object = None) -> bool:
        return may(request, action.permission)

    return allowed


def _act_on_many(action: OrderAction) -> Callable[..., HttpResponse | None]:
    def many(admin: OrderDeeds, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return admin.many(request, action, queryset)

    return many


class OrderDeeds(FactsAdmin):
    """Every registered action on one order or on many, and the preview. The model is Sync, or Order with the same
    keys; both have the order's name."""

    to_order = "order__"
    """The way from a row of this list to its order, in field names."""

    actions_row = ("preview_order", *(a.name for a in registered().values() if a.in_rows))  # type: ignore[assignment] # unfold types it as the empty default
    actions_detail = tuple(a.name for a in registered().values() if not a.in_rows)  # type: ignore[assignment] # as above

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The bulk actions this person may use."""
        return {
            f"{a.kind}{MANY}": (_act_on_many(a), f"{a.kind}{MANY}", f"Selected orders: {a.label}")
            for a in registered().values()
            if a.in_bulk and may(request, a.permission)
        }

    @deed(description="Preview", icon="visibility", url_path="preview", permissions=["view"])
    def preview_order(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return preview_page(request, self.admin_site, object_id)

    def one(
        self, request: HttpRequest, action: OrderAction, form: OrderDialog, object_id: str
    ) -> HttpResponse:
        """Do it to one order, after its second question if there is one; then back to the page of the order."""
        if form.sync is None:
            raise Http404
        ask = asked(request, form.cleaned_data)
        page = after_dialog(reverse("admin:syncflows_order_change", args=[object_id]))
        try:
            token, text = action.question(form.sync, ask)
        except HubError as error:
            messages.error(request, error.message)
            return page
        if token and token != form.cleaned_data["shown"]:
            form.ask_again(token, text)
            context = {"dialog": dialog(action), "form": form, "form_submit_text": action.label}
            return render(request, "unfold/helpers/dialog.html", context)
        perform(request, action, Sync.objects.filter(pk=form.sync.pk), ask)
        return page

    def many(self, request: HttpRequest, action: OrderAction, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Ask first, on a page that says what will happen to how many; act when that page comes back."""
        # The list's own rows and their keys: a list put inside a query of the same table once more is a plan that a
        # database with old statistics takes minutes for.
        totals = amounts(queryset, self.to_order)
        keys = queryset.order_by("pk").values_list("pk", flat=True)
        picked = queryset.order_by().aggregate(count=Count("pk"), oldest=Min(f"{self.to_order}created_at"))
        form = ManyForm(action, request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            ask = asked(request, form.cleaned_data)
            if not action.outside and picked["count"] <= AT_ONCE:
                perform(request, action, Sync.objects.filter(pk__in=list(keys)), ask)
                return None
            run = bulk.begin(action, keys, ask, chosen_by=_filter_words(request), amounts=totals)
            return redirect("admin:syncflows_bulkrun_change", run.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{action.label} {orders(picked['count'])}",
            "deed": action,
            "action": f"{action.kind}{MANY}",
            "form": form,
            "count": picked["count"],
            "oldest": picked["oldest"],
            "amounts": totals,
            "names": queryset.order_by(f"-{self.to_order}created_at").values_list("name", flat=True)[:SHOWN],
            "more": max(0, picked["count"] - SHOWN),
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "orders/confirm.html", context)


for _action in registered().values():
    setattr(OrderDeeds, _action.name, _page_of_one(_action))
    setattr(OrderDeeds, f"has_{_action.name}_permission", _permission_of(_action))
