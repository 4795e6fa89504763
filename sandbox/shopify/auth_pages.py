"""The OAuth addresses: the token endpoint and the page on which a merchant agrees to an app."""

from __future__ import annotations

import json
import time
from html import escape
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.shopify.auth import AuthError, callback_hmac
from sandbox.shopify.stores import Stores

Json = dict[str, Any]


def token(sandbox: Stores, request: Request, store: str) -> Response:
    """`POST /admin/oauth/access_token` with a form or a JSON body."""
    sandbox.shop(store)
    form: Json = {**request.args, **request.form}
    if request.mimetype == "application/json":
        given = json.loads(request.get_data() or b"{}")
        form |= given if isinstance(given, dict) else {}
    try:
        body, status = sandbox.tokens.grant(store, form), 200
    except AuthError as error:
        body, status = error.body, error.status
    return Response(json.dumps(body), status=status, content_type="application/json; charset=utf-8")


def authorize(sandbox: Stores, request: Request, store: str) -> Response:
    """Ask for agreement (GET), then send the browser back to the app (POST) with a signed code."""
    shop, app = sandbox.shop(store), sandbox.tokens.app(store)
    wanted = request.values
    if wanted.get("client_id") != app.get("client_id") or not wanted.get("redirect_uri"):
        text = "Oauth error invalid_request: The client_id or the redirect_uri is missing or unknown."
        return Response(text, status=400, content_type="text/plain; charset=utf-8")
    if request.method == "GET":
        return Response(_page(store, dict(wanted)), content_type="text/html; charset=utf-8")
    asked = [scope for scope in str(wanted.get("scope", "")).replace(" ", ",").split(",") if scope]
    parameters = {
        "code": sandbox.tokens.code(store, sorted(asked or app["scopes"])),
        "shop": shop.domain,
        "state": str(wanted.get("state", "")),
        "timestamp": str(int(time.time())),
    }
    parameters["hmac"] = callback_hmac(parameters, app["client_secret"])
    glue = "&" if "?" in wanted["redirect_uri"] else "?"
    return redirect(wanted["redirect_uri"] + glue + urlencode(parameters), code=302)


def _page(store: str, wanted: Json) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(key)}" value="{escape(str(value))}">'
        for key, value in wanted.items()
    )
    scopes = escape(
        str(wanted.get("scope", "") or "everything the app was registered for").replace(",", ", ")
    )
    return (
        "<!doctype html><meta charset=utf-8><title>Install app</title>"
        '<body style="font:16px system-ui;max-width:36rem;margin:4rem auto;color-scheme:light dark">'
        f"<h1>Install Integration Hub on {escape(store)}?</h1><p>It will be able to use: {scopes}.</p>"
        f'<form method="post">{hidden}<button>Install</button></form></body>'
    )
