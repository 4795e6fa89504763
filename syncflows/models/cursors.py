"""Where discovery stands, and signs of life of the workers."""

from __future__ import annotations

from django.db import models

from shops.models import Shop


class Cursor(models.Model):
    """How far discovery of one flow of one shop has come: moved only after what it found is committed."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="cursors")
    flow = models.CharField(max_length=20)
    position = models.DateTimeField(null=True, blank=True)
    replay_from = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The next search begins here at the latest: webhooks were missing since then.",
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    found = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "flow"], name="one_cursor_per_flow")]

    def __str__(self) -> str:
        return f"{self.shop} {self.flow}: {self.position}"


class Beat(models.Model):
    """A sign of life: the last time a named part of the machinery ran."""

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
