"""The rules of a shop for its orders: what comes in, when, and how exact."""

from __future__ import annotations

from croniter import croniter
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from common.fields import choice_field
from shops.models import Shop
from syncflows.models.document_rules import DocumentRules


class Treatment(models.TextChoices):
    """What a rule does with an order it applies to."""

    IMPORT = "import", "Import"
    REVIEW = "review", "Import, pending approval in the ERP"
    HOLD = "hold", "Hold for a person"
    EXCLUDE = "exclude", "Exclude"


class ChangePolicy(models.TextChoices):
    """What is done with a written document when its order changes in Shopify."""

    ASK = "ask", "Ask a person"
    AMEND = "amend", "Amend the open document"
    ADD = "add", "Amend while nothing was shipped or billed, then credit and add"


class CancelPolicy(models.TextChoices):
    """What is done with an open document when its order is cancelled in Shopify."""

    ASK = "ask", "Ask a person"
    CLOSE = "close", "Close the open document"


T = Treatment


def validate_cron(value: str) -> None:
    """Refuse what is not a five-field cron expression."""
    if value and not croniter.is_valid(value):
        raise ValidationError(f"'{value}' is not a cron expression; write one like */10 7-22 * * *.")


class OrderRules(DocumentRules):
    """Rules for the orders of one shop. A new shop gets the defaults."""

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, related_name="order_rules", primary_key=True)
    enabled = models.BooleanField("Find and import orders on schedule", default=True)
    automatic = models.BooleanField(
        "Import without review", default=True, help_text="Off: orders wait in Orders to Import for a person."
    )
    interval_minutes = models.PositiveIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    cron = models.CharField(
        max_length=60,
        blank=True,
        default="",
        validators=[validate_cron],
        help_text="In the shop's time zone; used instead of the interval when filled in.",
    )
    next_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    search_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    import_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Orders placed before this are left alone. Empty: everything Shopify shows.",
    )
    overlap_minutes = models.PositiveIntegerField(
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text="How far each search goes back behind the last one.",
    )
    test_orders = choice_field("", T.EXCLUDE, T.IMPORT, length=10)
    cancelled_orders = choice_field("Cancelled before import", T.EXCLUDE, T.HOLD, length=10)
    archived_orders = choice_field("", T.IMPORT, T.EXCLUDE, length=10)
    unpaid_orders = choice_field("Payment pending or only authorized", T.IMPORT, T.REVIEW, T.HOLD, length=10)
    high_risk_orders = choice_field("", T.HOLD, T.REVIEW, T.IMPORT, length=10)
    sweep_minutes = models.PositiveIntegerField(
        "Sweep every (minutes)",
        default=15,
        validators=[MaxValueValidator(1440)],
        help_text="How often the last days are compared with Shopify and the ERP. 0: never.",
    )
    sweep_days = models.PositiveIntegerField(
        "Days of a sweep",
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Orders placed or changed in so many days.",
    )
    deep_sweep_cron = models.CharField(
        "Deep sweep at",
        max_length=60,
        blank=True,
        default="30 2 * * *",
        validators=[validate_cron],
        help_text="When a long window is compared, as cron in the shop's time zone. Empty: never.",
    )
    deep_sweep_days = models.PositiveIntegerField(
        "Days of a deep sweep",
        default=90,
        validators=[MaxValueValidator(3650)],
        help_text="0: everything since Import since.",
    )
    fulfilled_orders = choice_field(
        "Shipped (partly) before import",
        T.REVIEW,
        T.HOLD,
        T.IMPORT,
        length=10,
        help_text="Pending approval keeps the warehouse from shipping twice.",
    )
    refunded_orders = choice_field("Refunded (partly) before import", T.HOLD, T.EXCLUDE, length=10)
    changed_orders = choice_field(
        "Changed after import",
        ChangePolicy.ASK,
        length=10,
        help_text="Notes, tags and payments are only noted. What was shipped or billed is not altered: it is credited.",
    )
    cancelled_documents = choice_field(
        "Cancelled after import",
        CancelPolicy.ASK,
        length=10,
        help_text="Only a document nothing was shipped or billed of is closed.",
    )
    approve_documents = models.BooleanField(
        "Release documents at once",
        default=True,
        help_text="Off: every document waits for approval in the ERP.",
    )
    line_rounding_units = models.PositiveSmallIntegerField(
        "Rounding allowed per line",
        default=1,
        validators=[MaxValueValidator(5)],
        help_text="In the currency's smallest unit (cents).",
    )
    document_rounding_units = models.PositiveSmallIntegerField(
        "Rounding allowed per document",
        default=5,
        validators=[MaxValueValidator(50)],
        help_text="In the currency's smallest unit (cents). Above it the order is blocked.",
    )
    write_back = models.BooleanField(
        "Write the ERP number to the Shopify order", default=True, help_text="As a metafield of the app."
    )

    class Meta:
        verbose_name = "order rules"
        verbose_name_plural = "order rules"

    def __str__(self) -> str:
        return f"Order rules of {self.shop}"
