"""Each kind of value map under its own name, so that it has its own page, permissions and words."""

# ruff: noqa: DJ008 - a kind shows itself as ValueMapping does; the linter does not see through a proxy

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from canonical.documents import DocumentKind
from mappings.models import MapKind, RecordLink, ValueMapping


class KindManager(models.Manager[Any]):
    """Rows of one kind."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Only the rows of the model's kind."""
        return super().get_queryset().filter(kind=self.model.map_kind)


def _set_kind(row: Any) -> None:
    row.kind = row.map_kind


class KindMixin(models.Model):
    """A value map of one kind: the kind is set by the class, never by a person."""

    map_kind: ClassVar[MapKind]
    objects: ClassVar[models.Manager[Any]] = KindManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Set the kind before it is stored."""
        _set_kind(self)
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Any = None) -> None:
        """Set the kind before it is validated."""
        _set_kind(self)
        super().clean_fields(exclude=exclude)


class LocationMapping(KindMixin, ValueMapping):
    """Shopify location to ERP location."""

    map_kind = MapKind.LOCATION

    class Meta:
        proxy = True
        verbose_name = "location mapping"


class ShipmentMethodMapping(KindMixin, ValueMapping):
    """Shipping line code or title to ship method."""

    map_kind = MapKind.SHIPMENT_METHOD

    class Meta:
        proxy = True
        verbose_name = "shipment method mapping"


class PaymentMethodMapping(KindMixin, ValueMapping):
    """Gateway to payment method."""

    map_kind = MapKind.PAYMENT_METHOD

    class Meta:
        proxy = True
        verbose_name = "payment method mapping"


class PaymentTermsMapping(KindMixin, ValueMapping):
    """Terms of a B2B order to payment terms."""

    map_kind = MapKind.PAYMENT_TERMS

    class Meta:
        proxy = True
        verbose_name = "payment terms mapping"


class TaxMapping(KindMixin, ValueMapping):
    """Tax title, rate and country to tax code or tax item."""

    map_kind = MapKind.TAX

    class Meta:
        proxy = True
        verbose_name = "tax mapping"


class DiscountMapping(KindMixin, ValueMapping):
    """Discount code or title to discount item."""

    map_kind = MapKind.DISCOUNT

    class Meta:
        proxy = True
        verbose_name = "discount mapping"


class ItemMapping(KindMixin, ValueMapping):
    """SKU to item, where the SKU alone does not find it."""

    map_kind = MapKind.ITEM

    class Meta:
        proxy = True
        verbose_name = "item mapping"


class AccountMapping(KindMixin, ValueMapping):
    """Charge (shipping, tip, gift card, ...) to item or account."""

    map_kind = MapKind.ACCOUNT

    class Meta:
        proxy = True
        verbose_name = "charge mapping"


class SubsidiaryMapping(KindMixin, ValueMapping):
    """Sales channel to subsidiary."""

    map_kind = MapKind.SUBSIDIARY

    class Meta:
        proxy = True
        verbose_name = "subsidiary mapping"


class DepartmentMapping(KindMixin, ValueMapping):
    """Sales channel to department."""

    map_kind = MapKind.DEPARTMENT

    class Meta:
        proxy = True
        verbose_name = "department mapping"


class SalesRepMapping(KindMixin, ValueMapping):
    """Shopify staff member to employee."""

    map_kind = MapKind.SALES_REP

    class Meta:
        proxy = True
        verbose_name = "sales representative mapping"


class ClassMapping(KindMixin, ValueMapping):
    """Sales channel to class."""

    map_kind = MapKind.CLASS

    class Meta:
        proxy = True
        verbose_name = "class mapping"


class CurrencyMapping(KindMixin, ValueMapping):
    """Sales channel, country or market to the side of the amounts that goes into the books."""

    map_kind = MapKind.CURRENCY

    class Meta:
        proxy = True
        verbose_name = "currency mapping"


class ExchangeRateMapping(KindMixin, ValueMapping):
    """Sales channel, country or market to whose exchange rate counts."""

    map_kind = MapKind.EXCHANGE_RATE

    class Meta:
        proxy = True
        verbose_name = "exchange rate mapping"


class CustomerLinkManager(models.Manager[Any]):
    """Links of customers, companies and guests only."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Only the links of customers."""
        return super().get_queryset().filter(kind=DocumentKind.CUSTOMER.value)


class CustomerLink(RecordLink):
    """A Shopify customer, guest, company or location and the ERP customer it became."""

    objects: ClassVar[models.Manager[Any]] = CustomerLinkManager()

    class Meta:
        proxy = True
        verbose_name = "customer link"
        permissions = (("unlink_customerlink", "Can unlink customers"),)
