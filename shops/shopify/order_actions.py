"""What people have Shopify do to an order: mark it as paid, capture an authorization, cancel it.

None of these mutations takes an idempotency key, so each looks first (what is done already is a success), and an answer
that never came is looked up before anything is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from canonical.money import MoneyBag
from common.errors import NeedsPerson, Retryable, UnknownOutcome
from shops.shopify.answers import Refused
from shops.shopify.client import ShopifyClient
from shops.shopify.ids import gid, number
from shops.shopify.reading import Unreadable, each, flag, id_of, money, required, source_id, text

ZERO = Decimal(0)
NOTE_LENGTH = 255
"""Signs Shopify takes in the staff note of a cancellation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """An authorization and what of it may still be captured, in the currency the buyer paid in."""

    source_id: str
    gateway: str
    left: Decimal
    currency: str
    several: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an order stands with its payments, right now. `captures` are ids of the successful captures by the
    authorization they belong to."""

    name: str
    status: str
    cancelled: bool
    can_be_marked: bool
    outstanding: MoneyBag
    authorizations: tuple[Authorization, ...]
    captures: dict[str, tuple[str, ...]]

    @property
    def paid(self) -> bool:
        """Nothing is owed any more."""
        return self.outstanding.shop.amount <= 0 and not self.authorizations


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """How an order is to be cancelled. `refund` is none, original or store_credit; `reason` is Shopify's word."""

    reason: str
    restock: bool
    refund: str = "none"
    notify: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelResult:
    """How a cancellation stands: `problem` is what Shopify says when it failed."""

    done: bool
    problem: str = ""


def read_standing(client: ShopifyClient, order_id: str) -> Standing:
    """The order's payments as they are now. Raises NeedsPerson ORDER_GONE, Retryable SHOPIFY_ANSWER, and the client's
    errors."""
    node = client.execute("order_standing", {"id": gid("Order", order_id)}).get("node")
    if not isinstance(node, dict) or node.get("__typename") != "Order":
        raise NeedsPerson(
            "ORDER_GONE",
            f"Order {order_id} is not in Shopify any more, or this app may not see it.",
            value=order_id,
        )
    try:
        return _standing(node)
    except (KeyError, TypeError, Unreadable) as error:
        raise Retryable(
            "SHOPIFY_ANSWER", f"Shopify's answer for order {order_id} lacks a part.", detail=repr(error)
        ) from error


def _standing(node: dict[str, Any]) -> Standing:
    done = [row for row in node["transactions"] if row["status"] == "SUCCESS"]
    captures: dict[str, tuple[str, ...]] = {}
    for row in done:
        if row["kind"] == "CAPTURE":
            parent = id_of(row, "parentTransaction")
            captures[parent] = (*captures.get(parent, ()), source_id(row))
    return Standing(
        name=required(node, "name"),
        status=text(node, "displayFinancialStatus"),
        cancelled=node["cancelledAt"] is not None,
        can_be_marked=flag(node, "canMarkAsPaid"),
        outstanding=money(node, "totalOutstandingSet"),
        authorizations=tuple(
            found for row in done if row["kind"] == "AUTHORIZATION" for found in _open(row, done)
        ),
        captures=captures,
    )


def _open(row: dict[str, Any], done: list[dict[str, Any]]) -> list[Authorization]:
    """The authorization, when something of it is left: it was not voided, and not captured whole (or at all, where the
    gateway takes one capture only)."""
    identity = source_id(row)
    later = [other for other in done if id_of(other, "parentTransaction") == identity]
    captured = [money(other, "amountSet").presentment.amount for other in later if other["kind"] == "CAPTURE"]
    several, whole = flag(row, "multiCapturable"), money(row, "amountSet").presentment
    left = whole.amount - sum(captured, ZERO)
    if left <= 0 or any(other["kind"] == "VOID" for other in later) or (captured and not several):
        return []
    return [
        Authorization(
            source_id=identity, gateway=text(row, "formattedGateway"), left=left, currency=whole.currency,
            several=several,
        )
    ]  # fmt: skip


