"""The Admin GraphQL client of one shop: sign-in, pacing, and errors classified once.

`client_for(shop)` gives the client to use: one per process and shop, so that connections stay open. Beyond the points
budget (one UPDATE before a call, one after) a call touches no database.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from typing import Any

import structlog
from django.db import OperationalError, transaction

from common.errors import CredentialsExpired, HubError, NeedsPerson, NotExecuted, Retryable, UnknownOutcome
from common.http import Client
from shops.addresses import usable_api_root
from shops.models import AuthKind, Shop
from shops.shopify import answers
from shops.shopify.answers import Json, Parsed
from shops.shopify.auth import TokenSource, issued_to
from shops.shopify.queries import query_text
from shops.shopify.throttle import Budget
from shops.shopify.version import API_VERSION

log = structlog.get_logger(__name__)
FIRST_GUESS = 250.0
"""Points reserved for an operation whose cost is not known yet."""
PATIENCE = 30.0
"""Seconds one call may wait for points in all before it is put off."""


class ShopifyClient:
    """Sends the hub's operations to one store. Thread-safe.

    `served_version` is the API version Shopify last answered with, "" before the first call. `patience` is in seconds.
    `locations_from` is when (monotonic) fulfillment orders may be asked for again: `shops.shopify.assigned`.
    `requests` and `points` add up what its calls came to.
    """

    def __init__(
        self,
        shop: Shop,
        *,
        http: Client | None = None,
        budget: Budget | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.shop = shop
        self.http = http or Client("Shopify", read_timeout=60)
        self.budget = budget or Budget(shop.budget_key)
        self.patience = patience
        self.tokens = TokenSource(shop, self.http)
        self.served_version = ""
        self.locations_from = 0.0
        self.staff_from = 0.0
        self.requests = 0
        self.points = 0.0
        self._expected: dict[str, float] = {}

    def close(self) -> None:
        """Close pooled connections."""
        self.http.close()

    def execute(self, operation: str, variables: Mapping[str, Any] | None = None) -> Json:
        """Run a query; the operation is the name of a file in `queries/`. Returns `data`.

        Raises NeedsPerson (login, missing scope, frozen store, a query Shopify refuses), NotExecuted (throttled),
        Retryable (no answer, 5xx), TooExpensive.
        """
        data, errors = self.execute_partly(operation, variables)
        if errors:
            raise answers.error_for(operation, errors, changes=False)
        return data

    def execute_partly(
        self, operation: str, variables: Mapping[str, Any] | None = None
    ) -> tuple[Json, tuple[Json, ...]]:
        """As `execute`, but where Shopify gave data together with errors about parts of it, returns both."""
        try:
            parsed = self._call(operation, variables or {}, changes=False)
        except UnknownOutcome as error:  # reading changed nothing, whatever happened to the answer
            raise Retryable(error.code, "Shopify did not answer in time.", detail=error.detail) from error
        if parsed.data is None:
            raise answers.error_for(operation, parsed.errors, changes=False)
        return parsed.data, parsed.errors

    def mutate(self, operation: str, variables: Mapping[str, Any], root: str) -> Json:
        """Run a mutation and return its payload, the field `root` of the data.

        Raises Refused (NeedsPerson SHOPIFY_REFUSED) with every user error, UnknownOutcome when it may have been done,
        and what `execute` raises.
        """
        parsed = self._call(operation, variables, changes=True)
        payload = (parsed.data or {}).get(root)
        if parsed.errors:
            raise answers.error_for(operation, parsed.errors, changes=True)
        if not isinstance(payload, dict):
            raise UnknownOutcome("SHOPIFY_ANSWER", f"Shopify's answer to {operation} has no {root}.")
        refused = answers.user_errors(payload)
        if refused:
            raise answers.Refused(operation, refused)
        return payload

    def _call(self, operation: str, variables: Mapping[str, Any], *, changes: bool) -> Parsed:
        """Send until it is executed, refused or put off; bounded by one new token and `patience` seconds."""
        body = json.dumps({"query": query_text(operation), "variables": variables}, separators=(",", ":"))
        give_up = time.monotonic() + self.patience
        refused = ""
        url = f"{usable_api_root(self.shop)}/admin/api/{API_VERSION}/graphql.json"
        while True:
            token = self.tokens.renew(refused) if refused else self.tokens.token()
            try:
                parsed = self._attempt(operation, url, body, token, give_up, changes=changes)
            except CredentialsExpired as error:
                if refused:
                    raise _login(self.shop, error.detail) from error
                refused = token
                continue
            except NotExecuted as error:
                if error.code != "SHOPIFY_BUSY" or not self._wait(error.retry_after, give_up):
                    raise
                continue
            return parsed

    def _attempt(
        self, operation: str, url: str, body: str, token: str, give_up: float, *, changes: bool
    ) -> Parsed:
        """One request: reserve points, send, correct the budget, classify."""
        points = self._expected.get(operation, FIRST_GUESS)
        missing = self.budget.reserve(points, max(0.0, give_up - time.monotonic()))
        if missing:
            raise _busy(None, missing)
        self.requests += 1
        try:
            answer = self.http.send(
                "POST", url, body=body,
                headers={
                    "X-Shopify-Access-Token": token, "Content-Type": "application/json", "Accept": "application/json",
                },
            )  # fmt: skip
            self._note_version(answer.headers.get("X-Shopify-API-Version", ""))
            answers.check_status(answer, changes=changes)
            parsed = answers.parse(answer)
        except UnknownOutcome:
            raise  # the points may be spent: the reservation melts away by itself
        except HubError:
            self.budget.give_back(points)
            raise
        self._settle(operation, points, parsed)
        if "THROTTLED" in parsed.codes():
            raise _busy(parsed, None)
        return parsed

    def _settle(self, operation: str, points: float, parsed: Parsed) -> None:
        if parsed.cost is None:
            self.budget.give_back(points)
            return
        self._expected[operation] = parsed.cost.requested
        self.points += parsed.cost.actual or 0.0
        self.budget.settle(points, parsed.cost)

    def _wait(self, seconds: float | None, give_up: float) -> bool:
        """Wait as Shopify asked, if there is time for it; False when the call is to be put off instead."""
        wait = 1.0 if seconds is None else max(seconds, 0.05)
        if time.monotonic() + wait > give_up:
            return False
        time.sleep(wait)
        return True

    def _note_version(self, served: str) -> None:
        if served and served != self.served_version:
            self.served_version = served
            if served != API_VERSION:
                log.warning("shopify_version_drift", shop=self.shop.key, asked=API_VERSION, served=served)
            self._keep_drift("" if served == API_VERSION else served[:20])

    def _keep_drift(self, drift: str) -> None:
        """Note on the shop that another version is served, or no longer. A busy database must not fail a call that
        Shopify has carried out."""
        if drift == self.shop.api_version_drift:
            return
        try:
            with transaction.atomic():
                Shop.objects.filter(pk=self.shop.pk).update(api_version_drift=drift)
        except OperationalError as error:
            log.warning("drift_not_stored", shop=self.shop.key, detail=str(error))
        else:
            self.shop.api_version_drift = drift


def _busy(parsed: Parsed | None, missing: float | None) -> NotExecuted:
    wait = missing
    if parsed is not None and parsed.cost is not None:
        wait = max(0.0, parsed.cost.requested - parsed.cost.available) / parsed.cost.restore_rate
    return NotExecuted(
        "SHOPIFY_BUSY", "The store's points for API calls are used up for the moment.", retry_after=wait
    )


def _login(shop: Shop, detail: str) -> NeedsPerson:
    return NeedsPerson(
        "SHOPIFY_LOGIN",
        f"Shopify refuses the access token for {shop.domain}, a new one as well.",
        value=shop.domain,
        detail=detail,
    )


_clients: dict[int, tuple[str, ShopifyClient]] = {}
_clients_lock = threading.Lock()


def client_for(shop: Shop) -> ShopifyClient:
    """The process's client for a shop record; made anew when address or credentials changed."""
    stamp = issued_to(shop) + (shop.access_token if shop.auth_kind == AuthKind.STATIC else "")
    with _clients_lock:
        known = _clients.get(shop.pk)
        if known is not None and known[0] == stamp:
            return known[1]
        client = ShopifyClient(shop)
        _clients[shop.pk] = (stamp, client)
    if known is not None:
        known[1].close()
    return client


def patient_client(shop: Shop) -> ShopifyClient:
    """A client of its own for work that can wait: it leaves half of the store's points to everything else, and counts
    what it spends. The caller closes it."""
    return ShopifyClient(shop, budget=Budget(shop.budget_key, leave=0.5), patience=PATIENCE)


def forget_clients() -> None:
    """Close and drop every cached client."""
    with _clients_lock:
        for _, client in _clients.values():
            client.close()
        _clients.clear()


def _leave_to_parent() -> None:
    """After a fork the open connections belong to the parent: the child makes its own clients."""
    global _clients, _clients_lock
    _clients, _clients_lock = {}, threading.Lock()


os.register_at_fork(after_in_child=_leave_to_parent)
