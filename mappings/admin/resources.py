"""Export and import of mapping rows as CSV or XLSX. Every fault of a file is named by row before anything is saved."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from import_export import fields, resources, widgets

from erps.models import ReferenceKind, ReferenceRecord
from mappings import dimensions
from mappings.admin.forms import check_tax_source
from mappings.admin.targets import reference_kinds
from mappings.models import Behaviour, Charge, MapKind, TargetKind, ValueMapping, fee_source
from mappings.store_markets import market_problem
from shops.models import Shop

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_READ_IN_FULL = frozenset(ReferenceKind) - {ReferenceKind.ITEM, ReferenceKind.CUSTOMER}
"""Kinds of which the cache holds every record; items and customers are cached as they are met."""


def safe_cell(text: str) -> str:
    """A text no spreadsheet takes for a formula: an apostrophe in front where it could be one."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def plain_cell(cell: Any) -> str:
    """The text of a cell, trimmed, without the apostrophe of `safe_cell`."""
    text = "" if cell is None else str(cell).strip()
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text


class _Text(widgets.CharWidget):  # type: ignore[misc] # import-export declares no types
    """Text that stays itself through a spreadsheet."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """The cell's text."""
        return plain_cell(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The text, safe in a spreadsheet."""
        return safe_cell(str(value or ""))


class _ShopByKey(widgets.ForeignKeyWidget):  # type: ignore[misc] # import-export declares no types
    """A shop, written as its key."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Shop:
        """The shop of a key; a sentence when there is none."""
        shop = Shop.objects.select_related("erp_connection").filter(key=plain_cell(value)).first()
        if shop is None:
            raise ValueError(f"There is no shop with the key '{plain_cell(value)}'.")
        return shop


def _text(name: str) -> fields.Field:
    return fields.Field(attribute=name, column_name=name, widget=_Text())


class MappingResource(resources.ModelResource):  # type: ignore[misc] # import-export declares no types
    """Rows of one kind. A row is found again by shop and Shopify value, without case."""

    shop = fields.Field(attribute="shop", column_name="shop", widget=_ShopByKey(Shop, "key"))
    source = _text("source")
    source_label = _text("source_label")
    behaviour = _text("behaviour")
    target_id = _text("target_id")
    target_label = _text("target_label")

    class Meta:
        model = ValueMapping
        fields: tuple[str, ...] = ("shop", "source", "source_label", "behaviour", "target_id", "target_label")
        export_order: tuple[str, ...] = fields
        import_id_fields = ("shop", "source")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    map_kind: MapKind

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Read the cached reference data once, and refuse a file without the columns that say which row is meant."""
        missing = {"shop", "source"} - set(dataset.headers or ())
        if missing:
            raise ValidationError(
                f"The file has no column {' and no column '.join(sorted(missing))}. Export the list to see the columns."
            )
        self.known: dict[tuple[int, str], dict[str, str]] = {}
        rows = ReferenceRecord.objects.filter(kind__in=_READ_IN_FULL, is_inactive=False)
        for connection, kind, erp_id, name in rows.values_list("connection_id", "kind", "erp_id", "name"):
            self.known.setdefault((connection, kind), {})[erp_id] = name
        self.met: set[tuple[int, str]] = set()

    def get_instance(self, instance_loader: Any, row: Any) -> ValueMapping | None:
        """The stored row with that shop and value."""
        shop = Shop.objects.filter(key=plain_cell(row.get("shop"))).first()
        same = self._meta.model.objects.filter(shop=shop, source__iexact=plain_cell(row.get("source")))
        found: ValueMapping | None = same.first() if shop else None
        return found

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Check what a person can mistype, field by field, and fill in what follows from the rest."""
        row["behaviour"] = plain_cell(row.get("behaviour")).lower() or Behaviour.USE
        errors: dict[str, str] = {}
        if row["behaviour"] not in Behaviour.values:
            errors["behaviour"] = f"'{row['behaviour']}' is not one of {', '.join(Behaviour.values)}."
        source = plain_cell(row.get("source"))
        shop = Shop.objects.select_related("erp_connection").filter(key=plain_cell(row.get("shop"))).first()
        fault = self._fault_of_source(source, shop)
        if fault:
            errors["source"] = fault
        elif shop is not None and not errors:
            errors |= self._check_target(row, shop)
        if errors:
            raise ValidationError(errors)

    def _fault_of_source(self, source: str, shop: Shop | None) -> str:
        """What is wrong with a Shopify value, as a sentence; "" when nothing is."""
        if self.map_kind == MapKind.ACCOUNT and source not in {"", *Charge.values}:
            charge, _, fee = source.partition("|")
            if charge != Charge.FEE or not fee.strip():
                named = fee_source("and the name of a fee")
                return f"'{source}' is not one of {', '.join(Charge.values)}, nor {named}."
        if self.map_kind == MapKind.TAX and source:
            try:
                check_tax_source(source)
            except ValidationError as error:
                return str(error.messages[0])
        problem = dimensions.source_problem(source) if self.map_kind in dimensions.KINDS else ""
        if not problem and shop is not None and self.map_kind in dimensions.KINDS:
            problem = market_problem(source, shop)
        if problem:
            return problem
        if shop is not None:
            place = (shop.pk, source.casefold())
            if place in self.met:
                return f"The file has two rows for '{source or 'everything else'}' of {shop.key}."
            self.met.add(place)
        return ""

    def _check_target(self, row: Any, shop: Shop) -> dict[str, str]:
        target = plain_cell(row.get("target_id"))
        if row["behaviour"] != Behaviour.USE:
            row["target_id"] = row["target_label"] = ""
            return {}
        if not target:
            return {"target_id": "Give the ERP's internal id, or set the behaviour to empty or stop."}
        connection = shop.erp_connection
        if connection is None:
            return {}
        kinds = reference_kinds(self.map_kind, connection)
        if self.map_kind == MapKind.ACCOUNT:
            account = plain_cell(row.get("target_kind")) == TargetKind.ACCOUNT
            kinds = (ReferenceKind.ACCOUNT,) if account else (ReferenceKind.ITEM,)
        names: dict[str, str] = {}
        for kind in kinds:
            names |= self.known.get((connection.pk, kind), {})
        if target in names:
            row["target_label"] = names[target]
        elif names and all(kind in _READ_IN_FULL for kind in kinds):
            words = " or ".join(kind.label.lower() for kind in kinds)
            return {
                "target_id": f"{connection} has no active {words} with the id {target}. "
                "Correct the id, or refresh the reference data of the connection."
            }
        return {}

    def before_save_instance(self, instance: ValueMapping, row: Any, **kwargs: Any) -> None:
        """The kind comes from the page the file was given to."""
        instance.kind = self.map_kind


class TaxMappingResource(MappingResource):
    """Taxes with tax type and rate."""

    tax_type_id = _text("tax_type_id")

    class Meta(MappingResource.Meta):
        fields = (*MappingResource.Meta.fields, "tax_type_id", "tax_rate")
        export_order = fields


class DiscountMappingResource(MappingResource):
    """Discounts with the promotion they are named after."""

    promotion_id = _text("promotion_id")

    class Meta(MappingResource.Meta):
        fields = (*MappingResource.Meta.fields, "promotion_id")
        export_order = fields

    def _check_target(self, row: Any, shop: Shop) -> dict[str, str]:
        """A row that names a promotion can do without an item."""
        promotion = plain_cell(row.get("promotion_id")) if row["behaviour"] == Behaviour.USE else ""
        row["promotion_id"] = promotion
        connection = shop.erp_connection
        names = self.known.get((connection.pk, ReferenceKind.PROMOTION), {}) if connection else {}
        if promotion and names and promotion not in names:
            return {
                "promotion_id": f"{connection} has no active promotion with the id {promotion}. "
                "Correct the id, or refresh the reference data of the connection."
            }
        if promotion and not plain_cell(row.get("target_id")):
            row["target_id"] = row["target_label"] = ""
            return {}
        return super()._check_target(row, shop)


class ChargeMappingResource(MappingResource):
    """Charges, which go to an item or to an account."""

    target_kind = _text("target_kind")

    class Meta(MappingResource.Meta):
        fields = (*MappingResource.Meta.fields[:4], "target_kind", *MappingResource.Meta.fields[4:])
        export_order = fields

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """An empty kind of target means a record."""
        row["target_kind"] = plain_cell(row.get("target_kind")).lower() or TargetKind.RECORD
        if row["target_kind"] not in TargetKind.values:
            raise ValidationError(
                {"target_kind": f"'{row['target_kind']}' is not one of {', '.join(TargetKind.values)}."}
            )
        super().before_import_row(row, **kwargs)


def resource_for(model: type[ValueMapping], kind: MapKind) -> type[MappingResource]:
    """The resource of one kind of mapping."""
    base = {
        MapKind.TAX: TaxMappingResource,
        MapKind.DISCOUNT: DiscountMappingResource,
        MapKind.ACCOUNT: ChargeMappingResource,
    }.get(kind, MappingResource)
    meta = type("Meta", (base.Meta,), {"model": model})
    return type(f"{model.__name__}Resource", (base,), {"Meta": meta, "map_kind": kind})
