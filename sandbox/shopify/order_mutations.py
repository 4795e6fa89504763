"""Mutations of orders: pay, capture, cancel, update, archive. Messages are the recorded ones."""

from __future__ import annotations

import re
import threading
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from graphql import GraphQLResolveInfo

from sandbox.shopify import changes, errors
from sandbox.shopify.ledger import new_id
from sandbox.shopify.mark_mutations import metafields_set
from sandbox.shopify.money import currencies_of, read_bag, text
from sandbox.shopify.resolvers import kind_of, shop_of
from sandbox.shopify.shop_state import ShopState, utc_now
from sandbox.shopify.totals import recompute

Json = dict[str, Any]
Info = GraphQLResolveInfo

_FINAL_CAPTURE = (
    "Setting final capture is not supported for this transaction's payment gateway. "
    "Please remove the parameter."
)
CANCEL_SECONDS = 0.2
"""How long a cancellation stays STARTED."""


def _problem(message: str, *field: str) -> Json:
    return {"field": list(field) or None, "message": message}


def _failed(name: str, message: str, *field: str) -> Json:
    return {name: None, "userErrors": [_problem(message, *field)]}


def _load(info: Info, gid: str) -> Json | None:
    if kind_of(gid) != "Order":
        raise errors.invalid_id(gid)
    return shop_of(info).editable(gid)


def _save(shop: ShopState, order: Json, *topics: str) -> Json:
    recompute(order)
    gid = order["id"]
    shop.save_order(order, (*topics, "orders/updated"))
    return shop.get(gid) or {}


def mark_as_paid(_: Any, info: Info, **args: Any) -> Json:
    """orderMarkAsPaid: a manual payment of what is outstanding."""
    shop = shop_of(info)
    with shop.documents.batch():
        order = _load(info, args["input"]["id"])
        if order is None:
            return _failed("order", "Order does not exist", "id")
        if not order["canMarkAsPaid"]:
            return _failed("order", "Order cannot be marked as paid.", "id")
        bag = changes.owed(order)
        payment = {"gateway": "manual", "kind": "SALE", "amount": [text(bag.shop), text(bag.presentment)]}
        changes.pay(order, payment, utc_now())
        if order.get("paymentTerms"):
            for schedule in order["paymentTerms"]["paymentSchedules"]["nodes"]:
                schedule["completedAt"] = utc_now()
        return {"order": _save(shop, order, "orders/paid"), "userErrors": []}


def capture(_: Any, info: Info, **args: Any) -> Json:
    """orderCapture: take money of an authorization."""
    shop, given = shop_of(info), args["input"]
    with shop.documents.batch():
        order = _load(info, given["id"])
        if order is None:
            return _failed("transaction", "Order does not exist", "id")
        parent = next(
            (row for row in order["transactions"] if row["id"] == given["parentTransactionId"]), None
        )
        message = _capture_problem(order, parent, given)
        if message is not None or parent is None:
            return {
                "transaction": None,
                "userErrors": [_problem(message or "Unable to find parent transaction")],
            }
        amount = str(given["amount"])
        payment = {"gateway": parent["gateway"], "kind": "CAPTURE", "amount": amount}
        gid = changes.pay(order, payment, utc_now())["id"]
        recompute(order)
        paid = ("orders/paid",) if order["fullyPaid"] else ()
        _save(shop, order, *paid)
        return {"transaction": shop.find_child(gid), "userErrors": []}


def _capture_problem(order: Json, parent: Json | None, given: Json) -> str | None:  # noqa: PLR0911 - one return per rule
    if parent is None:
        return "Unable to find parent transaction"
    if parent["kind"] != "AUTHORIZATION" or parent["status"] != "SUCCESS":
        return "Can only capture successful authorizations"
    try:
        amount = Decimal(str(given["amount"]))
    except InvalidOperation:
        return "Amount must be greater than zero for capture transactions"
    if amount <= 0:
        return "Amount must be greater than zero for capture transactions"
    seen = currencies_of(order).presentment
    if given.get("currency") not in (None, seen):
        return f"Currency Currency must match parent transaction {seen}"
    capturable = read_bag(order["totalCapturableSet"]).presentment
    if amount > capturable:
        return f"Cannot capture more than the authorized {capturable:.2f} for this payment."
    if given.get("finalCapture") is not None:
        return _FINAL_CAPTURE
    return None


def cancel(_: Any, info: Info, **args: Any) -> Json:
    """orderCancel: asynchronous; the job and its result can be read until it is done and after."""
    shop, gid = shop_of(info), args["orderId"]
    order = _load(info, gid)
    message, field, code = _cancel_problem(shop, order, args)
    if message:
        problem = {"field": [field], "message": message, "code": code}
        return {"job": None, "jobResult": None, "orderCancelUserErrors": [problem]}
    identity = str(uuid.uuid4())
    result: Json = {
        "id": f"gid://shopify/OrderCancelJobResult/{identity}", "done": False, "status": "STARTED", "errors": [],
        "order": {"id": gid},
    }  # fmt: skip
    shop.put("OrderCancelJobResult", result)
    timer = threading.Timer(CANCEL_SECONDS, _finish_cancel, (shop, gid, result["id"], args))
    timer.daemon = True
    timer.start()
    job = {"id": f"gid://shopify/Job/{identity}", "done": False}
    return {"job": job, "jobResult": shop.get(result["id"]), "orderCancelUserErrors": []}


