"""People pressing buttons in the admin, and both systems read back as their own users would."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from shops.shopify.client import client_for
from shops.shopify.version import API_VERSION
from syncflows.models import Action, Sync
from tests.factories import ALL_DEEDS, make_person
from tests.journeys.world import STORE, World

ORDER = """query($id: ID!) { order(id: $id) { name displayFinancialStatus cancelledAt cancelReason
  cancellation { staffNote } totalOutstandingSet { shopMoney { amount } } totalCapturableSet { shopMoney { amount } }
  transactions(first: 50) { kind status gateway amountSet { shopMoney { amount } } }
  refunds(first: 10) { refundLineItems(first: 10) { nodes { quantity restockType } } } } }"""


class Person:
    """Somebody signed in to the admin."""

    def __init__(self, name: str = "olga", *permissions: str) -> None:
        found = User.objects.filter(username=name).first()
        self.user = found or make_person(name, *(permissions or ALL_DEEDS))
        self.client = Client()
        self.client.force_login(self.user)

    def press(self, sync: Sync, kind: str, **values: str) -> str:
        """Send a dialog. Returns what the person is told afterwards, or the dialog that came back."""
        answer = self.send(sync, kind, **values)
        if "HX-Redirect" not in answer.headers:
            return unescape(answer.content.decode())
        page = self.client.get(answer.headers["HX-Redirect"])
        sync.refresh_from_db()
        sync.order.refresh_from_db()
        return " ".join(str(message) for message in page.context["messages"])

    def send(self, sync: Sync, kind: str, **values: str) -> Any:
        """Send a dialog; the bare answer."""
        url = f"/admin/syncflows/order/{sync.pk}/{kind}/"
        answer = self.client.post(url, {"_form_submitted": "True", "reason": "", **values})
        assert answer.status_code == 200, answer.status_code
        return answer

    def buttons(self, sync: Sync) -> set[str]:
        """The kinds of actions the order's page offers."""
        page = self.client.get(f"/admin/syncflows/order/{sync.pk}/change/")
        return {button["deed"].kind for button in page.context["buttons"]}


def in_shopify(world: World, order_id: str, store: str = STORE) -> dict[str, Any]:
    """An order as Shopify has it now."""
    url = f"{world.link.shopify}/{store}/admin/api/{API_VERSION}/graphql.json"
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Access-Token": client_for(world.shops[store]).tokens.token(),
    }
    body = {"query": ORDER, "variables": {"id": f"gid://shopify/Order/{order_id}"}}
    answer = world.http.send("POST", url, headers=headers, body=json.dumps(body)).json()
    assert "errors" not in answer, answer
    order: dict[str, Any] = answer["data"]["order"]
    return order


def payments(order: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Kind, gateway and amount of the payments that succeeded."""
    return [
        (row["kind"], row["gateway"], row["amountSet"]["shopMoney"]["amount"])
        for row in order["transactions"]
        if row["status"] == "SUCCESS"
    ]


def entries() -> list[tuple[str, str, str]]:
    """Every audit entry: kind, how it stands, what came of it."""
    return list(Action.objects.order_by("at").values_list("kind", "state", "result"))
