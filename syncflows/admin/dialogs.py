"""Dialogs and the confirmation page: what will happen, to which orders, and why a person wants it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.dataclasses import ActionDialog
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from syncflows.actions.action import OrderAction
from syncflows.actions.meanwhile import last_deed
from syncflows.admin.groups import group_of
from syncflows.admin.labels import money, state_words
from syncflows.models import Sync

_WIDGETS: tuple[tuple[type[forms.Field], type[forms.Widget]], ...] = (
    (forms.ChoiceField, UnfoldAdminSelectWidget),
    (forms.BooleanField, UnfoldBooleanSwitchWidget),
    (forms.IntegerField, UnfoldAdminIntegerFieldWidget),
    (forms.CharField, UnfoldAdminTextInputWidget),
    (forms.DecimalField, UnfoldAdminTextInputWidget),
)


def dressed(field: forms.Field) -> forms.Field:
    """A field of an action with the widget of these pages; text areas and hidden fields keep their kind."""
    if isinstance(field.widget, forms.Textarea):
        field.widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
    elif not field.widget.is_hidden:
        for kind, widget in _WIDGETS:
            if isinstance(field, kind):
                attrs = field.widget_attrs(field.widget)
                field.widget = widget(attrs=attrs)
                if isinstance(field, forms.ChoiceField):
                    field.choices = field.choices  # hands them on to the new widget
                break
    return field


def _reason(action: OrderAction | None) -> forms.CharField:
    required = action is not None and action.needs_reason
    return forms.CharField(
        label="Reason" if required else "Reason (optional)",
        required=required,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept with your name on the order's timeline.",
        error_messages={"required": action.missing_reason if action else ""},
    )


class OrderDialog(BaseDialogForm):
    """A dialog about one order: it names the order, its total and where it stands, and asks what the action needs."""

    form_before_template = "orders/dialog_order.html"
    deed: OrderAction

    def __init__(
        self, request: HttpRequest, object_id: int | str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        rows = Sync.objects.select_related("order", "shop__erp_connection")
        self.sync = rows.filter(pk=object_id or 0).first()
        self.question = ""
        self.fields.update(
            {name: dressed(field) for name, field in self.deed.fields(self.sync).items()} if self.sync else {}
        )
        for name in set(self.fields) & set(request.GET):
            self.fields[name].initial = request.GET[name]
        self.fields["reason"] = _reason(self.deed)
        self.fields["shown"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.fields["seen"] = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=self._seen)

    def _seen(self) -> int:
        """The last deed on the order now: the submission says what the person knew of."""
        deed = last_deed(self.sync) if self.sync is not None else None
        return deed.pk if deed is not None else 0

    def ask_again(self, token: str, text: str) -> None:
        """Show a second question: the next submission carries its token."""
        self.question = text
        self.data = {**{name: self.data.get(name) for name in self.data}, "shown": token}

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        """The order the dialog is about, or None when it is gone."""
        if self.sync is None:
            return {"sync": None}
        total = money(self.sync.order.total, self.sync.order.currency)
        return {
            "sync": self.sync,
            "total": total,
            "state": state_words(self.sync),
            "question": self.question.splitlines(),
        }


class GroupDialog(BaseDialogForm):
    """About a group of orders: how many and how much, taken from the request's own address."""

    form_before_template = "orders/dialog_group.html"
    reason = _reason(None)

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        """The group the address names."""
        return {"group": group_of(request.GET)}


class ManyForm(forms.Form):
    """What an action asks on the confirmation page of many orders."""

    def __init__(self, action: OrderAction, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update({name: dressed(field) for name, field in action.fields(None).items()})
        self.fields["reason"] = _reason(action)


def dialog(action: OrderAction) -> ActionDialog:
    """Unfold's description of the dialog of an action."""
    return {
        "title": f"{action.label}: this order",
        "description": action.consequence,
        "form_class": type("Dialog", (OrderDialog,), {"deed": action}),
        "form_submit_text": action.label,
    }