def _cancel_problem(shop: ShopState, order: Json | None, args: Json) -> tuple[str, str, str]:  # noqa: PLR0911 - one return per rule
    if order is None:
        return "Order does not exist", "orderId", "NOT_FOUND"
    if order["cancelledAt"]:
        return "Cannot cancel an order that has already been canceled", "orderId", "INVALID"
    if any(row["status"] == "SUCCESS" for row in order["fulfillments"]):
        return "Cannot cancel an order that has outstanding fulfillments", "orderId", "INVALID"
    if len(args.get("staffNote") or "") > 255:
        return "Staff note is too long. Maximum length is 255 characters.", "staffNote", "INVALID"
    problem = _store_credit_problem(order, args)
    if problem is not None:
        return problem
    running = shop.documents.all(shop.name, "OrderCancelJobResult")
    if any(row["order"]["id"] == order["id"] and not row["done"] for row in running):
        return "Cancellation is already in progress", "orderId", "INVALID"
    return "", "", ""


def _store_credit_problem(order: Json, args: Json) -> tuple[str, str, str] | None:
    wanted = args.get("refundMethod") or {}
    if not wanted.get("storeCreditRefund") and wanted.get("storeCreditRefund") != {}:
        return None
    if (order.get("purchasingEntity") or {}).get("company"):
        return (
            "Store credit refunds are not supported for B2B orders", "refundMethod",
            "STORE_CREDIT_REFUND_B2B_NOT_SUPPORTED",
        )  # fmt: skip
    if not order.get("customer"):
        return (
            "A customer is required to refund to store credit", "refundMethod",
            "STORE_CREDIT_REFUND_MISSING_CUSTOMER",
        )  # fmt: skip
    return None


def _finish_cancel(shop: ShopState, gid: str, result_id: str, args: Json) -> None:
    with shop.documents.batch():
        order, result = shop.editable(gid), shop.editable(result_id)
        if order is None or result is None:
            return
        method = args.get("refundMethod") or {}
        details = {
            "reason": args["reason"], "restock": args["restock"], "staff_note": args.get("staffNote"),
            "refund": bool(method.get("originalPaymentMethodsRefund")) or method.get("storeCreditRefund") is not None,
            "refund_to": "shopify_store_credit" if method.get("storeCreditRefund") is not None else None,
        }  # fmt: skip
        changes.cancel(order, details, utc_now())
        recompute(order)
        topics = ["orders/cancelled", "orders/updated"]
        if order["refunds"] and order["refunds"][-1]["refundLineItems"]["nodes"]:
            topics.append("refunds/create")
        shop.save_order(order, tuple(topics))
        shop.put("OrderCancelJobResult", {**result, "done": True, "status": "SUCCEEDED"})


_ADDRESS = {
    "address1": "address1", "address2": "address2", "city": "city", "company": "company", "firstName": "firstName",
    "lastName": "lastName", "phone": "phone", "zip": "zip", "provinceCode": "provinceCode",
    "countryCode": "countryCodeV2",
}  # fmt: skip


def update(_: Any, info: Info, **args: Any) -> Json:
    """orderUpdate: note, tags, e-mail, PO number, attributes, address, metafields; lists replace lists."""
    shop, given = shop_of(info), dict(args["input"])
    gid = given.pop("id")
    with shop.documents.batch():
        order = _load(info, gid)
        if order is None:
            return _failed("order", "Order does not exist", "id")
        if not given:
            return {"order": None, "userErrors": [_problem("No valid update parameters have been provided")]}
        if given.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", given["email"]):
            return _failed("order", "Email is invalid", "email")
        order.update({key: given[key] for key in ("note", "email", "phone", "poNumber") if key in given})
        if "tags" in given:
            order["tags"] = sorted({tag.strip() for tag in given["tags"] or ()} - {""}, key=str.lower)
        if "customAttributes" in given:
            order["customAttributes"] = [
                {"key": each["key"], "value": each["value"]} for each in given["customAttributes"] or ()
            ]
        if given.get("shippingAddress"):
            _move(order, given["shippingAddress"])
        saved = _save(shop, order)
        if given.get("metafields"):
            wanted = [{"ownerId": gid, **each} for each in given["metafields"]]
            found = metafields_set(None, info, metafields=wanted)
            if found["userErrors"]:
                return {
                    "order": saved,
                    "userErrors": [_problem(each["message"], "metafields") for each in found["userErrors"]],
                }
        return {"order": shop.get(gid), "userErrors": []}


def _move(order: Json, given: Json) -> None:
    address = order.get("shippingAddress") or {"id": new_id(order, "MailingAddress")}
    for key, name in _ADDRESS.items():
        if key in given:
            address[name] = given[key]
    address["name"] = " ".join(filter(None, (address.get("firstName"), address.get("lastName")))) or None
    order["shippingAddress"] = order["displayAddress"] = address
    order["billingAddressMatchesShippingAddress"] = False


def close(_: Any, info: Info, **args: Any) -> Json:
    """orderClose: archive."""
    return _archive(info, args["input"]["id"], True)


def reopen(_: Any, info: Info, **args: Any) -> Json:
    """orderOpen: take out of the archive."""
    return _archive(info, args["input"]["id"], False)


def _archive(info: Info, gid: str, closing: bool) -> Json:
    shop = shop_of(info)
    with shop.documents.batch():
        order = _load(info, gid)
        if order is None:
            return _failed("order", "Order does not exist", "id")
        if order["closed"] != closing:
            (changes.close if closing else changes.reopen)(order, {}, utc_now())
        return {"order": _save(shop, order), "userErrors": []}


RESOLVERS = {
    "orderMarkAsPaid": mark_as_paid,
    "orderCapture": capture,
    "orderCancel": cancel,
    "orderUpdate": update,
    "orderClose": close,
    "orderOpen": reopen,
}
