"""ERP connections: credentials, choices made once per connection, cached reference data, shared request slots."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from canonical.documents import TaxStrategy
from common.fields import AddressField
from common.secrets import SecretField
from common.validators import key_validator


class ErpKind(models.TextChoices):
    """Which ERP is behind a connection; `erps.registry` finds the adapter by it."""

    NETSUITE = "netsuite", "Oracle NetSuite"


class AuthKind(models.TextChoices):
    """How the hub signs in to NetSuite."""

    OAUTH2 = "oauth2", "OAuth 2.0 client credentials (certificate)"
    TBA = "tba", "Token-based authentication (TBA)"


class SigningAlgorithm(models.TextChoices):
    """Algorithms NetSuite accepts for the client assertion."""

    PS256 = "PS256", "PS256 (RSA key)"
    ES256 = "ES256", "ES256 (EC P-256 key)"


class TaxChoice(models.TextChoices):
    """How Shopify's tax gets onto a document."""

    TAX_DETAILS = TaxStrategy.TAX_DETAILS.value, "SuiteTax: tax details given line by line (override)"
    TAX_LINE = TaxStrategy.TAX_LINE.value, "One tax line per tax, on a non-taxable tax item"
    TAX_CODES = TaxStrategy.TAX_CODES.value, "Tax codes on the lines, difference on a variance line"


class ShippingChoice(models.TextChoices):
    """Where the shipping amount goes."""

    LINE = "line", "A line on the shipping item (keeps discounts apart)"
    BODY = "body", "The shipping cost field of the document"


class ErpConnection(models.Model):
    """One account of an ERP. `key` is stable; the choices below are named on every document's timeline."""

    key = models.SlugField(max_length=30, unique=True, validators=[key_validator])
    name = models.CharField(max_length=100)
    kind = models.CharField("ERP", max_length=20, choices=ErpKind, default=ErpKind.NETSUITE)
    is_active = models.BooleanField("Active", default=True)
    account_id = models.CharField(
        "Account ID", max_length=40, help_text="As NetSuite shows it, e.g. 1234567 or 1234567_SB1."
    )
    base_url = AddressField(
        "Service address",
        blank=True,
        default="",
        help_text="Leave empty for NetSuite: the address is built from the account ID.",
    )
    auth_kind = models.CharField("Authentication", max_length=10, choices=AuthKind, default=AuthKind.OAUTH2)
    client_id = models.CharField("Client ID / consumer key", max_length=100, blank=True, default="")
    certificate_id = models.CharField(max_length=100, blank=True, default="")
    certificate_valid_until = models.DateField(
        null=True,
        blank=True,
        help_text="Last day of the certificate. Read from the certificate when it is pasted in above, else typed; an "
        "alert comes in time.",
    )
    algorithm = models.CharField(max_length=5, choices=SigningAlgorithm, default=SigningAlgorithm.PS256)
    private_key = SecretField("Private key (PEM)", blank=True, default="")
    consumer_secret = SecretField(blank=True, default="")
    token_id = models.CharField("Token ID", max_length=100, blank=True, default="")
    token_secret = SecretField(blank=True, default="")
    access_token = SecretField(blank=True, default="", editable=False)
    access_token_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    concurrency_limit = models.PositiveSmallIntegerField(
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text="Requests at once, over all workers. Stay below the share NetSuite gives this integration.",
    )
    tax_strategy = models.CharField("Tax", max_length=12, choices=TaxChoice, default=TaxChoice.TAX_LINE)
    shipping_as = models.CharField(
        "Shipping", max_length=5, choices=ShippingChoice, default=ShippingChoice.LINE
    )
    order_id_field = models.CharField(
        max_length=60,
        blank=True,
        default="custbody_shp_order_id",
        help_text="Body field for the Shopify order id. Empty: not written.",
    )
    order_url_field = models.CharField(
        max_length=60,
        blank=True,
        default="custbody_shp_order_url",
        help_text="Body field for the link to the Shopify order. Empty: not written.",
    )
    line_id_field = models.CharField(
        max_length=60,
        blank=True,
        default="custcol_shp_line_id",
        help_text="Line field for the Shopify line id. Empty: not written.",
    )
    capabilities = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "ERP connection"
        permissions = [("test_erpconnection", "Can test an ERP connection")]

    def __str__(self) -> str:
        return self.name


class ReferenceKind(models.TextChoices):
    """Reference data offered in mapping forms."""

    SUBSIDIARY = "subsidiary", "Subsidiary"
    LOCATION = "location", "Location"
    DEPARTMENT = "department", "Department"
    CLASS = "class", "Class"
    CURRENCY = "currency", "Currency"
    ACCOUNT = "account", "Account"
    TERM = "term", "Payment terms"
    SHIP_METHOD = "ship_method", "Ship method"
    PAYMENT_METHOD = "payment_method", "Payment method"
    TAX_CODE = "tax_code", "Tax code"
    TAX_TYPE = "tax_type", "Tax type"
    PRICE_LEVEL = "price_level", "Price level"
    CUSTOMER_CATEGORY = "customer_category", "Customer category"
    ITEM = "item", "Item"
    PROMOTION = "promotion", "Promotion"
    CUSTOMER = "customer", "Customer"
    EMPLOYEE = "employee", "Employee"
    ORDER_FIELD = "order_field", "Field of orders"
    LINE_FIELD = "line_field", "Field of order lines"
    CUSTOMER_FIELD = "customer_field", "Field of customers"


class ReferenceRecord(models.Model):
    """One row of the ERP's reference data, cached with its age."""

    connection = models.ForeignKey(ErpConnection, on_delete=models.CASCADE, related_name="reference")
    kind = models.CharField(max_length=20, choices=ReferenceKind)
    erp_id = models.CharField("ERP id", max_length=40)
    name = models.CharField(max_length=255)
    code = models.CharField(max_length=255, blank=True, default="")
    is_inactive = models.BooleanField(default=False)
    extra = models.JSONField(default=dict, blank=True)
    fetched_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "erp_id"], name="one_reference_record")
        ]
        indexes = [models.Index(fields=["connection", "kind", "code"], name="reference_by_code")]

    def __str__(self) -> str:
        return f"{self.name} ({self.erp_id})"


class RequestSlot(models.Model):
    """One of the concurrent requests a connection may have; taken by one UPDATE, given back or run out."""

    connection = models.ForeignKey(ErpConnection, on_delete=models.CASCADE, related_name="slots")
    number = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=40, blank=True, default="")
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "number"], name="one_slot_number")]

    def __str__(self) -> str:
        return f"{self.connection_id}/{self.number}"
