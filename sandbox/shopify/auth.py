"""Tokens: client credentials, authorization code with expiring pairs, refresh, and static ones.

The semantics are those of shopify.dev (client credentials grant, authorization code grant, offline access
tokens), as summarized for 2026: a client-credentials token lives 24 h; an expiring offline token 1 h with a
refresh token of 90 days; a used refresh token stays valid until the new token is first used.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any

from sandbox.shopify.documents import Documents
from sandbox.shopify.scopes import ALL_SCOPES

Json = dict[str, Any]

CLIENT_ID = "demo-client"
CLIENT_SECRET = "demo-secret-do-not-use"  # noqa: S105 - the sandbox's published demo credential
STATIC_TOKEN = "shpat_demo_static"  # noqa: S105 - the sandbox's published demo credential
CLIENT_CREDENTIALS_SECONDS = 86399
OFFLINE_SECONDS = 3600
REFRESH_SECONDS = 90 * 86400
CODE_SECONDS = 600


class AuthError(Exception):
    """A refused grant: `status` and an OAuth error body."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


def callback_hmac(parameters: dict[str, str], secret: str) -> str:
    """The hex HMAC-SHA256 of the callback's parameters, sorted, without `hmac` itself."""
    message = "&".join(f"{key}={parameters[key]}" for key in sorted(parameters) if key != "hmac")
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


class Tokens:
    """The tokens of all stores, kept as documents so that they survive a restart."""

    def __init__(self, documents: Documents, clock: Callable[[], float] = time.time) -> None:
        self._documents = documents
        self._clock = clock

    def seed(self, store: str) -> None:
        """Register the store's demo app and its static token, unless they are there."""
        if self._documents.get(store, "app") is None:
            self._documents.put(
                store,
                "App",
                {
                    "id": "app",
                    "client_id": CLIENT_ID,
                    "client_secret": CLIENT_SECRET,
                    "scopes": sorted(ALL_SCOPES),
                },
            )
        if self._documents.get(store, "token/" + STATIC_TOKEN) is None:
            self._save(store, STATIC_TOKEN, "static", sorted(ALL_SCOPES), None)

    def app(self, store: str) -> Json:
        """The app installed on the store: client_id, client_secret, scopes."""
        return self._documents.get(store, "app") or {}

    def set_scopes(self, store: str, scopes: list[str], token: str | None = None) -> None:
        """Change what the store's app (or only one of its tokens) is allowed to do."""
        with self._documents.batch():
            for gid in self._documents.summaries(store, "Token"):
                row = self._documents.editable(store, gid)
                if row is not None and token in (None, row["token"]):
                    row["scopes"] = sorted(scopes)
                    self._documents.put(store, "Token", row)
            app = self._documents.editable(store, "app")
            if app is not None and token is None:
                app["scopes"] = sorted(scopes)
                self._documents.put(store, "App", app)

    def install(self, store: str, yes: bool) -> None:
        """Put the app into the store or take it out; taken out, all its tokens are gone but the static one, which comes
        back with it."""
        with self._documents.batch():
            app = self._documents.editable(store, "app")
            if app is not None:
                self._documents.put(store, "App", {**app, "installed": yes})
            for gid in [] if yes else list(self._documents.summaries(store, "Token")):
                self._documents.delete(store, "Token", gid)
        if yes:
            self.seed(store)

    def _save(
        self, store: str, token: str, kind: str, scopes: list[str], lifetime: float | None, **more: Any
    ) -> Json:
        row = {
            "id": "token/" + token, "token": token, "kind": kind, "scopes": scopes,
            "expires_at": None if lifetime is None else self._clock() + lifetime, **more,
        }  # fmt: skip
        self._documents.put(store, "Token", row)
        return row

    def check(self, store: str, token: str | None) -> frozenset[str] | None:
        """The scopes of a valid token; None for one that is unknown, expired or revoked."""
        row = self._documents.get(store, "token/" + token) if token else None
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= self._clock()):
            return None
        if row["kind"] == "refresh":
            return None
        if row.get("replaces"):
            self._retire(store, row)
        return frozenset(row["scopes"])

    def _retire(self, store: str, row: Json) -> None:
        """First use of a refreshed token: the refresh token it came from ends now."""
        with self._documents.batch():
            self._documents.delete(store, "Token", "token/" + row["replaces"])
            self._documents.put(store, "Token", {**row, "replaces": None})

    def expire(self, store: str, token: str) -> None:
        """Make a token end now, static ones too."""
        row = self._documents.editable(store, "token/" + token)
        if row is not None:
            row["expires_at"] = self._clock() - 1
            self._documents.put(store, "Token", row)

    def code(self, store: str, scopes: list[str]) -> str:
        """A fresh authorization code for the callback."""
        code = secrets.token_hex(16)
        self._save(store, code, "code", scopes, CODE_SECONDS)
        return code

    def grant(self, store: str, form: Json) -> Json:
        """Answer `POST /admin/oauth/access_token`. Raises AuthError."""
        app = self.app(store)
        if not app or not app.get("installed", True) or form.get("client_id") != app["client_id"]:
            raise AuthError(400, "application_cannot_be_found", "Application cannot be found.")
        if not hmac.compare_digest(str(form.get("client_secret", "")), app["client_secret"]):
            raise AuthError(401, "invalid_client", "Client authentication failed.")
        kind = form.get("grant_type")
        if kind == "client_credentials":
            return self._client_credentials(store, app)
        if kind == "refresh_token":
            return self._refresh(store, str(form.get("refresh_token", "")))
        if form.get("code"):
            return self._exchange(store, str(form["code"]), str(form.get("expiring", "")) in ("1", "true"))
        raise AuthError(400, "unsupported_grant_type", "The grant_type is missing or not supported.")

    def _client_credentials(self, store: str, app: Json) -> Json:
        token = "shpat_" + secrets.token_hex(16)
        self._save(store, token, "client_credentials", app["scopes"], CLIENT_CREDENTIALS_SECONDS + 1)
        return {
            "access_token": token,
            "scope": ",".join(app["scopes"]),
            "expires_in": CLIENT_CREDENTIALS_SECONDS,
        }

    def _exchange(self, store: str, code: str, expiring: bool) -> Json:
        row = self._documents.get(store, "token/" + code)
        if row is None or row["kind"] != "code" or row["expires_at"] <= self._clock():
            raise AuthError(
                400, "invalid_request", "The authorization code was not found or was already used"
            )
        self._documents.delete(store, "Token", row["id"])
        if expiring:
            return self._pair(store, row["scopes"], None)
        token = "shpat_" + secrets.token_hex(16)
        self._save(store, token, "offline", row["scopes"], None)
        return {"access_token": token, "scope": ",".join(row["scopes"])}

    def _pair(self, store: str, scopes: list[str], replaces: str | None) -> Json:
        token, refresh = "shpat_" + secrets.token_hex(16), "shprt_" + secrets.token_hex(16)
        self._save(store, token, "offline", scopes, OFFLINE_SECONDS, replaces=replaces)
        self._save(store, refresh, "refresh", scopes, REFRESH_SECONDS)
        return {
            "access_token": token, "scope": ",".join(scopes), "expires_in": OFFLINE_SECONDS,
            "refresh_token": refresh, "refresh_token_expires_in": REFRESH_SECONDS,
        }  # fmt: skip

    def _refresh(self, store: str, refresh: str) -> Json:
        row = self._documents.get(store, "token/" + refresh)
        if row is None or row["kind"] != "refresh" or row["expires_at"] <= self._clock():
            raise AuthError(401, "invalid_request", "This request requires an active refresh_token")
        return self._pair(store, row["scopes"], refresh)
