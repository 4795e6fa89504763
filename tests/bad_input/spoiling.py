"""A store whose answers arrive spoiled: what Shopify would send if an order were broken in some way.

It stands in front of the sandbox Shopify, on the way of every answer, and changes the orders it was told to. The hub
talks to it over HTTP like to any store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Json = dict[str, Any]
Spoil = Callable[[Json], object]


class SpoiledStore:
    """A WSGI application around another. `orders` says by name what is done to an order when it is fetched whole."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.orders: dict[str, Spoil] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self.orders or not environ["PATH_INFO"].endswith("/graphql.json"):
            return self._app(environ, start_response)
        head: list[Any] = []

        def hold(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            head[:] = [status, headers]
            return head.append

        body = b"".join(self._app(environ, hold))
        body = self._spoiled(body)
        headers = [(name, value) for name, value in head[1] if name.lower() != "content-length"]
        start_response(head[0], [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _spoiled(self, body: bytes) -> bytes:
        answer = json.loads(body)
        nodes = (answer.get("data") or {}).get("nodes")
        for order in nodes if isinstance(nodes, list) else ():
            spoil = self.orders.get(order.get("name", "")) if isinstance(order, dict) else None
            if spoil is not None:
                spoil(order)
        return json.dumps(answer).encode()
