"""What Shopify sends by itself: where it may knock, what came, and what became of it."""

from __future__ import annotations

import hashlib
import json
import secrets
import zlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F

from common.clock import now
from shops.models import Shop
from syncflows.models.sync import Sync

LEASE = timedelta(minutes=2)
"""How long taken events are one worker's, longer than Shopify may take to answer; if the worker dies, the next sweep
after that takes them again."""
MAX_TAKES = 3
"""Takes that ended without a word before an event needs a person."""


def new_token() -> str:
    """The unguessable part of a shop's address: 256 bits."""
    return secrets.token_urlsafe(32)


class WebhookEndpoint(models.Model):
    """A shop's own address for webhooks, and what is known of its subscriptions at Shopify."""

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, related_name="webhook_endpoint")
    token = models.CharField(max_length=64, unique=True, default=new_token)
    wanted = models.BooleanField(
        default=False, help_text="Somebody registered the webhooks; the hub keeps them."
    )
    watched_at = models.DateTimeField(null=True, blank=True)
    next_watch_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = "webhook address"
        verbose_name_plural = "webhook addresses"

    def __str__(self) -> str:
        return f"Webhooks of {self.shop}"


class SubscriptionState(models.TextChoices):
    """How a subscription stands."""

    REGISTERED = "registered", "Registered"
    NO_SCOPE = "no_scope", "Scope missing"
    REFUSED = "refused", "Refused by Shopify"


