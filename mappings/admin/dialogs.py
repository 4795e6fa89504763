"""Changing the target of a row without leaving the list."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from erps.models import ReferenceKind, ReferenceRecord
from mappings.admin import targets
from mappings.models import Behaviour, MapKind, TargetKind, ValueMapping

Base: Any = BaseDialogForm


class TargetDialog(Base):  # type: ignore[misc] # unfold's annotations do not hold here, see common.admin
    """Another behaviour or record for one row. Long lists are not put into a dialog: their rows have the whole form."""

    behaviour = forms.ChoiceField(
        label="Behaviour", choices=Behaviour.choices, initial=Behaviour.USE, widget=UnfoldAdminSelectWidget()
    )
    target = forms.ChoiceField(label="ERP record", required=False, widget=UnfoldAdminSelectWidget())
    typed_id = forms.CharField(
        label="or its internal id", required=False, max_length=40, widget=UnfoldAdminTextInputWidget()
    )

    retry_orders = forms.BooleanField(
        label="Retry the orders that wait for it",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record: ReferenceRecord | None = None
        rows = ValueMapping.objects.select_related("shop__erp_connection")
        self.row = rows.filter(pk=self.object_id).first()
        if self.row is None:
            return
        self.connection = self.row.shop.erp_connection
        self.kinds = targets.reference_kinds(MapKind(self.row.kind), self.connection)
        choices = [("", "Choose …")]
        if self.connection is not None:
            offered = targets.records(self.connection, self.kinds)[: targets.FEW]
            choices += [targets.option(record, with_kind=len(self.kinds) > 1) for record in offered]
        self.fields["target"].choices = choices
        self.fields["behaviour"].initial = self.row.behaviour
        if self.row.target_id:
            account = self.row.target_kind == TargetKind.ACCOUNT
            kind = ReferenceKind.ACCOUNT if account else self.kinds[0]
            self.fields["target"].initial = f"{kind}:{self.row.target_id}"

    def clean(self) -> dict[str, Any]:
        """A record, chosen or typed, exactly when the row uses one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chosen, typed = cleaned.get("target", ""), str(cleaned.get("typed_id", "")).strip()
        if self.row is None:
            raise forms.ValidationError("This row is gone. Reload the list.")
        cleaned["erp_id"] = ""
        if cleaned.get("behaviour") != Behaviour.USE:
            return cleaned
        if typed:
            chosen = f"{self.kinds[0]}:{typed}"
        elif not chosen:
            self.add_error("target", "Choose the record to use, or type its id.")
            return cleaned
        self.record = targets.find(self.connection, self.kinds, chosen)
        cleaned["erp_id"] = chosen.partition(":")[2]
        return cleaned

    def apply(self, row: ValueMapping) -> None:
        """Store what was chosen."""
        record = self.record
        row.behaviour = self.cleaned_data["behaviour"]
        row.target_id = self.cleaned_data["erp_id"]
        row.target_label = record.name if record else ""
        account = record is not None and record.kind == ReferenceKind.ACCOUNT
        row.target_kind = TargetKind.ACCOUNT if account else TargetKind.RECORD
        row.save()
