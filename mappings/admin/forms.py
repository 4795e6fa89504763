"""The form of a mapping row: the Shopify value offered, the ERP record chosen by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from erps.models import ReferenceKind
from mappings import dimensions
from mappings.admin import targets
from mappings.admin.waiting import CODES, orders_known
from mappings.models import CHOICES, Behaviour, Charge, MapKind, TargetKind, ValueMapping, fee_source
from mappings.store_markets import market_problem, offered
from mappings.suggesting import Suggestion, Suggestions
from shops.models import Location, Shop

DEFAULT = "Default (everything else)"
DIMENSION_HELP = (
    "The sales channel (channel:Point of Sale, or its name alone), the country (country:GB, or several: "
    "country:DE,AT,CH), the market (market:europe), or a channel in one of these (channel:Point of Sale|country:GB). "
    "That goes before a channel, a channel before a country, a country before a market. Empty: the default row."
)
SOURCE_HELP = {
    MapKind.LOCATION: "The location the order is shipped from or sold at.",
    MapKind.SHIPMENT_METHOD: "Code or title of the shipping line, as on the order. Empty: the default row.",
    MapKind.PAYMENT_METHOD: "The payment gateway, as on the order, e.g. shopify_payments. Empty: the default row.",
    MapKind.PAYMENT_TERMS: "Name of the terms, or type and days, e.g. NET 30. Empty: the default row.",
    MapKind.TAX: "Title of the tax; with rate, or rate and country, for one of several: State tax|7.25|US. "
    "Empty: the default row.",
    MapKind.DISCOUNT: "Code or title of the discount. Empty: the default row.",
    MapKind.ITEM: "The SKU on the order; only needed where the ERP's item has another name. Empty: the default row, "
    "the item for every SKU the ERP does not have. Without one such orders stop.",
    MapKind.ACCOUNT: "The part of an order that is not a product.",
    MapKind.SUBSIDIARY: DIMENSION_HELP,
    MapKind.DEPARTMENT: DIMENSION_HELP,
    MapKind.CLASS: DIMENSION_HELP,
    MapKind.CURRENCY: DIMENSION_HELP,
    MapKind.EXCHANGE_RATE: DIMENSION_HELP,
    MapKind.SALES_REP: "E-mail, name or id of the staff member. Empty: the default row.",
}


class SuggestingInput(UnfoldAdminTextInputWidget):
    """A text box that offers known values, with words beside those that need some; others can still be typed."""

    def __init__(self, values: list[str], words: Mapping[str, str] | None = None) -> None:
        super().__init__({"placeholder": DEFAULT, "autocomplete": "off"})
        self.values = [(value, "") for value in values] + list((words or {}).items())

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The box and its list."""
        ident = f"{(attrs or {}).get('id', name)}_known"
        box = super().render(name, value, {**(attrs or {}), "list": ident}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.values)
        return format_html('{}<datalist id="{}">{}</datalist>', box, ident, options)


class MappingForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    """One row. `target` and `typed_id` are two ways to say the same: choose a cached record, or type its id."""

    target = targets.ReferenceChoice(label="ERP record")
    typed_id = forms.CharField(
        label="or its internal id",
        required=False,
        max_length=40,
        widget=UnfoldAdminTextInputWidget(),
        help_text="For a record that is not in the list.",
    )

    retry_orders = forms.BooleanField(
        label="Retry the orders that wait for this value",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="They go through all rules and checks as before; those that still cannot go on come back.",
    )

    class Meta:
        model = ValueMapping
        fields = ["shop", "source", "behaviour", "target_kind", "tax_rate"]

    map_kind: MapKind

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.map_kind = self._meta.model.map_kind
        if "shop" not in self.fields:  # somebody who may only look
            return
        if "target_kind" in self.fields:
            self.fields["target_kind"].label = "A typed id is that of"
            self.fields["target_kind"].help_text = "Only looked at when an id is typed above."
        shop = self._shop()
        self._offer_sources(shop)
        self._offer_targets(shop)

    def _shop(self) -> Shop | None:
        """The shop the row is for, as far as it is known: posted, given, stored, or the only one there is."""
        chosen = self.data.get(self.add_prefix("shop")) if self.is_bound else self.initial.get("shop")
        shops = Shop.objects.select_related("erp_connection")
        if chosen and str(chosen).isdigit():
            return shops.filter(pk=chosen).first()
        few = list(shops[:2])
        if len(few) == 1:
            self.initial.setdefault("shop", few[0].pk)
            return few[0]
        return None

    def _offer_sources(self, shop: Shop | None) -> None:
        field = self.fields["source"]
        field.help_text = SOURCE_HELP[self.map_kind]
        current = str(self.initial.get("source") or "")
        if self.map_kind == MapKind.LOCATION:
            places = Location.objects.filter(shop=shop).values_list("source_id", "name") if shop else []
            choices = [(ident, name) for ident, name in places]
        elif self.map_kind == MapKind.ACCOUNT:
            choices = [(value, str(label)) for value, label in Charge.choices]
        else:
            known = orders_known().seen(shop, self.map_kind, CODES[self.map_kind]) if shop else []
            markets = offered(shop) if shop and self.map_kind in dimensions.KINDS else {}
            self.source_labels = {value: f"Market {name}" for value, name in markets.items()}
            field.widget = SuggestingInput(known, self.source_labels)
            return
        if current and current not in dict(choices):
            choices.append((current, self.instance.source_label or current))
        field.widget = UnfoldAdminSelectWidget(choices=[("", DEFAULT), *choices])
        self.source_labels = dict(choices)

    def _offer_targets(self, shop: Shop | None) -> None:
        connection = shop.erp_connection if shop else None
        kinds = targets.reference_kinds(self.map_kind, connection)
        self.connection, self.kinds = connection, kinds
        row = self.instance
        current = ("", "")
        if row.target_id:
            kind = ReferenceKind.ACCOUNT if row.target_kind == TargetKind.ACCOUNT else kinds[0]
            current = (f"{kind}:{row.target_id}", f"{row.target_label or 'Record'} ({row.target_id})")
            self.initial.setdefault("target", current[0])
        suggestion = self._suggest(shop, kinds) if shop and not row.target_id and not self.is_bound else None
        if suggestion is not None:
            self.initial["target"] = suggestion.choice
            current = (suggestion.choice, f"{suggestion.name or 'Record'} ({suggestion.id})")
        address = reverse(f"admin:mappings_{self._meta.model._meta.model_name}_targets")
        field = self.fields["target"]
        size = field.offer(  # type: ignore[attr-defined]
            connection,
            kinds,
            current=current,
            search_address=f"{address}?connection={connection.pk}" if connection else "",
        )
        field.help_text = (
            f"Suggested: {suggestion.why}. Check it before you save."
            if suggestion
            else self._target_help(shop, size)
        )
        if "tax_type" in self.fields:
            stored = (
                (f"{ReferenceKind.TAX_TYPE}:{row.tax_type_id}", row.tax_type_id)
                if row.tax_type_id
                else ("", "")
            )
            self.initial.setdefault("tax_type", stored[0])
            self.fields["tax_type"].offer(  # type: ignore[attr-defined]
                connection, (ReferenceKind.TAX_TYPE,), current=stored, empty_text="None"
            )

    def _suggest(self, shop: Shop, kinds: Sequence[ReferenceKind]) -> Suggestion | None:
        source = str(self.initial.get("source") or "")
        if not source:
            return None
        label = str(getattr(self, "source_labels", {}).get(source, ""))
        names = [source.partition("|")[0], label.removeprefix("Market ")]
        return Suggestions(self.map_kind, [shop], names[:1], lambda _: kinds).of(shop.pk, names)

    def _target_help(self, shop: Shop | None, size: int) -> str | SafeString:
        if shop is None:
            return "Choose the shop first: its ERP connection decides what is offered here."
        if self.connection is None:
            return f"{shop} has no ERP connection yet, so nothing can be offered. Type the internal id below."
        if size:
            return f"{size:,} record{'' if size == 1 else 's'} of {self.connection}, as last read."
        words = " or ".join(kind.label.lower() for kind in self.kinds)
        return format_html(
            'Nothing read yet of kind {} from {}. Use <a class="hub-link" href="{}">Refresh reference data</a> '
            "there, or type the internal id below.",
            words,
            self.connection,
            reverse("admin:erps_erpconnection_change", args=[self.connection.pk]),
        )

    def clean_source(self) -> str:
        """Trimmed; for taxes also of the form title|rate|country."""
        source = str(self.cleaned_data.get("source") or "").strip()
        if self.map_kind == MapKind.TAX and source:
            check_tax_source(source)
        problem = dimensions.source_problem(source) if self.map_kind in dimensions.KINDS else ""
        shop = self.cleaned_data.get("shop")
        if not problem and shop is not None and self.map_kind in dimensions.KINDS:
            problem = market_problem(source, shop)
        if problem:
            raise ValidationError(problem)
        return source

    def clean(self) -> dict[str, Any]:
        """One row per value; a target exactly when the row uses one."""
        cleaned = super().clean() or self.cleaned_data
        shop, source = cleaned.get("shop"), cleaned.get("source", "")
        if shop is not None and "source" not in self.errors:
            twin = ValueMapping.objects.filter(shop=shop, kind=self.map_kind, source__iexact=source)
            if twin.exclude(pk=self.instance.pk).exists():
                what = f"'{source}'" if source else "everything else"
                self.add_error("source", f"{shop} has a row for {what} already. Change that one instead.")
        if cleaned.get("behaviour") == Behaviour.USE:
            self._read_target(cleaned)
        else:
            self.instance.target_id = self.instance.target_label = ""
        if "tax_type" in self.fields:
            self.instance.tax_type_id = str(cleaned.get("tax_type") or "").partition(":")[2]
        labels = getattr(self, "source_labels", {})
        if labels:
            self.instance.source_label = labels.get(source, "")
        return cleaned

    def _read_target(self, cleaned: dict[str, Any]) -> None:
        chosen, typed = str(cleaned.get("target") or ""), str(cleaned.get("typed_id") or "").strip()
        row = self.instance
        if typed:
            if chosen and chosen != self.initial.get("target") and chosen.partition(":")[2] != typed:
                self.add_error("typed_id", "Choose a record or type its id, not both.")
                return
            self._take_typed(typed)
            return
        if not chosen:
            self.add_error(
                "target", "Choose the record to use, or set the behaviour to leave empty or to stop."
            )
            return
        record = targets.find(self.connection, self.kinds, chosen)
        if record is None and chosen == self.initial.get("target"):
            return  # not cached, but it is what the row has
        if record is None or (record.is_inactive and chosen != self.initial.get("target")):
            self.add_error(
                "target", "This record is not active in the ERP's list. Refresh it or choose another."
            )
            return
        row.target_id, row.target_label = record.erp_id, record.name
        self._set_target_kind(record.kind == ReferenceKind.ACCOUNT)

    def _set_target_kind(self, account: bool) -> None:
        # Also where the form has the field: what was chosen decides, not what stood beside it.
        kind = TargetKind.ACCOUNT if account else TargetKind.RECORD
        self.instance.target_kind = self.cleaned_data["target_kind"] = kind

    def _take_typed(self, typed: str) -> None:
        account = self.cleaned_data.get("target_kind") == TargetKind.ACCOUNT
        kinds = (ReferenceKind.ACCOUNT,) if account else [k for k in self.kinds if k != ReferenceKind.ACCOUNT]
        known = next(
            (r for kind in kinds if (r := targets.find(self.connection, self.kinds, f"{kind}:{typed}"))), None
        )
        self.instance.target_id = typed
        self.instance.target_label = known.name if known else ""
        self._set_target_kind(account)


