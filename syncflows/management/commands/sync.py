"""`manage.py sync orders --shop KEY [--order NAME] [--dry-run]`: find and import orders in this process."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Q
from django.utils.module_loading import import_string

from common.errors import HubError
from shops.models import Shop
from syncflows.actions import preview
from syncflows.management.shops import shop_by_key
from syncflows.models import FLOW_ORDERS, Sync
from syncflows.models.sync import SyncQuerySet
from syncflows.pipeline.run import Report, drain
from syncflows.pipeline.staging import Found, discover
from syncflows.states import State

FOREVER = 86_400.0


class Command(BaseCommand):
    help = "Find a shop's orders and import them into its ERP, with progress and a summary."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("flow", choices=[FLOW_ORDERS])
        parser.add_argument("--shop", required=True, help="key of the shop")
        parser.add_argument(
            "--order", action="append", default=[], help="only this order: name (#1001) or Shopify id"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be written, write nothing"
        )
        parser.add_argument(
            "--everything", action="store_true", help="search from the beginning, not the cursor"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        shop = shop_by_key(options["shop"])
        try:
            found = discover(shop, everything=options["everything"], progress=self._found)
        except HubError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        self.stdout.write(f"\nFound {found.seen} orders: {found.new} new, {found.changed} changed.")
        rows = self._chosen(shop, options["order"])
        if options["dry_run"]:
            self._dry_run(rows)
            return
        if options["order"]:
            for sync in rows:
                sync.retry()
        drain(rows=rows, seconds=FOREVER, progress=self._progress)
        for job in settings.AFTER_DISCOVERY:
            import_string(job)(shop.pk)
        self._summary(rows)

    def _found(self, found: Found) -> None:
        self._line(f"Searching: {found.seen} orders")

    def _progress(self, report: Report) -> None:
        self._line(f"Importing: {report.taken} orders taken up")

    def _line(self, text: str) -> None:
        self.stdout.write(
            f"\r{text}" if sys.stdout.isatty() else text, ending="" if sys.stdout.isatty() else "\n"
        )
        self.stdout.flush()

    def _chosen(self, shop: Shop, orders: list[str]) -> SyncQuerySet:
        rows = Sync.objects.filter(shop=shop, flow=FLOW_ORDERS)
        if not orders:
            return rows
        names = [name if name.startswith("#") else f"#{name}" for name in orders]
        chosen = rows.filter(Q(source_id__in=orders) | Q(name__in=[*orders, *names]))
        if not chosen.exists():
            raise CommandError(f"None of these orders was found in {shop}: {', '.join(orders)}.")
        return chosen

    def _dry_run(self, rows: SyncQuerySet) -> None:
        for sync in rows.select_related("shop__erp_connection").order_by("pk"):
            answer = preview(sync)
            self.stdout.write(
                f"\n{sync.name}: "
                + (
                    f"{answer.error.code}: {answer.error.message}"
                    if answer.error
                    else f"would be written for {answer.customer}"
                )
            )
            for warning in answer.warnings:
                self.stdout.write(f"  note: {warning}")
            if answer.payload:
                self.stdout.write(json.dumps(answer.payload, indent=2, default=str, ensure_ascii=False))
        self.stdout.write("\nDry run: nothing was written.")

    def _summary(self, rows: SyncQuerySet) -> None:
        counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
        self.stdout.write("\nState      Orders")
        for state in State:
            if counts.get(state.value):
                self.stdout.write(f"{state.label:<10} {counts[state.value]:>6}")
        for sync in rows.filter(state__in=(State.BLOCKED, State.WAITING)).order_by("pk")[:50]:
            self.stdout.write(f"  {sync.name}: {sync.reason_code}: {sync.reason}")
