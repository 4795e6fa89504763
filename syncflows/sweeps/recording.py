"""What a sweep keeps: outcomes and how far it is, committed together while the turn is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from syncflows.models import SweepFinding, SweepOutcome, SweepRun, SweepTurn
from syncflows.models.sweeps import UNREMARKABLE
from syncflows.pipeline.staging import NAME
from syncflows.sweeps.looking import Sight

SENTENCES = {
    SweepOutcome.MISSING: "Shopify has it, the hub did not. It was staged.",
    SweepOutcome.STALE: "Shopify changed it and no search saw that. It was taken up again.",
    SweepOutcome.RELINKED: "{number} carries this order's external id and had no link here. The link was restored.",
    SweepOutcome.DOUBTFUL: "The ERP does not show {number}. The next sweep looks again.",
    SweepOutcome.DOCUMENT_GONE: "The ERP did not show {number} twice. The order is blocked; nothing is written again.",
    SweepOutcome.SECOND: "{number} carries this order's external id, but the order is linked to another document.",
    SweepOutcome.ORPHAN: "{number} carries the external id of an order Shopify does not show: deleted there, or older "
    "than the app may see.",
    SweepOutcome.ORDER_GONE: "Shopify does not show this order any more: deleted there, or older than the app may see.",
}


class TurnLost(Exception):
    """Another worker has the turn: what this one was about to save is not saved."""


@dataclass(frozen=True, slots=True)
class Said:
    """One order and what is said of it; `again` when a doubt about it is open already."""

    source_id: str
    outcome: SweepOutcome
    name: str = ""
    sync_id: int | None = None
    kind: str = ""
    erp_id: str = ""
    erp_number: str = ""
    again: bool = False


class Book:
    """The run as one worker writes it."""

    def __init__(self, run: SweepRun, token: str, sight: Sight) -> None:
        self.run = run
        self.token = token
        self.sight = sight

    @contextmanager
    def chunk(self) -> Iterator[None]:
        """One transaction: what is found and done in it is committed with the run's place, or not at all. Raises
        TurnLost."""
        with transaction.atomic():
            if not SweepTurn.keep(self.run.shop_id, self.token):
                raise TurnLost
            yield
            self._spent()
            self.run.save()

    def _spent(self) -> None:
        client = self.sight.client
        self.run.points += client.points
        self.run.shopify_requests += client.requests
        self.run.erp_requests += self.sight.erp_requests
        client.points, client.requests, self.sight.erp_requests = 0.0, 0, 0

    def known(self, source_ids: Iterable[str]) -> set[str]:
        """Those of the orders this run has said something of already."""
        rows = SweepFinding.objects.filter(run=self.run, source_id__in=list(source_ids))
        return set(rows.values_list("source_id", flat=True))

    def say(self, said: Iterable[Said]) -> None:
        """Count outcomes and keep those worth a look, one for each order."""
        rows = []
        for one in said:
            self.run.count(one.outcome)
            if one.outcome in UNREMARKABLE:
                continue
            number = one.erp_number or (
                f"document {one.erp_id}" if one.erp_id else "a document of this order"
            )
            rows.append(
                SweepFinding(
                    run=self.run,
                    shop_id=self.run.shop_id,
                    sync_id=one.sync_id,
                    source_id=one.source_id,
                    outcome=one.outcome,
                    name=one.name[:NAME],
                    kind=one.kind,
                    erp_id=one.erp_id,
                    erp_number=one.erp_number[:60],
                    message=SENTENCES[one.outcome].format(number=number),
                    open=one.outcome == SweepOutcome.DOUBTFUL and not one.again,
                )
            )
        SweepFinding.objects.bulk_create(rows, batch_size=250)
