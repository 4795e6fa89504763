"""The WSGI application of the sandbox Shopify: addresses, tokens, faults, and what is behind each."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.faults import Fault, RequestInfo
from sandbox.serving import drop_connection
from sandbox.shopify import auth_pages, control, pages
from sandbox.shopify.bulk_operations import download
from sandbox.shopify.errors import throttled
from sandbox.shopify.execution import Context, Engine, load_schema
from sandbox.shopify.field_resolvers import attach
from sandbox.shopify.mutations import attach_mutations
from sandbox.shopify.stores import Stores
from sandbox.shopify.versions import served_version

Json = dict[str, Any]

INVALID_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105
_OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")

_ROUTES = Map(
    [
        Rule("/", endpoint="home", methods=["GET"]),
        Rule("/_sandbox/<name>", endpoint="control"),
        Rule("/<store>/", endpoint="store", methods=["GET"]),
        Rule("/<store>/admin/api/<version>/graphql.json", endpoint="graphql", methods=["POST"]),
        Rule("/<store>/admin/oauth/access_token", endpoint="token", methods=["POST"]),
        Rule("/<store>/admin/oauth/authorize", endpoint="authorize", methods=["GET", "POST"]),
        Rule("/<store>/_sandbox/<name>", endpoint="store_control"),
        Rule("/<store>/_bulk/<name>", endpoint="bulk", methods=["GET"]),
        Rule("/<store>/orders/new", endpoint="place", methods=["POST"]),
        Rule("/<store>/orders/<int:number>", endpoint="order", methods=["GET", "POST"]),
    ]
)


class ShopifySandbox(Stores):
    """All stores of one state directory behind one WSGI callable; options as for `Stores`."""

    def __init__(self, state_dir: Path, **options: Any) -> None:
        super().__init__(state_dir, **options)
        self.engine = Engine(_executable_schema())

    def __call__(self, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The WSGI entry point."""
        request = Request(environ)
        adapter = _ROUTES.bind_to_environ(environ)
        try:
            endpoint, values = adapter.match()
            response = self._dispatch(request, endpoint, dict(values))
        except HTTPException as error:
            response = Response(
                error.description, status=error.code or 500, content_type="text/plain; charset=utf-8"
            )
        return response(environ, start_response)

    def _dispatch(self, request: Request, endpoint: str, values: Json) -> Response:
        if endpoint == "graphql":
            return self._faulty(request, values["store"], lambda: self._graphql(request, **values))
        if endpoint == "token":
            return self._faulty(request, values["store"], lambda: auth_pages.token(self, request, **values))
        if endpoint == "authorize":
            return auth_pages.authorize(self, request, **values)
        if endpoint == "bulk":
            return self._faulty(
                request,
                values["store"],
                lambda: download(self.shop(values["store"]), request, values["name"]),
            )
        if endpoint in ("control", "store_control"):
            return control.answer(self, request, **values)
        return pages.answer(self, request, endpoint, values)

    def _faulty(self, request: Request, store: str, run: Callable[[], Response]) -> Response:
        operation = _operation_name(request)
        with self.stats.track(operation):
            fault = self.faults.decide(RequestInfo(request.path, request.method, operation))
            response = run() if fault is None else self._with_fault(fault, request, store, run)
        self.stats.add(f"status_{response.status_code}")
        return response

    def _with_fault(  # noqa: PLR0911 - one answer per kind of fault
        self, fault: Fault, request: Request, store: str, run: Callable[[], Response]
    ) -> Response:
        fault.sleep()
        if fault.action == "status_429":
            headers = {"Retry-After": str(fault.retry_after)}
            return _json({"errors": "Exceeded 2 calls per second for api client."}, 429, headers)
        if fault.action == "throttled_body":
            self.stats.add("throttled")
            return _json(throttled(10, {**self.bucket(store).status(), "currentlyAvailable": 0}))
        if fault.action == "status_500":
            return _json({"errors": "Internal Server Error"}, fault.status)
        if fault.action == "timeout_before":
            return _drop(request)
        if fault.action == "drop_after_commit":
            run()
            return _drop(request)
        if fault.action == "commit_late":
            request.get_data()
            timer = threading.Timer(fault.after_s, run)
            timer.daemon = True
            timer.start()
            return _json({"errors": "Gateway Timeout"}, fault.status) if fault.status else _drop(request)
        if fault.action == "expire_token":
            self.tokens.expire(store, request.headers.get("X-Shopify-Access-Token", ""))
        if fault.action == "answer_twice":
            run()
        return run()

    def _graphql(self, request: Request, store: str, version: str) -> Response:
        served = served_version(version)
        headers = {"X-Shopify-API-Version": served, "X-Request-ID": secrets.token_hex(16)}
        shop = self.shop(store)
        scopes = self.tokens.check(store, request.headers.get("X-Shopify-Access-Token"))
        if scopes is None:
            return _json({"errors": INVALID_TOKEN}, 401, headers)
        try:
            body = json.loads(request.get_data())
        except ValueError:
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400, headers)
        if not isinstance(body, dict) or not body.get("query"):
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400, headers)
        context = Context(
            shop=shop, scopes=scopes, client_id=self.tokens.app(store).get("client_id", ""), api_version=served,
            allow_loopback=self.allow_loopback_webhooks, base_url=request.host_url.rstrip("/"),
        )  # fmt: skip
        context.export = lambda text: self.engine.export(text, context)
        debug = request.headers.get("Shopify-GraphQL-Cost-Debug") == "1"
        answer = self.engine.run(body, context, self.bucket(store), debug)
        self._count(answer)
        return _json(answer, 200, headers)

    def _count(self, answer: Json) -> None:
        cost = (answer.get("extensions") or {}).get("cost")
        if cost is None:
            return
        if cost["actualQueryCost"] is None:
            self.stats.add("throttled")
        else:
            self.stats.add("points_used", cost["actualQueryCost"])


@cache
def _executable_schema() -> GraphQLSchema:
    """The schema with its resolvers; the same for every sandbox of a process."""
    schema = load_schema()
    attach(schema)
    attach_mutations(schema)
    return schema


def create_app(state_dir: Path | str, **options: Any) -> ShopifySandbox:
    """The application over a state directory; options as for `Stores`."""
    return ShopifySandbox(Path(state_dir), **options)


def _operation_name(request: Request) -> str:
    if request.path.endswith(".jsonl"):
        return "BulkFile"
    if request.path.endswith("access_token"):
        return "access_token"
    try:
        body = json.loads(request.get_data(cache=True))
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    if body.get("operationName"):
        return str(body["operationName"])
    found = _OPERATION.search(str(body.get("query") or ""))
    return found.group(1) if found else ""


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, headers=headers, content_type="application/json; charset=utf-8")


def _drop(request: Request) -> Response:
    drop_connection(request.environ)
    return Response(status=499)
