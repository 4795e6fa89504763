"""What was written, kept beside the link: the order as it was then, and what was sent. A later change is told by it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import models

from canonical.changes import Change, ChangeKind
from canonical.documents import DocumentKind
from common.clock import now
from mappings.models import RecordLink
from syncflows.models.sync import Sync


class Wish(models.TextChoices):
    """What a person decided about a change that was asked about."""

    NONE = "", "Nothing yet"
    APPLY = "apply", "Apply it to the document"
    KEEP = "keep", "Keep the document as it is"
    RECREATE = "recreate", "Unlink and write a new document"
    RECREATE_CLOSING = "recreate_closing", "Close the document and write a new one"


class WrittenDocument(models.Model):
    """The order a document stands for and the body it was written with. `token` names exactly the state of things a
    person was asked about; an answer holds for that state only. `parts` are the documents written beside it for edits
    (`syncflows.pipeline.parts`), `pending` the one that was begun and not heard of yet."""

    link = models.OneToOneField(
        RecordLink, on_delete=models.CASCADE, related_name="written", primary_key=True
    )
    order = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    sent = models.BinaryField(blank=True, default=b"")
    stage = models.CharField(max_length=10, blank=True, default="")
    changes = models.JSONField(default=list, blank=True)
    kept = models.JSONField(default=list, blank=True)
    parts = models.JSONField(default=list, blank=True)
    pending = models.JSONField(default=dict, blank=True)
    closed_total = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    token = models.CharField(max_length=64, blank=True, default="")
    wish = models.CharField(max_length=20, choices=Wish, blank=True, default=Wish.NONE)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = "written document"

    def __str__(self) -> str:
        return f"{self.link} as written"

    @staticmethod
    def pack(document: dict[str, Any]) -> bytes:
        """Compress the raw order, or the body that was sent, for its column."""
        return zlib.compress(json.dumps(document, separators=(",", ":"), default=str).encode(), 1)

    def raw_order(self) -> dict[str, Any]:
        """The order as Shopify answered when the document was written (or when a person kept it)."""
        body: dict[str, Any] = json.loads(zlib.decompress(bytes(self.order)))
        return body

    def body(self) -> dict[str, Any]:
        """The body that was sent last; empty for a document the hub did not write. Amounts are text."""
        if not self.sent:
            return {}
        body: dict[str, Any] = self._sent()["body"]
        return body

    def lines(self) -> list[dict[str, Any]]:
        """The lines of the document as they stand in the ERP, in its order; amounts are text."""
        rows: list[dict[str, Any]] = self._sent()["lines"] if self.sent else []
        return rows

    def _sent(self) -> dict[str, Any]:
        sent: dict[str, Any] = json.loads(zlib.decompress(bytes(self.sent)))
        return sent

    @property
    def beside_total(self) -> Decimal:
        """What the documents beside it add to the order's total: credits take off it."""
        rows = ((row["kind"] == DocumentKind.CREDIT_MEMO, Decimal(row["total"])) for row in self.parts)
        return sum((-total if credit else total for credit, total in rows), Decimal(0))

    def asked(self) -> tuple[Change, ...]:
        """The changes a person was asked about."""
        return tuple(_change(row) for row in self.changes)

    def accepted(self) -> tuple[Change, ...]:
        """The changes somebody decided to leave out of the document."""
        return tuple(_change(row) for row in self.kept)


def stored(changes: Iterable[Change]) -> list[dict[str, str]]:
    """Changes as JSON."""
    return [
        {
            "kind": str(change.kind), "what": change.what, "before": change.before, "after": change.after,
            "amount": str(change.amount), "currency": change.currency,
        }
        for change in changes
    ]  # fmt: skip


def _change(row: dict[str, str]) -> Change:
    return Change(
        kind=ChangeKind(row["kind"]), what=row["what"], before=row["before"], after=row["after"],
        amount=Decimal(row["amount"]), currency=row["currency"],
    )  # fmt: skip


def asked_about(sync: Sync) -> WrittenDocument | None:
    """What a person is asked about an order, if anything."""
    rows = WrittenDocument.objects.filter(
        link__shop=sync.shop_id, link__source_id=sync.source_id, link__unlinked_at=None
    )
    return rows.exclude(token="").select_related("link").defer("order").first()