class WebhookSubscription(models.Model):
    """One topic a shop's endpoint is subscribed to, as last seen at Shopify."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="webhook_subscriptions")
    topic = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=SubscriptionState)
    source_id = models.CharField("Shopify id", max_length=80, blank=True, default="")
    note = models.TextField(blank=True, default="")
    seen_at = models.DateTimeField("Last seen whole", null=True, blank=True)
    mended = models.PositiveIntegerField("Times mended", default=0)

    class Meta:
        ordering = ["topic"]
        verbose_name = "webhook subscription"
        constraints = [models.UniqueConstraint(fields=["shop", "topic"], name="one_subscription_per_topic")]

    def __str__(self) -> str:
        return self.topic


class EventState(models.TextChoices):
    """What became of an event."""

    RECEIVED = "received", "Received"
    ROUTED = "routed", "Passed on"
    UNCHANGED = "unchanged", "Nothing new"
    DONE = "done", "Done"
    DUPLICATE = "duplicate", "Repeat"
    KEPT = "kept", "Kept, not read yet"
    NO_RULE = "no_rule", "No rule"
    FAILED = "failed", "Needs a person"


class InboxQuerySet(models.QuerySet["InboxEvent"]):
    """Queries of the inbox."""

    def due(self) -> InboxQuerySet:
        """Events nobody has routed yet, whose time has come."""
        return self.filter(state=EventState.RECEIVED, due_at__lte=now())

    def take(self, limit: int) -> list[InboxEvent]:
        """Take up to `limit` due events of one shop for LEASE. One that was taken before without an end is taken alone,
        so that it costs nobody else; after MAX_TAKES it needs a person."""
        self.filter(state=EventState.RECEIVED, due_at__lte=now(), takes__gte=MAX_TAKES).update(
            state=EventState.FAILED,
            code="WEBHOOK_LOST",
            reason=f"The worker stopped in the middle of this event {MAX_TAKES} times in a row.",
            routed_at=now(),
        )
        return self._take(self.due().filter(takes=0), limit) or self._take(self.due(), 1)

    def _take(self, rows: InboxQuerySet, limit: int) -> list[InboxEvent]:
        with transaction.atomic():
            due = list(
                rows.order_by("pk").select_for_update(skip_locked=True).values_list("shop_id", "pk")[:limit]
            )
            pks = [pk for shop, pk in due if shop == due[0][0]]
            if pks:
                self.filter(pk__in=pks).update(due_at=now() + LEASE, takes=F("takes") + 1)
        return list(self.filter(pk__in=pks).select_related("shop", "body").order_by("pk")) if pks else []


class InboxEvent(models.Model):
    """One delivery of one webhook, for as long as the retention says. `event_id` is Shopify's id of what happened, the
    same on every delivery of it; `source_id` the id of the record it speaks of."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="inbox_events")
    webhook_id = models.CharField("Webhook id", max_length=100)
    event_id = models.CharField("Event id", max_length=100, blank=True, default="")
    topic = models.CharField(max_length=100)
    api_version = models.CharField("API version", max_length=20, blank=True, default="")
    triggered_at = models.DateTimeField("Happened", null=True, blank=True)
    received_at = models.DateTimeField("Received", default=now)
    headers = models.JSONField(default=dict, blank=True)
    sha256 = models.CharField("SHA-256 of the body", max_length=64)
    size = models.PositiveIntegerField("Bytes", default=0)
    state = models.CharField(max_length=12, choices=EventState, default=EventState.RECEIVED)
    code = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    source_id = models.CharField("Shopify id", max_length=40, blank=True, default="")
    sync = models.ForeignKey(
        Sync,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="inbox_events",
        verbose_name="order",
    )
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="repeats"
    )
    due_at = models.DateTimeField(default=now)
    takes = models.PositiveSmallIntegerField(default=0)
    retries = models.PositiveSmallIntegerField(default=0)
    replays = models.PositiveSmallIntegerField("Times replayed", default=0)
    replayed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    routed_at = models.DateTimeField("Routed", null=True, blank=True)

    objects = InboxQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "webhook"
        permissions = [("replay_inboxevent", "Can replay webhooks")]
        constraints = [models.UniqueConstraint(fields=["shop", "webhook_id"], name="one_row_per_webhook")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="received"), name="inbox_due"),
            models.Index(fields=["shop", "event_id", "topic"], name="inbox_by_event"),
            models.Index(fields=["received_at"], name="inbox_by_age"),
            models.Index(fields=["source_id"], name="inbox_by_record"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.webhook_id}"

    def settle(self, state: EventState, reason: str = "", *, code: str = "", **values: Any) -> None:
        """Say what became of it. Only of an event that is still to be routed."""
        changes = {
            "state": state, "reason": reason, "code": code, "routed_at": now(), "takes": 0, "source_id": self.source_id,
            **values,
        }  # fmt: skip
        if InboxEvent.objects.filter(pk=self.pk, state=EventState.RECEIVED).update(**changes):
            for name, value in changes.items():
                setattr(self, name, value)

    def put_off(self, until: datetime, reason: str, code: str) -> None:
        """Route it later: what it needs could not be reached."""
        InboxEvent.objects.filter(pk=self.pk, state=EventState.RECEIVED).update(
            due_at=until, takes=0, retries=F("retries") + 1, reason=reason, code=code
        )


class InboxBody(models.Model):
    """The body of a delivery, zlib-compressed, kept apart; blanked when its time is up or a law says so."""

    event = models.OneToOneField(InboxEvent, on_delete=models.CASCADE, related_name="body", primary_key=True)
    content = models.BinaryField()
    blanked_at = models.DateTimeField(null=True, blank=True)
    blanked_because = models.CharField(max_length=60, blank=True, default="")

    def __str__(self) -> str:
        return f"Body of {self.event_id}"

    @staticmethod
    def pack(body: bytes) -> tuple[bytes, str]:
        """The compressed body, and the SHA-256 of what came."""
        return zlib.compress(body, 1), hashlib.sha256(body).hexdigest()

    def text(self) -> bytes:
        """The bytes as they came; nothing of a blanked body."""
        return b"" if self.blanked_at else zlib.decompress(bytes(self.content))

    def document(self) -> dict[str, Any]:
        """The body as JSON. ValueError when it is none, or no object."""
        found = json.loads(self.text())
        if not isinstance(found, dict):
            raise ValueError("The body is no JSON object.")  # noqa: TRY004 - what json.loads raises for the rest
        return found
