"""Webhooks: registered, signed, delivered, repeated when refused, and given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from werkzeug.wrappers import Request, Response

from sandbox.serving import serve
from sandbox.shopify.auth import AuthError

from .conftest import Client

CREATE = """mutation($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
    webhookSubscription { id topic uri apiVersion { handle } } userErrors { field message } } }"""
CREDENTIALS = {
    "client_id": "demo-client", "client_secret": "demo-secret-do-not-use", "grant_type": "client_credentials",
}  # fmt: skip
CLOSE = "mutation($id: ID!) { orderClose(input: {id: $id}) { userErrors { message } } }"


class Receiver:
    """Collects deliveries and answers with the statuses it is told, then 200."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.arrived = threading.Condition()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        with self.arrived:
            self.got.append((dict(request.headers), request.get_data()))
            status = self.statuses.pop(0) if self.statuses else 200
            self.arrived.notify_all()
        return Response(status=status)(environ, start_response)

    def wait(self, count: int) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, timeout=10), self.got


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    found = Receiver()
    with serve(found) as url:
        yield found, url


def _until(check: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen within 10 s")


def test_a_change_is_delivered_signed(demo: Client, receiver: tuple[Receiver, str]) -> None:
    there, url = receiver
    made = demo.run(CREATE, topic="ORDERS_UPDATED", sub={"uri": url + "/hook?s=1", "name": "hub"})
    assert made["webhookSubscriptionCreate"]["webhookSubscription"]["apiVersion"] == {"handle": "2026-10"}
    demo.run(CLOSE, id=demo.order_id("1001"))
    there.wait(1)
    headers, body = there.got[0]
    wanted = base64.b64encode(hmac.new(b"demo-secret-do-not-use", body, hashlib.sha256).digest()).decode()
    assert headers["X-Shopify-Hmac-Sha256"] == wanted
    assert headers["X-Shopify-Topic"] == "orders/updated"
    assert headers["X-Shopify-Shop-Domain"] == "demo-store.myshopify.com"
    assert headers["X-Shopify-Name"] == "hub"
    assert headers["X-Shopify-Webhook-Id"] != headers["X-Shopify-Event-Id"]
    order = json.loads(body)
    assert order["admin_graphql_api_id"] == "gid://shopify/Order/6100000001001"
    assert (order["name"], order["total_price"], order["total_tax"]) == ("#1001", "69.27", "4.82")
    assert order["discount_codes"] == [{"code": "SAVE10", "amount": "6.50", "type": "percentage"}]
    assert [line["price"] for line in order["line_items"]] == ["25.00", "15.00"]


def test_refused_deliveries_are_repeated_with_the_same_ids(
    demo: Client, receiver: tuple[Receiver, str]
) -> None:
    there, url = receiver
    there.statuses = [500, 302]
    demo.run(CREATE, topic="ORDERS_UPDATED", sub={"uri": url})
    demo.run(CLOSE, id=demo.order_id("1001"))
    there.wait(3)
    assert len({headers["X-Shopify-Webhook-Id"] for headers, _ in there.got}) == 1
    assert len({body for _, body in there.got}) == 1
    [row] = _until(lambda: [row for row in demo.sandbox.deliveries.as_json() if not row["waiting"]])
    assert [each["status"] for each in row["attempts"]] == [500, 302, 200]


def test_eight_failures_in_a_row_remove_the_subscription(
    demo: Client, receiver: tuple[Receiver, str]
) -> None:
    there, url = receiver
    there.statuses = [500] * 20
    demo.run(CREATE, topic="ORDERS_UPDATED", sub={"uri": url})
    for name in ("1001", "1002", "1003"):
        demo.run(CLOSE, id=demo.order_id(name))
    count = "{ webhookSubscriptionsCount { count } }"
    _until(lambda: demo.run(count)["webhookSubscriptionsCount"]["count"] == 0)


def test_include_fields_and_filters_by_topic(demo: Client, receiver: tuple[Receiver, str]) -> None:
    there, url = receiver
    demo.run(CREATE, topic="ORDERS_PAID", sub={"uri": url, "includeFields": ["id", "updated_at"]})
    demo.run(CLOSE, id=demo.order_id("1001"))
    paid = "mutation($id: ID!) { orderMarkAsPaid(input: {id: $id}) { userErrors { message } } }"
    demo.run(paid, id=demo.order_id("1030"))
    there.wait(1)
    assert [sorted(json.loads(body)) for _, body in there.got] == [["id", "updated_at"]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"uri": "http://example.com/x"}, "Address protocol http:// is not supported"),
        ({"uri": "https://demo.myshopify.com/x"}, "Address cannot be a Shopify or an internal domain"),
        ({"uri": " "}, "Address can't be blank"),
        (
            {"uri": "https://a.example/x", "name": "no spaces"},
            "Name name field can only contain alphanumeric characters, underscores, and hyphens",
        ),
    ],
)
def test_bad_subscriptions_are_refused(demo: Client, given: Any, message: str) -> None:
    made = demo.run(CREATE, topic="ORDERS_UPDATED", sub=given)["webhookSubscriptionCreate"]
    assert made["webhookSubscription"] is None
    assert [row["message"] for row in made["userErrors"]] == [message]


