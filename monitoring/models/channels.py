"""Channels: whom alerts are told to, how, and when not."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator, validate_email
from django.db import models

from common.addresses import check_public_address
from common.secrets import SecretField
from common.validators import key_validator, validate_zone
from monitoring.registry import Severity, conditions
from shops.models import Shop

clock_validator = RegexValidator(r"^([01]\d|2[0-3]):[0-5]\d$", "Write a time of day such as 22:00.")


class ChannelKind(models.TextChoices):
    """How messages go out."""

    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook"


class Body(models.TextChoices):
    """The form of a webhook's body."""

    HUB = "hub", "The hub's own JSON"
    SLACK = "slack", "Slack (incoming webhook)"
    TEAMS = "teams", "Microsoft Teams (workflow)"


def validate_conditions(value: Any) -> None:
    """Only codes of conditions there are."""
    known = {rule.code for rule in conditions()}
    _validate_list(value, known, "alert")


def validate_shops(value: Any) -> None:
    """Only keys of shops there are."""
    _validate_list(value, set(Shop.objects.values_list("key", flat=True)), "shop")


def _validate_list(value: Any, known: set[str], what: str) -> None:
    if not isinstance(value, list):
        raise ValidationError("Write a list.")
    wrong = [word for word in value if word not in known]
    if wrong:
        raise ValidationError(f"There is no {what} '{wrong[0]}'; there are: {', '.join(sorted(known))}.")


class Channel(models.Model):
    """One recipient of alerts: people by e-mail, or a system by webhook. `key` never changes.

    `after_minutes` makes it a second recipient: it hears only of alerts that nobody acknowledged so long after they
    were opened.
    """

    key = models.SlugField(max_length=30, unique=True, validators=[key_validator])
    name = models.CharField(max_length=100)
    kind = models.CharField("Goes by", max_length=10, choices=ChannelKind, default=ChannelKind.EMAIL)
    is_active = models.BooleanField(
        "Active", default=True, help_text="Off: nothing is sent, and nothing new is kept for later."
    )
    recipients = models.TextField(
        blank=True, default="", help_text="E-mail addresses, separated by commas or lines."
    )
    address = SecretField(
        "Webhook address",
        blank=True,
        default="",
        help_text="https only, and no private host. Kept like a password: whoever knows it may post there.",
    )
    body = models.CharField("Form of the body", max_length=10, choices=Body, default=Body.HUB)
    secret = SecretField(
        "Signing secret",
        blank=True,
        default="",
        help_text="Signs each body (Hub-Signature: sha256=…), so that the receiver knows who sent it.",
    )
    minimum_severity = models.PositiveSmallIntegerField(
        "From severity", choices=Severity, default=Severity.WARNING
    )
    shops = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_shops],
        help_text="None chosen: every shop. Alerts that belong to no single shop always come.",
    )
    conditions = models.JSONField(
        "Alerts", default=list, blank=True, validators=[validate_conditions],
        help_text="None chosen: every alert.",
    )  # fmt: skip
    after_minutes = models.PositiveIntegerField(
        "Second recipient after",
        default=0,
        validators=[MaxValueValidator(10_080)],
        help_text="In minutes. 0: told at once. More: told only of alerts that nobody acknowledged in this time.",
    )
    quiet_from = models.CharField(
        max_length=5, blank=True, default="", validators=[clock_validator],
        help_text="Quiet hours, e.g. 22:00 to 07:00. Only critical alerts come through; the others wait and come as "
        "one message at the end.",
    )  # fmt: skip
    quiet_until = models.CharField(max_length=5, blank=True, default="", validators=[clock_validator])
    time_zone = models.CharField(
        max_length=60, default="UTC", validators=[validate_zone],
        help_text="Zone of the quiet hours and of the times in messages.",
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        verbose_name = "alert channel"
        permissions = [("test_channel", "Can send a test message to an alert channel")]

    def __str__(self) -> str:
        return self.name

    def people(self) -> list[str]:
        """The e-mail addresses, in the order given."""
        return [word for word in re.split(r"[\s,;]+", self.recipients) if word]

    def clean(self) -> None:
        """Refuse what could not be delivered, and half a span of quiet hours."""
        super().clean()
        problems: dict[str, str] = {}
        if self.kind == ChannelKind.EMAIL:
            problems |= self._unreachable_people()
        else:
            try:
                check_public_address(self.address)
            except ValidationError as error:
                problems["address"] = error.messages[0]
        if bool(self.quiet_from) != bool(self.quiet_until):
            problems["quiet_until"] = "Write both ends of the quiet hours, or neither."
        elif self.quiet_from and self.quiet_from == self.quiet_until:
            problems["quiet_until"] = "Quiet hours that end when they begin would never end."
        if problems:
            raise ValidationError(problems)

    def _unreachable_people(self) -> dict[str, str]:
        people = self.people()
        if not people:
            return {"recipients": "Write at least one e-mail address."}
        for person in people:
            try:
                validate_email(person)
            except ValidationError:
                return {"recipients": f"'{person}' is not an e-mail address."}
        return {}

    def wants(self, code: str, severity: int, shop: Shop | None) -> bool:
        """Whether its filter lets an alert through."""
        return (
            severity >= self.minimum_severity
            and (not self.conditions or code in self.conditions)
            and (not self.shops or shop is None or shop.key in self.shops)
        )

    def free_at(self, at: datetime, severity: int) -> datetime:
        """The first instant from `at` (aware UTC) at which a message of this severity may go out.

        Quiet hours are by the wall clock of the channel's zone, also where the clock is changed in between.
        """
        if not self.quiet_from or not self.quiet_until or severity >= Severity.CRITICAL:
            return at
        local = at.astimezone(ZoneInfo(self.time_zone))
        begin, end = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until)
        clock = local.time()
        quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
        if not quiet:
            return at
        day = local.date() + timedelta(days=0 if clock < end else 1)
        free = datetime.combine(day, end, tzinfo=local.tzinfo).astimezone(at.tzinfo)
        return max(at, free)