def mark_as_paid(client: ShopifyClient, order_id: str) -> bool:
    """Mark an order as paid; False when it was paid before. Raises NeedsPerson CANNOT_MARK_PAID, the client's errors,
    and UnknownOutcome when Shopify gave no answer and the order is not paid (yet)."""
    before = read_standing(client, order_id)
    if before.paid and not before.cancelled:
        return False
    if before.cancelled or not before.can_be_marked:
        why = "it is cancelled" if before.cancelled else before.status.replace("_", " ").lower()
        raise NeedsPerson(
            "CANNOT_MARK_PAID",
            f"Shopify does not let order {before.name} be marked as paid ({why}).",
            value=before.name,
        )
    try:
        client.mutate("order_mark_as_paid", {"input": {"id": gid("Order", order_id)}}, "orderMarkAsPaid")
    except (UnknownOutcome, Refused):
        if not read_standing(client, order_id).paid:
            raise
    return True


def capture(client: ShopifyClient, order_id: str, authorization: Authorization, amount: Decimal) -> None:
    """Capture an amount (in the authorization's currency) as long as nobody captured meanwhile.

    Raises NeedsPerson CAPTURE_REFUSED (more than is left, something was captured meanwhile, the gateway declined) and
    the client's errors; UnknownOutcome when Shopify gave no answer and no new capture is there (yet).
    """
    before = read_standing(client, order_id)
    if authorization not in before.authorizations:
        raise _not_captured(before, "its authorization changed meanwhile: look at the order again.")
    if not ZERO < amount <= authorization.left:
        raise _not_captured(
            before,
            f"{amount} {authorization.currency} is not between 0 and the {authorization.left} "
            f"{authorization.currency} that are authorized.",
        )
    given = {
        "id": gid("Order", order_id),
        "parentTransactionId": gid("OrderTransaction", authorization.source_id),
        "amount": str(amount),
        "currency": authorization.currency,
    }
    known = before.captures.get(authorization.source_id, ())
    try:
        payload = client.mutate("order_capture", {"input": given}, "orderCapture")
    except UnknownOutcome:
        if read_standing(client, order_id).captures.get(authorization.source_id, ()) == known:
            raise
        return
    row = payload.get("transaction") or {}
    if row.get("status") in ("FAILURE", "ERROR"):
        said = str(row.get("errorCode") or row["status"]).replace("_", " ").lower()
        raise _not_captured(before, f"the payment provider refused it ({said}).")


def _not_captured(standing: Standing, why: str) -> NeedsPerson:
    return NeedsPerson(
        "CAPTURE_REFUSED", f"Nothing was captured for order {standing.name}: {why}", value=standing.name
    )


def start_cancel(client: ShopifyClient, order_id: str, request: CancelRequest) -> str:
    """Ask Shopify to cancel an order. Returns the id of the job's result to be followed; "" when there is none to
    follow: the order was cancelled before, somebody else's cancellation is under way, or no answer came (the order
    itself then tells).

    Raises Refused (NeedsPerson SHOPIFY_REFUSED) and the client's errors; nothing was done then.
    """
    if read_standing(client, order_id).cancelled:
        return ""
    method: dict[str, Any] | None = None
    if request.refund == "original":
        method = {"originalPaymentMethodsRefund": True}
    elif request.refund == "store_credit":
        method = {"storeCreditRefund": {}}
    variables = {
        "orderId": gid("Order", order_id), "reason": request.reason, "restock": request.restock,
        "notifyCustomer": request.notify, "refundMethod": method, "staffNote": request.note[:NOTE_LENGTH] or None,
    }  # fmt: skip
    try:
        payload = client.mutate("order_cancel", variables, "orderCancel")
    except UnknownOutcome:
        return ""
    except Refused as refused:
        said = " ".join(error.message for error in refused.errors)
        if "already in progress" in said or "already been cancel" in said:
            return ""
        raise
    result = payload.get("jobResult") or {}
    return number(str(result["id"])) if result.get("id") else ""


def cancel_result(client: ShopifyClient, order_id: str, result_id: str) -> CancelResult:
    """How a cancellation stands: by its job where its id is known, else by the order. Raises the client's errors."""
    if result_id:
        found = client.execute("order_cancel_result", {"id": gid("OrderCancelJobResult", result_id)}).get(
            "node"
        )
        if isinstance(found, dict) and found.get("done"):
            if found.get("status") == "FAILED":
                said = "; ".join(each(found, "errors", lambda error: text(error, "message")))
                return CancelResult(done=True, problem=said or "no reason given")
            return CancelResult(done=True)
    return CancelResult(done=read_standing(client, order_id).cancelled)
