"""What goes where: value maps with default rows, customer templates, and links between records of both sides."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from canonical.documents import DocumentKind, LineKind
from canonical.naming import AddressStyle, CountySource, NameSource
from common.fields import choice_field
from erps.models import ErpConnection
from mappings.customer_rules import CountyChoice, CustomerKey, CustomerRules, NameChoice, PhoneChoice
from shops.models import MoneyPolicy, Shop

__all__ = [
    "Behaviour",
    "Charge",
    "CustomerKey",
    "CustomerMatch",
    "CustomerRules",
    "CustomerTemplate",
    "MapKind",
    "RateChoice",
    "RecordLink",
    "TargetKind",
    "ValueMapping",
    "fee_source",
]


class MapKind(models.TextChoices):
    """What a value map maps. The value stands in the database and in the configuration file."""

    LOCATION = "location", "Location"
    SHIPMENT_METHOD = "shipment_method", "Shipment method"
    PAYMENT_METHOD = "payment_method", "Payment method"
    PAYMENT_TERMS = "payment_terms", "Payment terms"
    TAX = "tax", "Tax"
    DISCOUNT = "discount", "Discount"
    ITEM = "item", "Item"
    ACCOUNT = "account", "Charge or account"
    SUBSIDIARY = "subsidiary", "Subsidiary"
    DEPARTMENT = "department", "Department"
    CLASS = "class", "Class"
    SALES_REP = "sales_rep", "Sales representative"
    CURRENCY = "currency", "Currency of the books"
    EXCHANGE_RATE = "exchange_rate", "Exchange rate"


class Behaviour(models.TextChoices):
    """What a row does with a value it matches."""

    USE = "use", "Use the target"
    EMPTY = "empty", "Leave empty"
    STOP = "stop", "Stop: block the order"


class Charge(models.TextChoices):
    """Source values of the charge map: parts of an order that are not products."""

    SHIPPING = LineKind.SHIPPING.value, "Shipping"
    DISCOUNT = LineKind.DISCOUNT.value, "Discount (when no discount row matches)"
    GIFT_CARD = LineKind.GIFT_CARD.value, "Gift card sold"
    TIP = LineKind.TIP.value, "Tip"
    DUTY = LineKind.DUTY.value, "Duties"
    FEE = LineKind.FEE.value, "Additional fee"
    TAX = LineKind.TAX.value, "Tax line"
    TAX_VARIANCE = LineKind.TAX_VARIANCE.value, "Tax variance"
    CASH_ROUNDING = LineKind.CASH_ROUNDING.value, "Cash rounding"
    ROUNDING = LineKind.ROUNDING.value, "Rounding difference"
    CUSTOM = "custom", "Custom line (no product)"
    COMMENT = LineKind.COMMENT.value, "Comment line (order number, no amount)"


def fee_source(name: str) -> str:
    """What a row of the charge map for one additional fee is written as: `fee|Bottle deposit`."""
    return f"{Charge.FEE}|{name.strip()}"


class TargetKind(models.TextChoices):
    """Whether a charge goes to an item or to whatever item posts to an account."""

    RECORD = "record", "Record of the ERP"
    ACCOUNT = "account", "Account (its other-charge item is used)"


class RateChoice(models.TextChoices):
    """Whose exchange rate stands on a document in another currency."""

    SHOPIFY = "shopify", "Shopify's own of the order"
    ERP = "erp", "The ERP's of the day"


CHOICES: dict[str, dict[str, str]] = {
    MapKind.CURRENCY: {value: str(label) for value, label in MoneyPolicy.choices},
    MapKind.EXCHANGE_RATE: {value: str(label) for value, label in RateChoice.choices},
}
"""Maps that point at no record of the ERP but at one of these, by the value that stands as target id."""


class ValueMapping(models.Model):
    """One row of one map of one shop: a Shopify value and the ERP record it becomes.

    An empty `source` is the default row, used when no other row matches. `source` is matched without case and
    surrounding space. Per kind `source` holds: location: Shopify location id; shipment method: shipping line code or
    title; payment method: gateway; payment terms: terms name, or type ("NET 30"); tax: "title" or "title|rate in
    percent" or "title|rate|country", "channel-liable" for tax the sales channel owes, and where codes stand on lines
    "A + B|sum of rates" for several taxes and "untaxed" for none; discount: code or title; item: SKU; account: a
    `Charge` value, or "fee|name" for one fee; subsidiary, department, class, currency, exchange rate: sales
    channel, "country:GB", "market:europe" (the market's handle), or a channel in one of these
    ("channel:Point of Sale|country:GB"); sales representative: e-mail, name or id of the staff member.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="value_mappings")
    kind = models.CharField(max_length=20, choices=MapKind)
    source = models.CharField("Shopify value", max_length=255, blank=True, default="")
    source_label = models.CharField("Shown as", max_length=255, blank=True, default="")
    behaviour = choice_field("", Behaviour.USE, length=6)
    target_kind = choice_field("", TargetKind.RECORD, length=10)
    target_id = models.CharField("ERP id", max_length=40, blank=True, default="")
    target_label = models.CharField("ERP record", max_length=255, blank=True, default="")
    tax_type_id = models.CharField(
        "Tax type id",
        max_length=40,
        blank=True,
        default="",
        help_text="SuiteTax only: the tax type of the code.",
    )
    tax_rate = models.DecimalField(
        "Rate of the ERP code, %",
        max_digits=9,
        decimal_places=5,
        null=True,
        blank=True,
        help_text="Tax codes on lines only: what the ERP will compute with.",
    )
    promotion_id = models.CharField(
        "Promotion id",
        max_length=40,
        blank=True,
        default="",
        help_text="Discounts only: the ERP's promotion for this code.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["kind", "source"]
        constraints = [models.UniqueConstraint(fields=["shop", "kind", "source"], name="one_row_per_value")]
        indexes = [models.Index(fields=["shop", "kind"], name="mapping_by_shop_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.source or 'default'} → {self.target_label or self.target_id or '-'}"

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """A map with fixed choices takes no other target; its label follows from it."""
        super().clean_fields(exclude=exclude)
        choices = CHOICES.get(self.kind)
        if choices is None or self.behaviour != Behaviour.USE:
            return
        if self.target_id not in choices and "target_id" not in (exclude or ()):
            raise ValidationError({"target_id": f"'{self.target_id}' is not one of {', '.join(choices)}."})
        self.target_label = choices.get(self.target_id, "")


class CustomerMatch(models.TextChoices):
    """How the ERP customer of an order is found."""

    EMAIL_PHONE = "email_phone", "By e-mail, then phone"
    EMAIL = "email", "By e-mail"
    BILL_TO = "bill_to", "By name and billing address"
    LINK_ONLY = "link_only", "Only by link or external id"
    DEFAULT_CUSTOMER = "default_customer", "Always the default customer"


class CustomerTemplate(models.Model):
    """Rules for customers of one country of one shop; an empty country is the shop's default row."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="customer_templates")
    country = models.CharField(
        max_length=2,
        blank=True,
        default="",
        help_text="Two-letter code, e.g. US. Empty: every other country.",
    )
    match = choice_field("Find customers", CustomerMatch.EMAIL_PHONE)
    create_missing = models.BooleanField("Create customers that are not found", default=True)
    default_customer_id = models.CharField(
        "Default customer id",
        max_length=40,
        blank=True,
        default="",
        help_text="For one country: the ERP customer of all its orders, whatever the rules say. For all other "
        "countries: of orders without a customer (point of sale), or of all by the rules.",
    )
    default_customer_name = models.CharField(max_length=255, blank=True, default="")
    subsidiary_id = models.CharField(max_length=40, blank=True, default="")
    terms_id = models.CharField("Payment terms id", max_length=40, blank=True, default="")
    price_level_id = models.CharField(max_length=40, blank=True, default="")
    category_id = models.CharField(max_length=40, blank=True, default="")
    name_source = choice_field(
        "Name from",
        NameChoice.FIRST_LAST,
        length=10,
        help_text="Company: a buyer with a company in the address becomes a company in the ERP.",
    )
    name2_source = choice_field(
        "Second name from",
        NameChoice.COMPANY,
        length=10,
        help_text="Taken when the name is empty. Company: persons keep their company's name beside their own.",
    )
    contact_source = choice_field("Contact on addresses from", NameChoice.FIRST_LAST, length=10)
    county_source = choice_field("State on addresses", CountyChoice.AUTO, length=10)
    phone_source = choice_field("Phone from", PhoneChoice.CUSTOMER, length=10)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["shop", "country"]
        constraints = [models.UniqueConstraint(fields=["shop", "country"], name="one_template_per_country")]

    def __str__(self) -> str:
        return f"{self.shop} · {self.country or 'all other countries'}"

    def style(self) -> AddressStyle:
        """How names and places are written on documents for this country."""
        return AddressStyle(
            contact=NameSource(self.contact_source),
            last_first=NameChoice.LAST_FIRST in (self.name_source, self.contact_source),
            county=CountySource(self.county_source),
            phones=self.phone_source != PhoneChoice.NONE,
        )


class RecordLink(models.Model):
    """A Shopify record and the ERP record it became. Written once; a broken link is kept with `unlinked_at`."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="record_links")
    connection = models.ForeignKey(ErpConnection, on_delete=models.PROTECT, related_name="record_links")
    kind = models.CharField(
        max_length=20, choices=[(k.value, k.value.replace("_", " ")) for k in DocumentKind]
    )
    source_id = models.CharField(max_length=40)
    external_id = models.CharField(max_length=100)
    erp_id = models.CharField("ERP id", max_length=40)
    erp_number = models.CharField("ERP number", max_length=60, blank=True, default="")
    total = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    payload_hash = models.CharField(max_length=64, blank=True, default="")
    recovered = models.BooleanField(
        default=False, help_text="Found in the ERP rather than created by this run."
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unlinked_at = models.DateTimeField(null=True, blank=True)
    unlinked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unlink_reason = models.TextField(blank=True, default="")
    part_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="parts",
        help_text="The order's own document, for one that books an edit beside it.",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind", "source_id"],
                condition=models.Q(unlinked_at__isnull=True),
                name="one_live_link_per_record",
            )
        ]
        indexes = [
            models.Index(fields=["connection", "external_id"], name="link_by_external_id"),
            models.Index(fields=["connection", "kind", "erp_id"], name="link_by_erp_id"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} → {self.erp_number or self.erp_id}"
