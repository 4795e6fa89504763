"""`manage.py backfill --shop KEY --since 2025-01-01 [--until DAY] [--cap N] [--dry-run]`: import a shop's history."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.causes import cause
from common.clock import now
from common.errors import HubError
from syncflows.backfills.estimating import plan
from syncflows.backfills.working import LOOK_EVERY, stop, work
from syncflows.management.shops import instant_in, shop_by_key
from syncflows.models import Backfill, BackfillState


class Command(BaseCommand):
    help = "Stage the orders of a span of time, exported by Shopify in bulk; workers import them behind fresh ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", required=True, help="key of the shop")
        parser.add_argument(
            "--since", required=True, help="first day (2025-01-01) or instant, in the shop's zone"
        )
        parser.add_argument("--until", help="the day or instant before which it ends; nothing: now")
        parser.add_argument("--cap", type=int, help="at most so many new orders")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would come to")

    def handle(self, *args: Any, **options: Any) -> None:
        shop = shop_by_key(options["shop"])
        since = instant_in(shop, options["since"])
        until = instant_in(shop, options["until"]) if options.get("until") else None
        cap = options.get("cap")
        if cap is not None and cap < 1:
            raise CommandError("The limit (--cap) must be 1 or more.")
        if until is not None and until <= since:
            raise CommandError("The end (--until) lies before the beginning (--since).")
        try:
            row = plan(shop, since, until, cap)
        except HubError as error:
            raise CommandError(f"{error.code}: {error.message} {cause(error.code).fix}") from error
        self._estimate(row)
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was begun.")
            return
        row.move((BackfillState.ESTIMATED,), BackfillState.RUNNING)
        try:
            self._work(row)
        except KeyboardInterrupt:
            stop(row, "Stopped from the command line.")
            raise CommandError("Stopped. What was staged is imported.") from None

    def _estimate(self, row: Backfill) -> None:
        told = row.estimate
        self.stdout.write(
            f"{told['orders']:,}{'' if told['exact'] else '+'} orders in Shopify, {told['here']:,} here already, "
            f"{told['excluded']:,} older than Import since. About {told['new']:,} to import: {told['points']:,} "
            f"points, {told['hours']} hours at {told['slots']} ERP request slots."
        )

    def _work(self, row: Backfill) -> None:
        while not work(row.pk):
            row.refresh_from_db()
            self.stdout.write(f"{row.exported:,} exported, {row.staged:,} staged {row.error}")
            wait = (row.due_at - now()).total_seconds()
            time.sleep(min(max(wait, 0), LOOK_EVERY.total_seconds()))
        row.refresh_from_db()
        if row.state == BackfillState.FAILED:
            raise CommandError(f"{row.error_code}: {row.error}")
        self.stdout.write(
            f"{row.get_state_display()}: {row.staged:,} staged, {row.known:,} here already, {row.excluded:,} excluded. "
            f"{row.note}"
        )
