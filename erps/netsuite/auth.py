"""Signing in to NetSuite: OAuth 2.0 client credentials with a certificate, and token-based authentication.

Facts: NetSuite help, "OAuth 2.0 Client Credentials Flow" and "TBA Authorization header". A token lives an hour and
has no refresh token; it is shared by all workers through a TokenStore and replaced ten minutes before its end.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import jwt
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_AUTH_HEADER
from requests_oauthlib import OAuth1

from common.clock import now
from common.errors import HubError, NeedsPerson, NotExecuted, Retryable, UnknownOutcome
from common.http import Answer, Auth, Client
from erps.netsuite.account import Account, check_address

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = timedelta(hours=1)
RENEW_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the instant (aware UTC) it ends."""

    value: str
    expires_at: datetime

    def is_fresh(self) -> bool:
        """True while it need not be replaced yet."""
        return now() < self.expires_at - RENEW_BEFORE


class TokenStore(Protocol):
    """Where all workers find the current token."""

    def load(self) -> Token | None:
        """The stored token, fresh or not."""

    def save(self, token: Token) -> None:
        """Make this the current token."""


class Credentials(Protocol):
    """One way of signing requests."""

    def headers(self) -> dict[str, str]:
        """Headers that go with a request, new for every send."""

    def signer(self) -> Auth | None:
        """What signs the request itself, if anything; new for every send."""

    def renew(self, refused: str = "") -> bool:
        """Replace what was refused (the Authorization header that came back with 401). False: nothing to renew."""


class ClientCredentials:
    """OAuth 2.0 with a certificate: a signed assertion buys a token for an hour."""

    def __init__(self, account: Account, http: Client, store: TokenStore) -> None:
        self._account = account
        self._http = http
        self._store = store
        self._token: Token | None = None
        self._lock = threading.Lock()

    def assertion(self, at: datetime) -> str:
        """The signed client assertion (a JWT) for the instant `at`.

        Raises NeedsPerson ERP_KEY when the private key cannot be used.
        """
        account = self._account
        issued = int(at.timestamp())
        claims: dict[str, Any] = {
            "iss": account.client_id,
            "scope": ["rest_webservices"],
            "aud": account.token_url,
            "iat": issued,
            "exp": issued + int(LIFE.total_seconds()),
            "jti": str(uuid.uuid4()),
        }
        try:
            return jwt.encode(
                claims,
                account.private_key,
                algorithm=account.algorithm,
                headers={"kid": account.certificate_id},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise NeedsPerson(
                "ERP_KEY",
                f"The private key of {account.name} cannot sign with {account.algorithm}.",
                field="private_key",
                detail=f"{type(error).__name__}: {error}",
            ) from error

    def headers(self) -> dict[str, str]:
        """The bearer header, with a fresh token."""
        token = self._token
        if token is None or not token.is_fresh():
            token = self._current()
        return {"Authorization": f"Bearer {token.value}"}

    def signer(self) -> Auth | None:
        """Nothing: the header is all."""
        return None

    def renew(self, refused: str = "") -> bool:
        """Replace the token, unless another thread or worker did so since the header `refused` was sent."""
        if refused:
            self._current(not_this=refused.removeprefix("Bearer "))
        else:
            with self._lock:
                self._replace()
        return True

    def _current(self, not_this: str = "") -> Token:
        """A usable token: our own, else the stored one, else a new one. One renewal at a time in this process."""
        with self._lock:
            for token in (self._token, self._store.load()):
                if token is not None and token.is_fresh() and token.value != not_this:
                    self._token = token
                    return token
            return self._replace()

    def _replace(self) -> Token:
        token = self._token = self._request()
        self._store.save(token)
        return token

    def _request(self) -> Token:
        check_address(self._account.token_url)
        at = now()
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(at),
        }
        try:
            answer = self._http.send("POST", self._account.token_url, form=form)
        except UnknownOutcome as error:  # no token came, so whatever it was for has not been sent
            raise NotExecuted(
                error.code, "NetSuite's sign-in did not answer.", detail=error.detail
            ) from error
        if answer.status != 200:
            raise self._refused(answer)
        try:
            body = answer.json()
            return Token(str(body["access_token"]), at + _life(body.get("expires_in")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Retryable(
                "ERP_ERROR", "NetSuite's sign-in gave an answer without a token.", detail=answer.text[:500]
            ) from error

    def _refused(self, answer: Answer) -> HubError:
        if answer.status == 429:
            return NotExecuted(
                "ERP_BUSY", "NetSuite is busy and refused the sign-in for now.", detail=answer.text[:500]
            )
        if answer.status >= 500:
            return Retryable("ERP_ERROR", "NetSuite's sign-in failed for now.", detail=answer.text[:500])
        try:
            reason = str(answer.json().get("error", ""))
        except (ValueError, AttributeError):
            reason = ""
        return NeedsPerson(
            "ERP_LOGIN",
            f"NetSuite refused the sign-in of {self._account.name}" + (f" ({reason})." if reason else "."),
            value=self._account.name,
            detail=f"{answer.status} {answer.text[:500]}",
        )


def _life(expires_in: object) -> timedelta:
    """The life of a token: NetSuite sends seconds as text; anything unreadable or longer counts as an hour."""
    try:
        seconds = float(str(expires_in))
    except ValueError:
        return LIFE
    return min(timedelta(seconds=seconds), LIFE) if seconds > 0 else LIFE


class TokenBased:
    """TBA: every request is signed (OAuth 1.0a, HMAC-SHA256) with a nonce and timestamp of its own."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def headers(self) -> dict[str, str]:
        """Nothing: the signer writes the header."""
        return {}

    def signer(self) -> Auth | None:
        """A signer without nonce and timestamp of its own, so that each send gets new ones."""
        account = self._account
        return OAuth1(
            account.client_id,
            client_secret=account.consumer_secret,
            resource_owner_key=account.token_id,
            resource_owner_secret=account.token_secret,
            signature_method=SIGNATURE_HMAC_SHA256,
            signature_type=SIGNATURE_TYPE_AUTH_HEADER,
            realm=account.realm,
        )

    def renew(self, refused: str = "") -> bool:
        """Nothing to renew; a refused signature is not sent again (five failures lock the token)."""
        return False
