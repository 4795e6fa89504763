"""Field mappings of a shop, kept as versions: one draft that people edit, one published version that counts, and all
earlier ones."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models

from common.fields import choice_field
from mappings.fields.catalogue import BY_PATH, Level
from mappings.fields.expressions import LONGEST
from mappings.fields.rules import (
    BusinessOnly,
    Condition,
    FieldRule,
    Lookup,
    LookupKind,
    Missing,
    Source,
    TargetType,
)
from mappings.models import CHOICES, MapKind
from shops.models import Shop


class LevelChoice(models.TextChoices):
    """Where a mapping writes."""

    HEADER = Level.HEADER.value, "Order"
    LINE = Level.LINE.value, "Order line"
    CUSTOMER = Level.CUSTOMER.value, "New customer"


class SourceChoice(models.TextChoices):
    """Where the value comes from."""

    FIELD = Source.FIELD.value, "A field of the order"
    EXPRESSION = Source.EXPRESSION.value, "An expression (JMESPath)"
    FIXED = Source.FIXED.value, "A fixed value"


class TypeChoice(models.TextChoices):
    """What the target takes."""

    TEXT = TargetType.TEXT.value, "Text"
    NUMBER = TargetType.NUMBER.value, "Number"
    DATE = TargetType.DATE.value, "Date"
    DATETIME = TargetType.DATETIME.value, "Date and time"
    SELECT = TargetType.SELECT.value, "List value or record (internal id)"
    CHECKBOX = TargetType.CHECKBOX.value, "Checkbox"


class LookupChoice(models.TextChoices):
    """The table between source and target."""

    NONE = LookupKind.NONE.value, "No table"
    TABLE = LookupKind.TABLE.value, "The table below"
    MAP = LookupKind.MAP.value, "One of the shop's maps"


class MissingChoice(models.TextChoices):
    """What becomes of a value the table does not have."""

    STOP = Missing.STOP.value, "Stop the order"
    EMPTY = Missing.EMPTY.value, "Leave the field empty"
    KEEP = Missing.KEEP.value, "Keep the value"


class BusinessChoice(models.TextChoices):
    """B2B or not."""

    ANY = BusinessOnly.ANY.value, "All orders"
    YES = BusinessOnly.YES.value, "Only B2B orders"
    NO = BusinessOnly.NO.value, "Only orders that are not B2B"


class FieldMappingSet(models.Model):
    """One version of the field mappings of a shop. A draft has no number; publishing gives it the next one. Published
    versions are never changed. `revision` counts the saves of a draft, so that two people cannot overwrite each
    other unseen. `is_current` marks the version that counts."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="field_mapping_sets")
    number = models.PositiveIntegerField("Version", null=True, blank=True)
    is_current = models.BooleanField("In use", default=False)
    revision = models.PositiveIntegerField(default=1)
    reason = models.TextField("Why", blank=True, default="")
    copied_from = models.PositiveIntegerField("Same as version", null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["shop", models.F("number").desc(nulls_first=True)]
        verbose_name = "field mapping version"
        permissions = [("publish_fieldmappingset", "Can publish field mappings")]
        constraints = [
            models.UniqueConstraint(fields=["shop", "number"], name="one_field_version_per_number"),
            models.UniqueConstraint(
                fields=["shop"], condition=models.Q(number__isnull=True), name="one_field_draft_per_shop"
            ),
            models.UniqueConstraint(
                fields=["shop"], condition=models.Q(is_current=True), name="one_field_version_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop}: {self.title}"

    @property
    def title(self) -> str:
        """`Draft`, or `Version 3`."""
        return "Draft" if self.number is None else f"Version {self.number}"

    @property
    def is_draft(self) -> bool:
        """Whether people may still change it."""
        return self.number is None


def new_key() -> str:
    """A key for a row, by which it is known again in later versions."""
    return secrets.token_hex(6)


class FieldMapping(models.Model):
    """One field mapping of one version; `key` stays the same from version to version."""

    mapping_set = models.ForeignKey(FieldMappingSet, on_delete=models.CASCADE, related_name="rows")
    key = models.CharField(max_length=12, default=new_key, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=10, choices=LevelChoice)
    target = models.CharField("ERP field", max_length=40)
    target_label = models.CharField(max_length=255, blank=True, default="")
    target_type = choice_field("", TypeChoice.TEXT, length=10)
    source_kind = choice_field("Value from", SourceChoice.FIELD, length=10)
    source = models.TextField(validators=[MaxLengthValidator(LONGEST)], blank=True, default="")
    source_name = models.CharField("Attribute", max_length=100, blank=True, default="")
    transforms = models.TextField("Steps", blank=True, default="")
    lookup_kind = models.CharField("Table", max_length=5, choices=LookupChoice, blank=True, default="")
    lookup_map = models.CharField(
        "Map",
        max_length=20,
        choices=[choice for choice in MapKind.choices if choice[0] not in CHOICES],
        blank=True,
        default="",
    )
    lookup_rows = models.JSONField(default=list, blank=True)
    lookup_missing = choice_field("Not in the table", MissingChoice.STOP, length=5)
    lookup_unique = models.BooleanField("Stop if not unique", default=True)
    required = models.BooleanField("Stop the order if empty", default=False)
    channels = models.JSONField("Only channels", default=list, blank=True)
    countries = models.JSONField("Only countries", default=list, blank=True)
    tags = models.JSONField("Only tags", default=list, blank=True)
    b2b = models.CharField("B2B", max_length=3, choices=BusinessChoice, blank=True, default="")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["mapping_set", "key"], name="one_field_row_per_key"),
            models.UniqueConstraint(fields=["mapping_set", "name"], name="one_field_row_per_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def rule(self) -> FieldRule:
        """The row as a rule of the engine."""
        return FieldRule(
            name=self.name,
            level=Level(self.level),
            target=self.target,
            target_type=TargetType(self.target_type),
            target_label=self.target_label,
            source_kind=Source(self.source_kind),
            source=self.source,
            source_name=self.source_name,
            transforms=self.transforms,
            lookup=Lookup(
                LookupKind(self.lookup_kind),
                tuple((str(value), str(result)) for value, result in self.lookup_rows),
                self.lookup_map,
                Missing(self.lookup_missing),
                self.lookup_unique,
            ),
            required=self.required,
            condition=Condition(
                tuple(self.channels), tuple(self.countries), tuple(self.tags), BusinessOnly(self.b2b)
            ),
        )

    def words(self) -> dict[str, Any]:
        """The row in words by the label of each part: what a version's page and a comparison show."""
        fact = BY_PATH.get(self.source) if self.source_kind == SourceChoice.FIELD else None
        source = (fact.words if fact else self.source) + (
            f" '{self.source_name}'" if self.source_name else ""
        )
        lookup = {
            LookupKind.NONE.value: "",
            LookupKind.MAP.value: f"map {self.get_lookup_map_display()}",
            LookupKind.TABLE.value: "; ".join(f"{value} = {result}" for value, result in self.lookup_rows),
        }[self.lookup_kind]
        return {
            "Name": self.name,
            "Writes to": f"{self.get_level_display()}: {self.target} ({self.get_target_type_display()})",
            "Value from": f"{self.get_source_kind_display()}: {source}",
            "Steps": self.transforms.replace("\n", "; "),
            "Table": lookup,
            "Not in the table": self.get_lookup_missing_display() if lookup else "",
            "Several results": ("stops" if self.lookup_unique else "the first counts") if lookup else "",
            "If empty": "stops the order" if self.required else "",
            "Only channels": ", ".join(self.channels),
            "Only countries": ", ".join(self.countries),
            "Only tags": ", ".join(self.tags),
            "B2B": self.get_b2b_display() if self.b2b else "",
        }
