"""`manage.py sweep --shop KEY [--deep] [--since 2026-01-31]`: compare Shopify, the hub and the ERP, in this process."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.clock import now
from shops.models import Shop
from syncflows.management.shops import instant_in, shop_by_key
from syncflows.models import OrderRules, SweepKind, SweepOutcome, SweepRun, SweepState
from syncflows.sweeps.running import window, work

PATIENCE = timedelta(minutes=10)
"""For so long another worker's sweep of the shop is waited for."""


class Command(BaseCommand):
    help = "Compare the orders of a shop in Shopify, here and in the ERP; what was lost is staged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", required=True, help="key of the shop")
        parser.add_argument("--deep", action="store_true", help="the long window of the shop's rules")
        parser.add_argument(
            "--since", help="a day (2026-01-31) or instant, in the shop's zone, instead of the rules'"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        shop = shop_by_key(options["shop"])
        kind = SweepKind.DEEP if options["deep"] or options["since"] else SweepKind.QUICK
        run, new = SweepRun.objects.begin(shop, kind, self._since(shop, kind, options["since"]))
        if not new:
            self.stdout.write("A sweep of this kind is open already; it is gone on with.")
        begun = now()
        while not work(run.pk):
            run.refresh_from_db()
            if run.due_at > now() or run.error_code:
                raise CommandError(f"{run.error_code}: {run.error} The sweep goes on by itself later.")
            if now() - begun > PATIENCE:
                raise CommandError("Another worker sweeps this shop. Try again later.")
            time.sleep(1)
        run.refresh_from_db()
        self._tell(run)

    def _since(self, shop: Shop, kind: SweepKind, text: str | None) -> datetime | None:
        rules, _ = OrderRules.objects.get_or_create(shop=shop)
        if not text:
            return window(rules, kind)
        return max(filter(None, (instant_in(shop, text), rules.import_since)))

    def _tell(self, run: SweepRun) -> None:
        if run.state == SweepState.FAILED:
            raise CommandError(f"{run.error_code}: {run.error}")
        if run.note:
            self.stdout.write(run.note)
        for outcome in SweepOutcome:
            if run.counts.get(outcome):
                self.stdout.write(f"{outcome.label:<52} {run.counts[outcome]:>8,}")
        for one in run.findings.all()[:50]:
            self.stdout.write(f"  {one.name or one.source_id}: {one.message}")
        self.stdout.write(
            f"Unexplained: {run.unexplained}. {run.shopify_requests} requests to Shopify ({run.points:.0f} points), "
            f"{run.erp_requests} to the ERP."
        )
