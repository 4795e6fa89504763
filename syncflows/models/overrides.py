"""What a person chose for one order, instead of what rules and maps say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.db import models

from canonical.documents import Ref
from common.clock import now
from mappings.overrides import Chosen
from syncflows.models.attempts import Action
from syncflows.models.sync import Sync

Choosers = Mapping[tuple[int, str], tuple[str, str]]
"""Who and why, by the key of an order and what is chosen."""
CHOICES = {"assign_customer": "Customer", "location": "Location", "ship_method": "Ship method"}
"""The kinds of deeds that choose something for one order, and what."""


class OrderOverrides(models.Model):
    """ERP records chosen for one order: customer, location, ship method. Empty ids leave it to the rules. They count
    when its document is mapped; a document that is written already is not changed by them."""

    sync = models.OneToOneField(Sync, on_delete=models.CASCADE, related_name="overrides", primary_key=True)
    customer_id = models.CharField(max_length=40, blank=True, default="")
    customer_name = models.CharField(max_length=255, blank=True, default="")
    location_id = models.CharField(max_length=40, blank=True, default="")
    location_name = models.CharField(max_length=255, blank=True, default="")
    ship_method_id = models.CharField(max_length=40, blank=True, default="")
    ship_method_name = models.CharField(max_length=255, blank=True, default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    at = models.DateTimeField(default=now)
    reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = "choices for one order"
        verbose_name_plural = "choices for one order"

    def __str__(self) -> str:
        return ", ".join(f"{what} {name}" for what, name in self.shown()) or "nothing chosen"

    def shown(self) -> list[tuple[str, str]]:
        """What is chosen, in words: [("Location", "East DC")]."""
        pairs = (
            ("Customer", self.customer_name or self.customer_id),
            ("Location", self.location_name or self.location_id),
            ("Ship method", self.ship_method_name or self.ship_method_id),
        )
        return [(what, name) for what, name in pairs if name]

    def told(self) -> list[tuple[str, str, str, str]]:
        """The same with who chose it, and why: [("Location", "East DC", "olga", "Nearer")] (one query)."""
        who = choosers([self.pk])
        nobody = (self.user.get_username() if self.user else "", self.reason)
        return [(what, name, *who.get((self.pk, what), nobody)) for what, name in self.shown()]

    def chosen(self, who: Choosers) -> Chosen:
        """The same for the mapper."""
        nobody = (self.user.get_username() if self.user else "", self.reason)
        return Chosen(
            customer=_ref(self.customer_id, self.customer_name),
            location=_ref(self.location_id, self.location_name),
            ship_method=_ref(self.ship_method_id, self.ship_method_name),
            location_by=who.get((self.pk, "Location"), nobody)[0],
            ship_method_by=who.get((self.pk, "Ship method"), nobody)[0],
        )


def choosers(keys: Sequence[int]) -> Choosers:
    """Who chose what stands for these orders, by the deeds kept on them: two people may each have chosen one thing, and
    the row itself knows the last of them only (one query)."""
    deeds = Action.objects.filter(sync__in=keys, kind__in=CHOICES).order_by("pk")
    rows = deeds.values_list("sync_id", "kind", "user__username", "reason", "details")
    return {
        (key, CHOICES[kind]): (who or "", reason)
        for key, kind, who, reason, details in rows
        if details.get("scope", "order") == "order"
    }


def _ref(record_id: str, name: str) -> Ref | None:
    return Ref(record_id, name) if record_id else None


def chosen_for(syncs: Iterable[Sync]) -> dict[str, Chosen]:
    """What was chosen for these orders, by Shopify id; orders without any choice are left out (two queries
    at most)."""
    rows = OrderOverrides.objects.filter(sync__in=[sync.pk for sync in syncs]).select_related("user", "sync")
    found = list(rows)
    who = choosers([row.pk for row in found]) if found else {}
    return {row.sync.source_id: row.chosen(who) for row in found}
