"""The door Shopify knocks at: check, store, answer. What it means is found out later, by a worker."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from common.secrets import SecretError
from shops.shopify.webhooks import DOMAIN, SIGNATURE, is_genuine
from syncflows.inbox.receiving import endpoint_of, store
from syncflows.jobs import request_routing

log = structlog.get_logger(__name__)
RETRY_SECONDS = 60


@csrf_exempt
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Answer one delivery: 200 with a row stored (or stored before), 401 for a signature or store that does not fit,
    404 for an address nobody has, 405, 413 for a body above HUB_WEBHOOK_MAX_BYTES, 503 when it could not be stored."""
    if request.method != "POST":
        return _answer(405, "Webhooks are posted.", Allow="POST")
    try:
        return _received(request, token)
    except (DatabaseError, SecretError) as error:  # no database, or the client secret cannot be opened
        log.exception("webhook_not_stored", detail=str(error))
        return _answer(503, "It could not be stored. Send it again.", **{"Retry-After": str(RETRY_SECONDS)})


def _received(request: HttpRequest, token: str) -> HttpResponse:
    endpoint = endpoint_of(token)
    if endpoint is None:
        return _answer(404, "There is no such address.")
    shop = endpoint.shop
    limit: int = settings.HUB_WEBHOOK_MAX_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        return _answer(413, f"The body is larger than {limit} bytes.")
    body = request.read(limit + 1)
    if len(body) > limit:
        return _answer(413, f"The body is larger than {limit} bytes.")
    if not is_genuine(shop, request.headers.get(DOMAIN, ""), request.headers.get(SIGNATURE, ""), body):
        log.warning("webhook_refused", shop=shop.key)
        return _answer(401, "The signature does not fit.")
    if store(shop, request.headers, body):
        _wake(shop.key)
    return _answer(200, "")


def _wake(key: str) -> None:
    """Have it routed now. A wake-up that is lost costs a second: the sweep finds the row."""
    try:
        request_routing()
    except DatabaseError as error:
        log.warning("webhook_wake_lost", shop=key, detail=str(error))


def _answer(status: int, text: str, **headers: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)