def test_loopback_addresses_only_where_allowed_and_no_doubles(demo: Client) -> None:
    sub = {"uri": "http://127.0.0.1:9/x"}
    first = demo.run(CREATE, topic="ORDERS_UPDATED", sub=sub)["webhookSubscriptionCreate"]
    again = demo.run(CREATE, topic="ORDERS_UPDATED", sub=sub)["webhookSubscriptionCreate"]["userErrors"]
    assert [row["message"] for row in again] == ["Address for this topic has already been taken"]
    demo.sandbox.allow_loopback_webhooks = False
    refused = demo.run(CREATE, topic="ORDERS_PAID", sub=sub)["webhookSubscriptionCreate"]["userErrors"]
    assert [row["message"] for row in refused] == ["Address protocol http:// is not supported"]
    delete = "mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId } }"
    gid = first["webhookSubscription"]["id"]
    assert demo.run(delete, id=gid)["webhookSubscriptionDelete"] == {"deletedWebhookSubscriptionId": gid}


def test_what_has_no_order_of_its_own_names_its_order(demo: Client, receiver: tuple[Receiver, str]) -> None:
    there, url = receiver
    for topic in ("FULFILLMENTS_CREATE", "ORDER_TRANSACTIONS_CREATE", "ORDERS_EDITED"):
        demo.run(CREATE, topic=topic, sub={"uri": url})
    gid = demo.order_id("1030")
    with serve(demo.sandbox) as base:
        for form in ({"action": "pay"}, {"action": "ship"}, {"action": "edit", "spec": "{}"}):
            _post(f"{base}/demo-store/orders/{gid.rsplit('/', 1)[-1]}", urlencode(form).encode())
    there.wait(2)
    found = {headers["X-Shopify-Topic"]: json.loads(body) for headers, body in there.got}
    assert found["fulfillments/create"]["order_id"] == int(gid.rsplit("/", 1)[-1])
    assert found["order_transactions/create"]["order_id"] == int(gid.rsplit("/", 1)[-1])


def test_any_message_can_be_sent_signed_to_any_address(demo: Client, receiver: tuple[Receiver, str]) -> None:
    there, url = receiver
    body = {"shop_id": 1, "shop_domain": "demo-store.myshopify.com"}
    with serve(demo.sandbox) as base:
        told = {"topic": "shop/redact", "body": body, "uri": f"{url}/x"}
        answer = _post(f"{base}/demo-store/_sandbox/webhooks", json.dumps(told).encode())
    assert json.loads(answer) == {"queued": 1}
    there.wait(1)
    headers, sent = there.got[0]
    digest = hmac.new(b"demo-secret-do-not-use", sent, hashlib.sha256).digest()
    assert headers["X-Shopify-Hmac-Sha256"] == base64.b64encode(digest).decode()
    assert (headers["X-Shopify-Topic"], json.loads(sent)) == ("shop/redact", body)


def test_an_app_taken_out_says_so_and_is_let_in_no_more(demo: Client, receiver: tuple[Receiver, str]) -> None:
    there, url = receiver
    demo.run(CREATE, topic="APP_UNINSTALLED", sub={"uri": url})
    tokens = demo.sandbox.tokens
    with serve(demo.sandbox) as base:
        _post(f"{base}/demo-store/_sandbox/uninstall", b"{}")
        there.wait(1)
        assert there.got[0][0]["X-Shopify-Topic"] == "app/uninstalled"
        assert tokens.check("demo-store", "shpat_demo_static") is None
        with pytest.raises(AuthError):
            tokens.grant("demo-store", CREDENTIALS)
        _post(f"{base}/demo-store/_sandbox/install", b"{}")
    assert tokens.grant("demo-store", CREDENTIALS)["access_token"]
    assert demo.run("{ webhookSubscriptionsCount { count } }")["webhookSubscriptionsCount"]["count"] == 0


def _post(url: str, body: bytes) -> bytes:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    kind = "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"
    connection.request("POST", parts.path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    assert answer.status < 400
    found = answer.read()
    connection.close()
    return found
