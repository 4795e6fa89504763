"""`manage.py setup_roles`: the roles as groups, or the table for the documentation."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integration_hub.roles import set_up_roles, table


class Command(BaseCommand):
    help = "Create the roles (administrator, finance, operations, support, auditor) as groups, or mend them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--table", action="store_true", help="print the table for docs/roles.md and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["table"]:
            self.stdout.write(table(), ending="")
            return
        for role, count in set_up_roles().items():
            self.stdout.write(f"{role}: {count} permissions")
