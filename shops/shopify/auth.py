"""Access tokens: three ways to get one, all treated as expiring (shopify.md, section 7).

Tokens live on the shop record, encrypted, so that all workers share them. A token is renewed some minutes before it
ends, by one worker at a time: whoever takes the lease on the record asks Shopify, the others wait and read what it
saved. The new access token and the new refresh token are saved by one UPDATE that only the lease holder can make.
Until the new token is first used Shopify keeps the old refresh token valid, so a lost answer can be asked for again.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from common.clock import now
from common.errors import NeedsPerson, NotExecuted, UnknownOutcome
from common.http import Client
from common.secrets import SecretError
from shops.addresses import api_root, usable_api_root
from shops.models import AuthKind, Shop

RENEW_BEFORE = timedelta(minutes=5)
LEASE = timedelta(seconds=90)
"""Longer than asking for a token can take: connect and read time-out together."""
PATIENCE = 45.0
"""Seconds to wait for another worker's renewal."""
POLL = 0.2
_COLUMNS = (
    "auth_kind",
    "domain",
    "api_base_url",
    "client_id",
    "client_secret",
    "access_token",
    "access_token_expires_at",
    "refresh_token",
    "refresh_token_expires_at",
    "token_issued_to",
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token address answered: the token, when it ends (None: it does not say), the pair's other half."""

    access_token: str
    expires_at: datetime | None
    refresh_token: str = ""
    refresh_expires_at: datetime | None = None
    scopes: str = ""


def issued_to(shop: Shop) -> str:
    """Fingerprint of the credentials a token belongs to; Shopify pins a token to the app and secret it came from."""
    text = "\n".join((api_root(shop), shop.auth_kind, shop.client_id, shop.client_secret))
    return hashlib.sha256(b"hub-token-owner:" + text.encode()).hexdigest()


def request_grant(http: Client, shop: Shop, form: dict[str, str]) -> Grant:
    """Ask the store's token address. Raises NeedsPerson API_ADDRESS, or SHOPIFY_LOGIN when the credentials are
    refused, NotExecuted when it cannot be reached or fails."""
    asked = now()
    url = f"{usable_api_root(shop)}/admin/oauth/access_token"
    form = {"client_id": shop.client_id, "client_secret": shop.client_secret, **form}
    try:
        answer = http.send("POST", url, headers={"Accept": "application/json"}, form=form, read_timeout=30)
    except UnknownOutcome as error:  # whatever became of the token, the call it was for was not made
        raise NotExecuted(
            "SHOPIFY_DOWN", "Shopify did not answer the login in time.", detail=error.detail
        ) from error
    if answer.status == 429 or answer.status >= 500:
        raise NotExecuted(
            "SHOPIFY_DOWN",
            f"Shopify could not issue an access token now ({answer.status}).",
            detail=answer.text[:500],
        )
    if answer.status != 200:
        raise _login(shop, f"HTTP {answer.status} {answer.text[:500]}")
    try:
        return _grant(answer.json(), asked)
    except (ValueError, KeyError, TypeError) as error:
        raise NotExecuted(
            "SHOPIFY_ANSWER", "Shopify's answer to the login cannot be read.", detail=repr(error)
        ) from error


def _grant(body: dict[str, Any], asked: datetime) -> Grant:
    def until(key: str) -> datetime | None:
        return asked + timedelta(seconds=int(body[key])) if body.get(key) else None

    if not isinstance(body["access_token"], str) or not body["access_token"]:
        raise ValueError("no access_token")
    return Grant(
        body["access_token"],
        until("expires_in"),
        str(body.get("refresh_token") or ""),
        until("refresh_token_expires_in"),
        str(body.get("scope") or ""),
    )


def _login(shop: Shop, detail: str = "") -> NeedsPerson:
    how = {
        AuthKind.CLIENT_CREDENTIALS: "Check client id and client secret of the shop.",
        AuthKind.AUTHORIZATION_CODE: "Connect the shop to Shopify again.",
        AuthKind.STATIC: "Enter a valid access token.",
    }[AuthKind(shop.auth_kind)]
    return NeedsPerson(
        "SHOPIFY_LOGIN",
        f"Shopify does not accept the hub's credentials for {shop.domain}. {how}",
        value=shop.domain,
        detail=detail,
    )


def save_grant(shop: Shop, grant: Grant, *, lease: str | None = None) -> bool:
    """Save a whole token pair by one UPDATE. With `lease`, only while that lease is still ours; False when it is
    not."""
    rows = Shop.objects.filter(pk=shop.pk)
    if lease is not None:
        rows = rows.filter(token_lease=lease)
    changed = rows.update(
        access_token=grant.access_token,
        access_token_expires_at=grant.expires_at,
        refresh_token=grant.refresh_token,
        refresh_token_expires_at=grant.refresh_expires_at,
        token_issued_to=issued_to(shop),
        token_lease="",
        token_lease_until=None,
        disconnected_at=None,
    )
    return changed == 1


class TokenSource:
    """Hands out a valid access token for one shop record. Thread-safe."""

    def __init__(self, shop: Shop, http: Client) -> None:
        self._pk = shop.pk
        self._http = http
        self._lock = threading.Lock()
        self._token = ""
        self._ends: datetime | None = None

    def token(self) -> str:
        """A token good for some minutes at least. Raises NeedsPerson SHOPIFY_LOGIN or NotExecuted."""
        with self._lock:
            if not self._token or _ending(self._ends):
                self._obtain(refused="")
            return self._token

    def renew(self, refused: str) -> str:
        """Another token than the one Shopify just refused with 401."""
        with self._lock:
            if self._token == refused or not self._token:
                self._obtain(refused=refused)
            return self._token

    def _obtain(self, refused: str) -> None:
        give_up = time.monotonic() + PATIENCE
        while True:
            shop = self._row()
            if self._adopt(shop, refused):
                return
            if shop.auth_kind == AuthKind.STATIC:
                raise _login(shop, "There is no access token, or Shopify refused it.")
            lease = _take_lease(shop)
            if lease is not None:
                self._renew_under(lease, shop, refused)
                return
            if time.monotonic() > give_up:
                raise NotExecuted(
                    "TOKEN_BUSY",
                    "Another worker has been renewing the access token for a while.",
                    retry_after=30,
                )
            time.sleep(POLL)

    def _row(self) -> Shop:
        try:
            return Shop.objects.only(*_COLUMNS).get(pk=self._pk)
        except SecretError as error:
            raise NeedsPerson("SHOP_CREDENTIALS", str(error)) from error

    def _adopt(self, shop: Shop, refused: str) -> bool:
        """Use what the record holds, if it is not the refused token, not ending, and belongs to these credentials."""
        if not shop.access_token or shop.access_token == refused:
            return False
        if shop.auth_kind != AuthKind.STATIC:
            if shop.token_issued_to != issued_to(shop) or _ending(shop.access_token_expires_at):
                return False
            self._ends = shop.access_token_expires_at
        else:
            self._ends = None
        self._token = shop.access_token
        return True

    def _renew_under(self, lease: str, shop: Shop, refused: str) -> None:
        """Ask Shopify while holding the lease; the lease is given back whatever happens."""
        try:
            shop = self._row()
            if self._adopt(shop, refused):  # renewed by the one who held the lease before us
                return
            grant = request_grant(self._http, shop, _form(shop))
            if not save_grant(shop, grant, lease=lease):
                raise NotExecuted(
                    "TOKEN_BUSY", "Another worker renewed the access token meanwhile.", retry_after=1
                )
            self._token, self._ends = grant.access_token, grant.expires_at
        finally:
            Shop.objects.filter(pk=self._pk, token_lease=lease).update(token_lease="", token_lease_until=None)


def _ending(at: datetime | None) -> bool:
    return at is not None and at - now() < RENEW_BEFORE


def _take_lease(shop: Shop) -> str | None:
    """Our name on the record, when nobody else's is there or theirs ran out; None otherwise."""
    name, moment = uuid.uuid4().hex, now()
    free = Q(token_lease="") | Q(token_lease_until__isnull=True) | Q(token_lease_until__lt=moment)
    taken = Shop.objects.filter(free, pk=shop.pk).update(token_lease=name, token_lease_until=moment + LEASE)
    return name if taken else None


def _form(shop: Shop) -> dict[str, str]:
    """The grant to ask for. Raises NeedsPerson when the record holds nothing to ask with."""
    if not shop.client_id or not shop.client_secret:
        raise NeedsPerson(
            "SHOP_CREDENTIALS",
            f"Client id and client secret of {shop.domain} are not filled in.",
            value=shop.domain,
        )
    if shop.auth_kind == AuthKind.CLIENT_CREDENTIALS:
        return {"grant_type": "client_credentials"}
    ends = shop.refresh_token_expires_at
    if not shop.refresh_token or (ends is not None and ends <= now()):
        raise _login(shop, "There is no refresh token, or its 90 days are over.")
    return {"grant_type": "refresh_token", "refresh_token": shop.refresh_token}
