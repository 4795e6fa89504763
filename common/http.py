"""The only door to the outside: a pooled session with time-outs, a call log and masking.

No automatic retries here: whether a call may be repeated is decided where its meaning is known. A transport failure
becomes NotExecuted (nothing was sent) or UnknownOutcome (it may have arrived).
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from common.addresses import is_named, is_public
from common.errors import NeedsPerson, NotExecuted, UnknownOutcome

SECRET_HEADERS = frozenset(
    {"authorization", "x-shopify-access-token", "cookie", "set-cookie", "x-shopify-hmac-sha256"}
)
_SECRET_WORDS = re.compile(
    r'("?(?:access_token|refresh_token|client_secret|client_assertion|password|token_secret|statusPageUrl)"?'
    r'\s*[:=]\s*)("[^"]*"|[^&\s,}]+)'
)
MASK = "***"
MAX_LOGGED = 200_000
CHUNK = 65_536

Auth = requests.auth.AuthBase


@dataclass(slots=True)
class Call:
    """One request and its answer, masked, for the timeline."""

    system: str
    method: str
    url: str
    status: int | None = None
    milliseconds: int = 0
    request: str = ""
    response: str = ""
    error: str = ""


@dataclass(slots=True)
class CallLog:
    """Calls collected while a `recording()` block runs."""

    calls: list[Call] = field(default_factory=list)


_log: ContextVar[CallLog | None] = ContextVar("call_log", default=None)


@contextmanager
def recording() -> Iterator[CallLog]:
    """Collect every call made in this thread (context) inside the block."""
    log = CallLog()
    token = _log.set(log)
    try:
        yield log
    finally:
        _log.reset(token)


def mask_text(text: str) -> str:
    """Mask secrets inside a body or a form, and cut it to a loggable size."""
    return _SECRET_WORDS.sub(lambda m: f'{m.group(1)}"{MASK}"', text[:MAX_LOGGED])


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (case-insensitive mapping) and body text."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        """The body as JSON with amounts kept exact (Decimal); ValueError when it is not JSON."""
        return json.loads(self.text, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that is read as it comes: its status, and its body in lines."""

    status: int
    response: requests.Response

    def lines(self, skip: int = 0) -> Iterator[bytes]:
        """The lines of the body with their ends, behind the first `skip` bytes; only one is kept at a time. A body that
        breaks off ends with what came."""
        rest = b""
        try:
            for part in self.response.iter_content(CHUNK):
                taken = part[skip:] if skip else part
                skip = max(0, skip - len(part))
                *whole, rest = (rest + taken).split(b"\n")
                for line in whole:
                    yield line + b"\n"
        except requests.RequestException:
            return
        if rest:
            yield rest


class Client:
    """A keep-alive HTTP client for one system. Thread-safe for concurrent calls (urllib3's pool)."""

    def __init__(
        self, system: str, *, pool: int = 32, connect_timeout: float = 10, read_timeout: float = 60
    ) -> None:
        self.system = system
        self.timeouts = (connect_timeout, read_timeout)
        self._session = requests.Session()
        self._session.trust_env = False
        adapter = self._adapter(pool)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def _adapter(self, pool: int) -> HTTPAdapter:
        return HTTPAdapter(pool_connections=4, pool_maxsize=pool, max_retries=0)

    def close(self) -> None:
        """Close pooled connections."""
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
        form: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        read_timeout: float | None = None,
    ) -> Answer:
        """Send one request, log it masked, and return whatever came back (any status; redirects not followed).

        Raises NotExecuted when no connection was made, UnknownOutcome when it broke after that.
        """
        call = Call(self.system, method, url.partition("?")[0])
        if _log.get() is not None:
            call.request = _loggable(body, form)
        started = time.monotonic()
        timeouts = (self.timeouts[0], read_timeout or self.timeouts[1])
        try:
            response = self._session.request(
                method,
                url,
                headers=headers,
                data=form if body is None else body,
                auth=auth,
                timeout=timeouts,
                allow_redirects=False,
            )
            text = response.content.decode("utf-8", "replace")
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise self._failed(call, started, error, executed=False) from error
        except requests.ConnectionError as error:
            raise self._failed(call, started, error, executed=not _refused(error)) from error
        except requests.RequestException as error:
            raise self._failed(call, started, error, executed=True) from error
        call.status = response.status_code
        if _log.get() is not None:
            call.response = mask_text(text)
        self._record(call, started)
        return Answer(response.status_code, response.headers, text)

    @contextmanager
    def stream(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Stream]:
        """GET a large body and read it as it comes; no redirect is followed. Raises NotExecuted, UnknownOutcome."""
        call = Call(self.system, "GET", url.partition("?")[0])
        started = time.monotonic()
        plain = {"Accept-Encoding": "identity", **(headers or {})}
        try:
            response = self._session.get(
                url, headers=plain, timeout=self.timeouts, allow_redirects=False, stream=True
            )
        except requests.RequestException as error:
            raise self._failed(call, started, error, executed=False) from error
        with response:
            call.status = response.status_code
            self._record(call, started)
            yield Stream(response.status_code, response)

    def _failed(
        self, call: Call, started: float, error: Exception, *, executed: bool
    ) -> NotExecuted | UnknownOutcome:
        call.error = f"{type(error).__name__}: {error}"
        self._record(call, started)
        if executed:
            return UnknownOutcome(
                "NO_ANSWER",
                f"{self.system} did not answer in time. It may have done it all the same.",
                detail=call.error,
            )
        return NotExecuted("UNREACHABLE", f"{self.system} cannot be reached.", detail=call.error)

    def _record(self, call: Call, started: float) -> None:
        call.milliseconds = round((time.monotonic() - started) * 1000)
        log = _log.get()
        if log is not None:
            log.calls.append(call)


class PublicClient(Client):
    """A client for addresses people typed: it connects to the public internet only, and to hosts the setting
    HUB_ALERT_HOSTS names.

    The address a name leads to is looked at when the connection stands and before a byte is sent; `send` raises
    NeedsPerson PRIVATE_ADDRESS for a private one.
    """

    def _adapter(self, pool: int) -> HTTPAdapter:
        adapter = super()._adapter(pool)
        adapter.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicPoolTLS}
        return adapter


def _only_public(connection: HTTPConnection, sock: socket.socket) -> socket.socket:
    peer = str(sock.getpeername()[0])
    if not is_named(connection.host, connection.port) and not is_public(peer):
        sock.close()
        raise NeedsPerson(
            "PRIVATE_ADDRESS",
            f"{connection.host} leads to an address inside a private network; nothing was sent.",
            field="address",
            value=connection.host,
            detail=peer,
        )
    return sock


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _only_public(self, super()._new_conn())


class _PublicConnectionTLS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _only_public(self, super()._new_conn())


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicPoolTLS(HTTPSConnectionPool):
    ConnectionCls = _PublicConnectionTLS


def _refused(error: requests.ConnectionError) -> bool:
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)


def _loggable(body: str | bytes | None, form: Mapping[str, str] | None) -> str:
    if body is not None:
        return mask_text(body if isinstance(body, str) else body.decode("utf-8", "replace"))
    if form is not None:
        return "&".join(f"{k}={MASK if _is_secret(k) else v}" for k, v in form.items())
    return ""


def _is_secret(name: str) -> bool:
    return any(
        word in name for word in ("secret", "token", "assertion", "code", "password")
    ) and name not in ("grant_type", "requested_token_type")
