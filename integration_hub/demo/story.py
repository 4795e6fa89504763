"""The part of the demo that speaks through the hub itself: database, set-up, import, results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from common.errors import HubError
from common.http import Client
from erps.models import ErpConnection
from erps.registry import adapter_for
from erps.tokens import load_token
from integration_hub.demo.failures import SetupFailed
from integration_hub.demo.importing import run_import
from integration_hub.demo.results import Results, collect
from integration_hub.demo.sandbox_link import SandboxLink
from integration_hub.demo.seed import CONNECTION, seed_connection, seed_shops, seed_users
from integration_hub.demo.table import table
from shops.models import Shop
from syncflows.inbox.subscriptions import watch
from syncflows.pipeline.staging import replay_from

__all__ = ["answers", "connect", "import_orders", "prepare_database", "register_webhooks", "set_up", "table"]
Say = Callable[[str], None]


def prepare_database(say: Say) -> None:
    """Check the settings, create or update the tables, collect the static files."""
    call_command("check", stdout=StringIO())
    say("creating or updating the database")
    call_command("migrate", verbosity=0, interactive=False)
    if not _static_files_are_current():
        say("collecting static files")
        call_command("collectstatic", verbosity=0, interactive=False)


def _static_files_are_current() -> bool:
    """Whether the collected files are younger than everything they come from."""
    root = Path(settings.STATIC_ROOT)
    manifest = root / "staticfiles.json"
    if not manifest.exists():
        return False
    collected = manifest.stat().st_mtime
    for finder in get_finders():
        for path, storage in finder.list([]):
            if not (root / path).exists() or Path(storage.path(path)).stat().st_mtime > collected:
                return False
    return True


def connect(addresses: Mapping[str, str]) -> SandboxLink:
    """The running sandbox."""
    return SandboxLink(addresses["shopify"], addresses["netsuite"])


def set_up(link: SandboxLink, password: str, say: Say) -> list[str]:
    """Connection, shops, mappings and users; returns the log-in names."""
    connection = seed_connection(link)
    say(f"connected to {connection.name}; its lists are read")
    shops = seed_shops(link, connection, say)
    people = seed_users(password)
    say(f"{len(shops)} shops are set up, with mappings and one person per role")
    return people


def answers(url: str) -> bool:
    """Whether a page is served."""
    client = Client("The web server", connect_timeout=2, read_timeout=20)
    try:
        return client.send("GET", url).status == 200
    except HubError:
        return False
    finally:
        client.close()


def register_webhooks(say: Say) -> None:
    """Have the sandbox's stores tell the hub of every change from now on."""
    count = sum(
        len(watch(shop, replay_from).mended) for shop in Shop.objects.filter(is_active=True).order_by("key")
    )
    say(f"webhooks are registered ({count} new); an order placed in the sandbox arrives at once")


def import_orders(link: SandboxLink, check: Callable[[], None], say: Say, seconds: float) -> Results:
    """Have the workers import, watch them, then ask both systems what they have."""
    shops = list(Shop.objects.filter(is_active=True).order_by("key"))
    run_import(shops, check=check, say=say, seconds=seconds)
    connection = ErpConnection.objects.get(key=CONNECTION)
    adapter_for(connection).renew()
    token = load_token(connection.pk)
    if token is None:
        raise SetupFailed("NetSuite gave no access token to read its documents with.")
    return collect(link.sales_documents(token[0]))