class ChargeMappingForm(MappingForm):
    """A part of an order that is not a product. One of several additional fees may have a row under its name."""

    fee_name = forms.CharField(
        label="Of one fee only: its name",
        required=False,
        max_length=150,
        widget=UnfoldAdminTextInputWidget(),
        help_text="As on orders, e.g. Bottle deposit. Such a row goes before the one for all fees.",
    )

    def _offer_sources(self, shop: Shop | None) -> None:
        charge, _, name = str(self.initial.get("source") or "").partition("|")
        self.initial["source"] = charge
        self.initial.setdefault("fee_name", name)
        super()._offer_sources(shop)

    def clean(self) -> dict[str, Any]:
        """The name goes into the row's value."""
        name = str(self.cleaned_data.get("fee_name") or "").strip()
        if name and self.cleaned_data.get("source") != Charge.FEE:
            self.add_error(
                "fee_name", f"Only fees have names: choose {Charge.FEE.label} above, or leave this empty."
            )
        elif name:
            self.cleaned_data["source"] = fee_source(name)
        cleaned = super().clean()
        if name:
            self.instance.source_label = f"{Charge.FEE.label}: {name}"
        return cleaned


class ChoiceMappingForm(MappingForm):
    """A map with a few fixed targets instead of records of the ERP."""

    target = forms.ChoiceField(  # type: ignore[assignment] # a plain list here
        label="Counts", required=False, widget=UnfoldAdminSelectWidget()
    )
    typed_id = None  # type: ignore[assignment] # how a form drops a field of its parent

    def _offer_targets(self, shop: Shop | None) -> None:
        self.fields["target"].choices = [("", "Choose …"), *CHOICES[self.map_kind].items()]  # type: ignore[attr-defined]
        self.fields["target"].help_text = "Leave empty, as behaviour, means: as the shop itself says."
        self.initial.setdefault("target", self.instance.target_id)

    def _read_target(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("target"):
            self.add_error("target", "Choose what counts, or set the behaviour to leave empty or to stop.")
        self.instance.target_id = cleaned.get("target") or ""


class TaxMappingForm(MappingForm):
    """Taxes also have a tax type (SuiteTax) and the rate the ERP computes with (tax codes on lines)."""

    tax_type = targets.ReferenceChoice(label="Tax type", help_text="SuiteTax only: the tax type of the code.")


class DiscountMappingForm(MappingForm):
    """A discount has an item that carries its amount, a promotion it is named after, or both."""

    promotion = targets.ReferenceChoice(
        label="Promotion",
        help_text="The amount is always a discount line, at Shopify's figures. A promotion whose own rate is 0 is put "
        "on the document too; any other would take off a second discount, so it is only named on the line. Without "
        "an item the amount goes to the default row's.",
    )

    def _offer_targets(self, shop: Shop | None) -> None:
        super()._offer_targets(shop)
        if "promotion" not in self.fields:
            return
        given = self.instance.promotion_id
        current = (f"{ReferenceKind.PROMOTION}:{given}", f"Promotion ({given})") if given else ("", "")
        self.initial.setdefault("promotion", current[0])
        address = reverse(f"admin:mappings_{self._meta.model._meta.model_name}_targets")
        field = self.fields["promotion"]
        field.offer(  # type: ignore[attr-defined]
            self.connection,
            (ReferenceKind.PROMOTION,),
            current=current,
            search_address=f"{address}?connection={self.connection.pk}&kind={ReferenceKind.PROMOTION}"
            if self.connection
            else "",
            empty_text="None",
        )

    def clean(self) -> dict[str, Any]:
        """The promotion belongs to rows that use something."""
        chosen = str(self.cleaned_data.get("promotion") or "").partition(":")[2]
        used = self.cleaned_data.get("behaviour") == Behaviour.USE
        self.instance.promotion_id = chosen if used else ""
        return super().clean()

    def _read_target(self, cleaned: dict[str, Any]) -> None:
        if self.instance.promotion_id and not (cleaned.get("target") or cleaned.get("typed_id")):
            self.instance.target_id = self.instance.target_label = ""
            return
        super()._read_target(cleaned)


def check_tax_source(source: str) -> None:
    """Raise ValidationError unless the text is `title`, `title|rate` or `title|rate|country`."""
    parts = [part.strip() for part in source.split("|")]
    if len(parts) > 3 or not parts[0]:
        raise ValidationError(
            "Write the title alone, or title|rate, or title|rate|country, e.g. State tax|7.25|US."
        )
    if len(parts) > 1:
        try:
            rate = Decimal(parts[1])
        except InvalidOperation as error:
            raise ValidationError(f"'{parts[1]}' is not a rate in percent; write e.g. 7.25.") from error
        if not Decimal(0) <= rate <= Decimal(100):
            raise ValidationError(f"A rate of {parts[1]} % is outside 0 to 100.")
    if len(parts) == 3 and not (len(parts[2]) == 2 and parts[2].isalpha()):
        raise ValidationError(f"'{parts[2]}' is not a two-letter country code, e.g. US.")
