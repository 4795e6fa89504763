"""What a test can ask of an installation through its console."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.models import Count, F, Max
from django_q.models import OrmQ

from common.clock import now, parse_instant
from common.http import Client
from erps.models import ErpConnection, RequestSlot
from integration_hub.demo.results import collect
from integration_hub.demo.sandbox_link import SandboxLink
from integration_hub.demo.seed import seed_connection, seed_shops
from mappings.models import RecordLink
from shops.models import Shop
from shops.shopify.auth import TokenSource
from shops.shopify.client import client_for
from shops.shopify.fetching import fetch_orders
from syncflows.jobs import WORKER_BEAT, request_discovery
from syncflows.models import FLOW_ORDERS, Attempt, Beat, Cursor, OrderRules, Outcome, Sync
from syncflows.pipeline.staging import Found, discover
from syncflows.states import State

Json = dict[str, Any]
Tell = Callable[[Any], None]
CUSTOMERS = "SELECT c.id, c.externalid FROM customer c WHERE c.externalid IS NOT NULL ORDER BY c.id"


def migrate(tell: Tell) -> None:
    """Create the tables."""
    call_command("migrate", verbosity=0, interactive=False)


def seed(tell: Tell, *, shopify: str, netsuite: str, limit: int) -> list[str]:
    """Connection, shops and mappings of the demo, with a limit of requests at once; keys of the shops."""
    link = SandboxLink(shopify, netsuite)
    connection = seed_connection(link)
    ErpConnection.objects.filter(pk=connection.pk).update(concurrency_limit=limit)
    shops = seed_shops(link, connection, lambda _: None)
    link.close()
    return [shop.key for shop in shops]


def raise_limit(tell: Tell, *, limit: int) -> None:
    """What an administrator does when NetSuite allows more requests at once."""
    ErpConnection.objects.update(concurrency_limit=limit)


def search(tell: Tell) -> str:
    """Ask the workers to search every shop from the beginning; the instant of asking."""
    asked = now()
    for shop in Shop.objects.order_by("pk"):
        request_discovery(shop, everything=True)
    return asked.isoformat()


def lose_patience(tell: Tell) -> None:
    """Searches asked for and not begun were asked for five minutes ago."""
    rules = OrderRules.objects.exclude(search_asked_at=None)
    rules.update(search_asked_at=F("search_asked_at") - timedelta(minutes=5))


def searched(tell: Tell, *, since: str) -> bool:
    """Whether every shop was searched to the end since an instant."""
    done = Cursor.objects.filter(flow=FLOW_ORDERS, finished_at__gte=parse_instant(since), error_code="")
    return done.count() == Shop.objects.count()


def counts(tell: Tell) -> Json:
    """Orders by state, workers that hold request slots, and tasks in the queue: free, and taken by a cluster."""
    states = Counter(Sync.objects.values_list("state", flat=True))
    holding = RequestSlot.objects.filter(leased_until__gt=now()).exclude(token="").values("token").distinct()
    return {state.value: states[state.value] for state in State} | {
        "holding": holding.count(),
        "queued": OrmQ.objects.filter(lock__lte=now()).count(),
        "taken": OrmQ.objects.filter(lock__gt=now()).count(),
    }


def retry(tell: Tell, *, states: list[str]) -> int:
    """A person presses retry on every order in these states."""
    return sum(sync.retry() for sync in Sync.objects.filter(state__in=states))


def forget(tell: Tell) -> None:
    """The hub loses what it knew of documents and customers in NetSuite, as with an old backup."""
    RecordLink.objects.all().delete()


def clusters(tell: Tell, *, since: str) -> list[int]:
    """Process ids of the clusters whose workers took up orders since an instant, the latest first."""
    rows = Attempt.objects.filter(started_at__gte=parse_instant(since)).values("worker")
    latest = rows.annotate(last=Max("started_at")).order_by("-last")
    return [int(row["worker"].rpartition(":")[2]) for row in latest]


def writing(tell: Tell, *, after: int = 0) -> int:
    """The cluster with most orders on their way to NetSuite at this moment; 0 when there are fewer than three, or when
    fewer than `after` answers have come yet."""
    if Attempt.objects.filter(outcome=Outcome.WRITTEN).count() < after:
        return 0
    begun = Attempt.objects.filter(outcome=Outcome.INTENT, finished_at=None, sync__state=State.RUNNING)
    most = begun.values("worker").annotate(orders=Count("pk")).order_by("-orders").first()
    return int(most["worker"].rpartition(":")[2]) if most and most["orders"] >= 3 else 0


def cut_off(tell: Tell) -> int:
    """Attempts that were about to write when their worker was gone."""
    return Attempt.objects.filter(outcome=Outcome.INTENT, finished_at=None).count()


def outcomes(tell: Tell, *, since: str) -> Json:
    """Attempts since an instant by outcome."""
    return dict(
        Counter(
            Attempt.objects.filter(started_at__gte=parse_instant(since)).values_list("outcome", flat=True)
        )
    )


def orders(tell: Tell) -> list[Json]:
    """Every order with its state, cause, sentence and total in the books."""
    rows = Sync.objects.select_related("shop", "order").order_by("shop__key", "pk")
    return [
        {
            "shop": row.shop.key, "id": row.source_id, "name": row.name, "state": row.state, "code": row.reason_code,
            "reason": row.reason, "currency": row.order.books_currency,
            "total": None if row.order.books_total is None else str(row.order.books_total),
        }
        for row in rows
    ]  # fmt: skip


def documents(tell: Tell, *, shopify: str, netsuite: str) -> Json:
    """What NetSuite answers to SuiteQL: sales orders and customers; and what the demo's accounting finds wrong."""
    link = SandboxLink(shopify, netsuite)
    client_for(Shop.objects.order_by("pk")[0])
    token = ErpConnection.objects.get().access_token
    ledger = link.sales_documents(token)
    http = Client("tests")
    answer = http.send(
        "POST",
        f"{netsuite}/services/rest/query/v1/suiteql?limit=1000",
        headers={
            "Authorization": f"Bearer {token}",
            "Prefer": "transient",
            "Content-Type": "application/json",
        },
        body='{"q": "' + CUSTOMERS + '"}',
    )
    found = answer.json()
    http.close()
    link.close()
    return {
        "sales_orders": [
            {"external_id": r.external_id, "currency": r.currency, "total": str(r.total)} for r in ledger
        ],
        "customers": [row["externalid"] for row in found["items"]],
        "problems": list(collect(ledger).problems),
    }


