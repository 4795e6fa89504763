"""Who may call: OAuth 2.0 client credentials with a certificate, and token-based authentication (OAuth 1.0a).

Rules: NetSuite help, "OAuth 2.0 Client Credentials Flow" and "TBA Authorization header".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sandbox.netsuite.errors import RestError, invalid_login
from sandbox.netsuite.settings import Settings

ALGORITHMS = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SCOPES = {"rest_webservices", "restlets", "suite_analytics"}
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_CERTIFICATES = 5
TBA_WINDOW_SECONDS = 300


class TokenError(Exception):
    """An answer of the token endpoint: `{"error": code}` with 400, or 401 for invalid_client."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.status = 401 if code == "invalid_client" else 400


def register_certificate(db: sqlite3.Connection, certificate_id: str, client_id: str, pem: str) -> None:
    """Store the public key (or X.509 certificate) of an integration. Raises ValueError with the reason."""
    data = pem.encode()
    if "BEGIN CERTIFICATE" in pem:
        key = x509.load_pem_x509_certificate(data).public_key()
    else:
        key = serialization.load_pem_public_key(data)  # type: ignore[assignment]
    text = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    active = db.execute(
        "SELECT COUNT(*) FROM certificate WHERE client_id = ? AND revoked = 0 AND certificate_id <> ?",
        (client_id, certificate_id),
    ).fetchone()[0]
    if active >= MAX_CERTIFICATES:
        raise ValueError(
            f"Integration {client_id} has {MAX_CERTIFICATES} active certificates already; revoke one."
        )
    db.execute("INSERT OR IGNORE INTO integration VALUES (?)", (client_id,))
    db.execute("INSERT OR REPLACE INTO certificate VALUES (?, ?, ?, 0)", (certificate_id, client_id, text))


