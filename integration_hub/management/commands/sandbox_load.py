"""`manage.py sandbox_load FILE`: pour recorded orders into a running sandbox, over HTTP."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.errors import HubError
from common.http import Answer, Client
from integration_hub.demo.place import ROOT

ANNOUNCE = "sandbox.json"
NAMED = 6
DEMO = ROOT / "var" / "demo"


class Command(BaseCommand):
    help = (
        "Pour an order, or a list of orders, in the Admin GraphQL shape into a store of the running sandbox."
    )
    requires_system_checks = []  # speaks to the sandbox only: no database, no secret

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="JSON: one order, a list, or a whole answer of the Admin API"
        )
        parser.add_argument("--store", default="demo-store", help="store of the sandbox (demo-store)")
        parser.add_argument(
            "--url", help="address of the sandbox Shopify; found by itself while make demo runs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        body = _content(options["file"])
        address = options["url"] or _announced()
        if urlsplit(address).scheme not in {"http", "https"}:
            raise CommandError(f"'{address}' is not an address; write one like http://127.0.0.1:8801.")
        url = f"{address.rstrip('/')}/{quote(options['store'], safe='')}/_sandbox/orders"
        client = Client("The sandbox", connect_timeout=5)
        try:
            answer = client.send("POST", url, headers={"Content-Type": "application/json"}, body=body)
        except HubError as error:
            raise CommandError(f"Nothing answers at {address}. Start the sandbox with: make demo") from error
        finally:
            client.close()
        self._report(_understood(answer, address, options["store"]), options["store"])

    def _report(self, found: dict[str, Any], store: str) -> None:
        names = [row["name"] if isinstance(row, dict) else str(row) for row in found["loaded"]]
        self.stdout.write(f"{len(names)} in {store}: {', '.join(names)}")
        for name, parts in found.get("completed", {}).items():
            more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
            self.stdout.write(f"  {name}: not in the file and completed: {', '.join(parts[:NAMED])}{more}")
        self.stdout.write("The hub takes them up at its next search of the shop, or at once by Sync now.")


def _content(path: Path) -> bytes:
    try:
        body = path.read_bytes()
        json.loads(body)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error
    return body


def _announced() -> str:
    """Where the running demo's Shopify is: beside the settings in use, or in the usual folder of the demo."""
    for folder in (Path(settings.ENV_FILE).parent, DEMO):
        file = folder / ANNOUNCE
        if file.exists():
            return str(json.loads(file.read_text(encoding="utf-8"))["shopify"])
    raise CommandError("No sandbox is running. Start one with make demo, or name its address with --url.")


def _understood(answer: Answer, address: str, store: str) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if answer.status == 404:
        raise CommandError(f"The sandbox at {address} has no store '{store}'.")
    if answer.status != 200 or not isinstance(found, dict) or "loaded" not in found:
        said = found.get("error") if isinstance(found, dict) else None
        raise CommandError(f"The sandbox did not take it: {said or f'it answered {answer.status}'}")
    return found