def discover_here(tell: Tell, *, shop: str, everything: bool = False) -> Json:
    """Search one shop in this process, telling each page; what was found."""

    def page(found: Found) -> None:
        tell(found.seen)

    found = discover(Shop.objects.get(key=shop), everything=everything, progress=page)
    return {"seen": found.seen, "new": found.new, "changed": found.changed}


def staged(tell: Tell, *, shop: str) -> Json:
    """Rows of a shop, the newest change among them, and where the cursor stands."""
    rows = Sync.objects.filter(shop__key=shop)
    cursor = Cursor.objects.filter(shop__key=shop, flow=FLOW_ORDERS).values_list("position", flat=True)
    newest = rows.aggregate(newest=Max("source_updated_at"))["newest"]
    position = cursor.first()
    return {
        "rows": rows.count(),
        "ids": sorted(rows.values_list("source_id", flat=True)),
        "newest": newest.isoformat() if newest else None,
        "cursor": position.isoformat() if position else None,
    }


def fetch(tell: Tell, *, shop: str, part: int, of: int, batch: int, start: float) -> int:
    """From an instant on, fetch every of-th order of a shop in batches; how many came in whole."""
    ids = list(Sync.objects.filter(shop__key=shop).order_by("pk").values_list("source_id", flat=True))[
        part::of
    ]
    client = client_for(Shop.objects.get(key=shop))
    time.sleep(max(0.0, start - time.time()))
    whole = 0
    for first in range(0, len(ids), batch):
        answers = fetch_orders(client, ids[first : first + batch])
        whole += sum(isinstance(answer, dict) for answer in answers.values())
    return whole


def expire_token(tell: Tell, *, shop: str) -> None:
    """The shop's access token ends in a moment."""
    Shop.objects.filter(key=shop).update(access_token_expires_at=now() + timedelta(seconds=30))


def tokens(tell: Tell, *, shop: str, threads: int, start: float) -> list[str]:
    """Ask for the access token from so many threads at one instant, each as a worker of its own would."""
    record, barrier = Shop.objects.get(key=shop), Barrier(threads)

    def ask(_: int) -> str:
        http = Client("Shopify")
        try:
            source = TokenSource(record, http)
            time.sleep(max(0.0, start - time.time()))
            barrier.wait()
            return source.token()
        finally:
            http.close()
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(ask, range(threads)))


def last_beat(tell: Tell) -> str | None:
    """The last sign of life of the workers."""
    at = Beat.objects.filter(name=WORKER_BEAT).values_list("at", flat=True).first()
    return at.isoformat() if at else None


def beats(tell: Tell) -> list[str]:
    """Clusters that showed life."""
    return list(Beat.objects.filter(name__startswith=f"{WORKER_BEAT}:").values_list("name", flat=True))


_ALL: tuple[Callable[..., Any], ...] = (
    *(migrate, seed, raise_limit, search, lose_patience, searched, counts, retry, forget, orders, documents),
    *(clusters, writing, cut_off, outcomes, last_beat, beats),
    *(discover_here, staged, fetch, expire_token, tokens),
)
DEEDS = {deed.__name__: deed for deed in _ALL}
