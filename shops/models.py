"""Shopify stores as the hub knows them: the shop record, its credentials, its locations and markets, its API budget."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from common.clock import now
from common.fields import AddressField
from common.secrets import SecretField
from common.validators import key_validator, validate_zone
from shops.addresses import check_api_address

domain_validator = RegexValidator(
    r"^[a-zA-Z0-9][a-zA-Z0-9-]*\.myshopify\.com$",
    "Write the store's own domain, e.g. my-store.myshopify.com.",
)

PREVIOUS_SECRET_FOR = timedelta(days=7)
"""Shopify signs with the oldest secret that is not revoked, and takes up to an hour to change over."""


class AuthKind(models.TextChoices):
    """How the hub gets an Admin API token."""

    CLIENT_CREDENTIALS = "client_credentials", "Client credentials (Dev Dashboard app)"
    AUTHORIZATION_CODE = "authorization_code", "Authorization code (app installed by the merchant)"
    STATIC = "static", "Static token (existing custom app)"


class MoneyPolicy(models.TextChoices):
    """Which side of Shopify's amounts goes into the books."""

    SHOP = "shop", "Shop currency"
    PRESENTMENT = "presentment", "Currency the customer paid in"


class Shop(models.Model):
    """One shop record: a Shopify store with its credentials and the ERP connection its documents go to.

    Two records may point at one store with different rules; `key` is part of every external id and never
    changes.
    """

    key = models.SlugField(
        max_length=30,
        unique=True,
        validators=[key_validator],
        help_text="Short name used in the ids of ERP documents. Cannot be changed later.",
    )
    name = models.CharField(max_length=100)
    domain = models.CharField("Shopify domain", max_length=100, validators=[domain_validator])
    api_base_url = AddressField(
        "API address",
        blank=True,
        default="",
        help_text="Leave empty for Shopify. Any Shopify-compatible server, without /admin.",
    )
    is_active = models.BooleanField("Active", default=True)
    erp_connection = models.ForeignKey(
        "erps.ErpConnection",
        on_delete=models.PROTECT,
        related_name="shops",
        null=True,
        blank=True,
        verbose_name="ERP connection",
    )
    auth_kind = models.CharField(
        "Authentication", max_length=30, choices=AuthKind, default=AuthKind.CLIENT_CREDENTIALS
    )
    client_id = models.CharField(max_length=100, blank=True, default="")
    client_secret = SecretField(
        blank=True,
        default="",
        help_text="Also proves that a webhook is Shopify's; a static token needs it too.",
    )
    previous_client_secret = SecretField(
        blank=True, default="", help_text="Shopify may go on signing with it for a while after a change."
    )
    previous_client_secret_until = models.DateTimeField(
        "Accept the previous secret until (UTC)",
        null=True,
        blank=True,
        help_text="Set by itself, to seven days, when the client secret is changed. Empty: it is not accepted.",
    )
    access_token = SecretField(blank=True, default="")
    access_token_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_token = SecretField(blank=True, default="")
    refresh_token_expires_at = models.DateTimeField(null=True, blank=True)
    token_issued_to = models.CharField(
        max_length=64,
        blank=True,
        default="",
        editable=False,
        help_text="Fingerprint of the credentials the access token was issued to: with others it is not used.",
    )
    api_version_drift = models.CharField(
        max_length=20,
        blank=True,
        default="",
        editable=False,
        help_text="The API version Shopify last answered with, when it was not the one the hub asked for.",
    )
    token_lease = models.CharField(max_length=40, blank=True, default="", editable=False)
    token_lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    scopes = models.TextField(
        blank=True, default="", help_text="Scopes Shopify granted, filled in by Test connection."
    )
    currency = models.CharField(
        max_length=3, blank=True, default="", help_text="Filled in by Test connection."
    )
    iana_timezone = models.CharField(
        "Shop time zone",
        max_length=60,
        default="UTC",
        validators=[validate_zone],
        help_text="The store's zone. Filled in by Test connection.",
    )
    accounting_timezone = models.CharField(
        max_length=60,
        blank=True,
        default="",
        validators=[validate_zone],
        help_text="Zone for document dates. Empty: the shop's time zone.",
    )
    money_policy = models.CharField(
        "Books in",
        max_length=12,
        choices=MoneyPolicy,
        default=MoneyPolicy.SHOP,
        help_text="Shop currency suits a seller with one entity; the paid currency suits local receivables.",
    )
    disconnected_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when Shopify does not let the app in any more.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        permissions = [
            ("test_shop", "Can test the connection of a shop"),
            ("sync_shop", "Can start a sync of a shop"),
            ("register_shop", "Can register the webhooks of a shop"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an API address no token may be sent to."""
        super().clean()
        if self.api_base_url:
            try:
                check_api_address(self.api_base_url)
            except ValidationError as error:
                raise ValidationError({"api_base_url": error}) from error

    def keep_previous_secret(self, old: str) -> None:
        """Accept `old`, the client secret this record had until now, for PREVIOUS_SECRET_FOR more."""
        self.previous_client_secret = old
        self.previous_client_secret_until = now() + PREVIOUS_SECRET_FOR if old else None

    def webhook_secrets(self) -> list[str]:
        """The client secrets a webhook may be signed with: the present one, and the previous one until its end."""
        secrets = [self.client_secret]
        if self.previous_client_secret_until is not None and self.previous_client_secret_until > now():
            secrets.append(self.previous_client_secret)
        return [secret for secret in secrets if secret]

    @property
    def document_zone(self) -> str:
        """IANA zone in which document dates are computed."""
        return self.accounting_timezone or self.iana_timezone

    @property
    def budget_key(self) -> str:
        """Shopify keeps one points bucket per app and store, so shop records of one store share it."""
        return f"{self.api_base_url or self.domain}|{self.client_id or self.pk}"

    def admin_order_url(self, order_id: str) -> str:
        """Deep link to an order in the Shopify admin."""
        return f"https://admin.shopify.com/store/{self.domain.split('.')[0]}/orders/{order_id}"


class Location(models.Model):
    """A location of a store, read from Shopify, offered in the location mapping."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="locations")
    source_id = models.CharField(max_length=30)
    name = models.CharField(max_length=255)
    is_active = models.BooleanField(default=True)
    fetched_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["shop", "source_id"], name="one_location_per_shop")]

    def __str__(self) -> str:
        return self.name


class Market(models.Model):
    """A market of a store that stands for regions, read from Shopify, offered in the mappings by market.

    `handle` is the merchant's short name; mappings name a market by it. A merchant may change it, so earlier ones are
    kept. `regions` holds country codes (`DE`), parts of a country (`CA-ON`), or `*` for everywhere.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="markets")
    source_id = models.CharField(max_length=30)
    handle = models.CharField(max_length=255)
    earlier_handles = models.JSONField(default=list, blank=True)
    name = models.CharField(max_length=255)
    regions = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    fetched_at = models.DateTimeField("Last read")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["shop", "source_id"], name="one_market_per_shop")]

    def __str__(self) -> str:
        return self.name


class ApiBudget(models.Model):
    """The points left in a store's bucket, shared by every worker of every machine.

    `available` points at `measured_at`, refilled at `restore_rate` per second up to `maximum`, is what Shopify last
    said. `full_at` (epoch seconds) is when the bucket would be full again by what the hub has reserved since.
    """

    key = models.CharField(max_length=255, unique=True)
    maximum = models.FloatField(default=2000)
    restore_rate = models.FloatField(default=100)
    available = models.FloatField(default=2000)
    measured_at = models.DateTimeField()
    full_at = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.key