def issue_token(db: sqlite3.Connection, settings: Settings, form: dict[str, str], url: str) -> dict[str, str]:
    """Answer of the token endpoint for a good assertion. Raises TokenError."""
    if form.get("grant_type") != "client_credentials":
        raise TokenError("unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != ASSERTION or not form.get("client_assertion"):
        raise TokenError("invalid_request", "client_assertion_type or client_assertion is missing")
    assertion = form["client_assertion"]
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError as error:
        raise TokenError("invalid_request", "the assertion is no JWT") from error
    row = db.execute(
        "SELECT client_id, public_key_pem FROM certificate WHERE certificate_id = ? AND revoked = 0",
        (str(header.get("kid")),),
    ).fetchone()
    if header.get("alg") not in ALGORITHMS or row is None:
        raise TokenError("invalid_grant", "unknown certificate id or algorithm")
    claims = _claims(assertion, row[1], str(header["alg"]), url)
    if claims.get("iss") != row[0]:
        known = db.execute(
            "SELECT 1 FROM integration WHERE client_id = ?", (str(claims.get("iss")),)
        ).fetchone()
        raise TokenError(
            "invalid_grant" if known else "invalid_client", "iss is not the certificate's client id"
        )
    scope = claims.get("scope")
    wanted = set(scope if isinstance(scope, list) else str(scope or "").replace(",", " ").split())
    if not wanted or wanted - SCOPES:
        raise TokenError("invalid_scope", "scope must name rest_webservices, restlets or suite_analytics")
    token = secrets.token_urlsafe(48)
    life = settings["token_seconds"]
    db.execute(
        "INSERT INTO token VALUES (?, ?, ?, ?)", (token, row[0], " ".join(sorted(wanted)), time.time() + life)
    )
    return {"access_token": token, "expires_in": str(life), "token_type": "bearer"}


def _claims(assertion: str, key: str, algorithm: str, url: str) -> dict[str, object]:
    try:
        claims: dict[str, object] = jwt.decode(
            assertion,
            key,
            algorithms=[algorithm],
            audience=url,
            options={"require": ["iss", "aud", "iat", "exp"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise TokenError("invalid_grant", f"assertion refused: {error}") from error
    if float(str(claims["exp"])) - float(str(claims["iat"])) > 3600:
        raise TokenError("invalid_grant", "exp is more than 3600 seconds after iat")
    return claims


def bearer(db: sqlite3.Connection, header: str) -> str:
    """The client id behind `Authorization: Bearer ...`. Raises RestError 401."""
    row = db.execute(
        "SELECT client_id, scope, expires FROM token WHERE token = ?", (header.split(" ", 1)[-1].strip(),)
    ).fetchone()
    if row is None or row[2] < time.time() or "rest_webservices" not in row[1].split():
        raise _unauthorized("invalid_token")
    return str(row[0])


def expire(db: sqlite3.Connection, header: str | None = None) -> None:
    """Let one presented token, or all, expire now."""
    if header is None:
        db.execute("UPDATE token SET expires = 0")
    else:
        db.execute("UPDATE token SET expires = 0 WHERE token = ?", (header.split(" ", 1)[-1].strip(),))


def _unauthorized(error: str) -> RestError:
    answer = invalid_login()
    answer.headers["WWW-Authenticate"] = f'Bearer realm="account", error="{error}"'
    return answer


def _escape(text: str) -> str:
    return quote(text, safe="-._~")


def signature(
    method: str, url: str, params: Iterable[tuple[str, str]], consumer_secret: str, token_secret: str
) -> str:
    """The HMAC-SHA256 signature (base64) of an OAuth 1.0a request; `params` are query and oauth_* parameters."""
    pairs = sorted((_escape(key), _escape(value)) for key, value in params)
    joined = "&".join(f"{key}={value}" for key, value in pairs)
    base = "&".join([method.upper(), _escape(url), _escape(joined)])
    key = f"{_escape(consumer_secret)}&{_escape(token_secret)}".encode()
    return base64.b64encode(hmac.new(key, base.encode(), hashlib.sha256).digest()).decode()


def tba(db: sqlite3.Connection, settings: Settings, header: str, request: tuple[str, str, str]) -> str:
    """The consumer key behind an OAuth 1.0a header for a (method, URL, query string); uses up its nonce.

    Raises RestError 401.
    """
    method, url, query = request
    fields = {key: unquote(value) for key, value in re.findall(r'([a-z_]+)="([^"]*)"', header)}
    row = db.execute(
        "SELECT consumer_secret, token_secret FROM tba WHERE consumer_key = ? AND token = ?",
        (fields.get("oauth_consumer_key", ""), fields.get("oauth_token", "")),
    ).fetchone()
    stamp = fields.get("oauth_timestamp", "")
    nonce = fields.get("oauth_nonce", "")
    good = (
        row is not None
        and fields.get("realm") == settings["account_id"]
        and fields.get("oauth_signature_method") == "HMAC-SHA256"
        and fields.get("oauth_version", "1.0") == "1.0"
        and stamp.isdigit()
        and abs(time.time() - int(stamp)) <= TBA_WINDOW_SECONDS
        and len(nonce) >= 6
    )
    if not good:
        raise invalid_login()
    oauth = [
        (key, value) for key, value in fields.items() if key.startswith("oauth_") and key != "oauth_signature"
    ]
    expected = signature(method, url, [*parse_qsl(query, keep_blank_values=True), *oauth], row[0], row[1])
    if not hmac.compare_digest(expected.encode(), fields.get("oauth_signature", "").encode()):
        raise invalid_login()
    try:
        db.execute("INSERT INTO nonce VALUES (?, ?, ?)", (nonce, fields["oauth_token"], int(stamp)))
    except sqlite3.IntegrityError as error:
        raise invalid_login() from error
    db.execute("DELETE FROM nonce WHERE stamp < ?", (int(time.time()) - 2 * TBA_WINDOW_SECONDS,))
    return fields["oauth_consumer_key"]


def register_tba(db: sqlite3.Connection, body: dict[str, str]) -> None:
    """Store one set of TBA credentials. Raises ValueError naming what is missing."""
    names = ("consumer_key", "consumer_secret", "token", "token_secret")
    missing = [name for name in names if not isinstance(body.get(name), str)]
    if missing:
        raise ValueError(f"Missing: {', '.join(missing)} in {json.dumps(sorted(body))}.")
    db.execute("INSERT OR REPLACE INTO tba VALUES (?, ?, ?, ?)", tuple(body[name] for name in names))
