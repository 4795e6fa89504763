"""What Shopify's answers mean: HTTP status, errors inside 200, user errors, cost (shopify.md, sections 2.3 and 2.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.errors import CredentialsExpired, HubError, NeedsPerson, NotExecuted, Retryable, UnknownOutcome
from common.http import Answer
from shops.shopify.throttle import Cost

Json = dict[str, Any]
_SCOPE = re.compile(r"\b(?:read|write)_[a-z_]+\b")


class TooExpensive(HubError):
    """MAX_COST_EXCEEDED: nothing was executed; ask for less in one call. `cost` is in points."""

    def __init__(self, operation: str, cost: object, detail: str) -> None:
        super().__init__(
            "SHOPIFY_QUERY",
            f"The query {operation} asks Shopify for more than one call may ({cost} points).",
            value=operation,
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class UserError:
    """One entry of `userErrors`: the path of the input field, the message, the code where there is one."""

    path: tuple[str, ...]
    message: str
    code: str = ""

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.message}" if self.path else self.message


class Refused(NeedsPerson):
    """A mutation Shopify refused with user errors; nothing was changed. `errors` holds all of them."""

    def __init__(self, operation: str, errors: Sequence[UserError]) -> None:
        said = "; ".join(str(error) for error in errors)
        super().__init__(
            "SHOPIFY_REFUSED",
            f"Shopify refused the change: {said}",
            field=".".join(errors[0].path),
            value=errors[0].message,
            detail=f"{operation}: {said}",
        )
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A GraphQL answer that was read: its data (None when nothing was executed), errors and cost."""

    data: Json | None
    errors: tuple[Json, ...]
    cost: Cost | None

    def codes(self) -> set[str]:
        """The error codes Shopify gave."""
        return {str((error.get("extensions") or {}).get("code", "")) for error in self.errors}


def check_status(answer: Answer, *, changes: bool) -> None:
    """Raise the error an HTTP status stands for; return when the body is to be read.

    `changes` says that the call was a mutation: then a 5xx leaves open whether it was done.
    """
    status, detail = answer.status, _detail(answer)
    if status == 200:
        return
    if status == 401:
        raise CredentialsExpired("SHOPIFY_LOGIN", "Shopify refused the access token.", detail=detail)
    if status == 429:
        raise NotExecuted(
            "SHOPIFY_BUSY",
            "Shopify asks the hub to slow down.",
            retry_after=retry_after(answer),
            detail=detail,
        )
    if status == 430:
        raise NotExecuted(
            "SHOPIFY_REJECTED",
            "Shopify's security check turned the request away.",
            retry_after=300,
            detail=detail,
        )
    if status >= 500:
        kind = UnknownOutcome if changes else Retryable
        raise kind("SHOPIFY_DOWN", f"Shopify answered with an error of its own ({status}).", detail=detail)
    code, sentence = _CLOSED.get(
        status, ("SHOPIFY_ANSWER", f"Shopify gave an answer the hub does not know ({status}).")
    )
    raise NeedsPerson(code, sentence, value=str(status), detail=detail)


_CLOSED = {
    402: ("SHOPIFY_FROZEN", "The store is frozen because its Shopify bill is not paid."),
    403: ("SHOPIFY_FORBIDDEN", "Shopify does not let this app into the store."),
    404: ("SHOPIFY_NOT_FOUND", "There is no Shopify store at this address."),
    423: ("SHOPIFY_LOCKED", "Shopify has locked the store."),
}


def parse(answer: Answer) -> Parsed:
    """Read a 200 answer. Raises Retryable SHOPIFY_ANSWER when it is not a GraphQL answer."""
    try:
        body = answer.json()
    except ValueError as error:
        raise _malformed(answer) from error
    if not isinstance(body, dict):
        raise _malformed(answer)
    data, errors = body.get("data"), body.get("errors")
    if isinstance(errors, str):
        errors = [{"message": errors}]
    errors = errors or []
    if not isinstance(data, dict | None) or not isinstance(errors, list) or (data is None and not errors):
        raise _malformed(answer)
    return Parsed(data, tuple(e for e in errors if isinstance(e, dict)), _cost(body.get("extensions")))


def _malformed(answer: Answer) -> Retryable:
    return Retryable("SHOPIFY_ANSWER", "Shopify's answer cannot be read.", detail=_detail(answer))


def _cost(extensions: object) -> Cost | None:
    try:
        cost = extensions["cost"]  # type: ignore[index]
        status, actual = cost["throttleStatus"], cost["actualQueryCost"]
        found = Cost(
            requested=float(cost["requestedQueryCost"]),
            actual=None if actual is None else float(actual),
            maximum=float(status["maximumAvailable"]),
            available=float(status["currentlyAvailable"]),
            restore_rate=float(status["restoreRate"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.maximum > 0 and found.restore_rate > 0 else None


def error_for(operation: str, errors: Sequence[Mapping[str, Any]], *, changes: bool) -> HubError:
    """The classified error of the worst of the errors in a 200 answer (throttling is dealt with before)."""
    by_code = {str((e.get("extensions") or {}).get("code", "")): e for e in reversed(errors)}
    detail = f"{operation}: " + "; ".join(str(e.get("message", e)) for e in errors)
    if (denied := by_code.get("ACCESS_DENIED")) is not None:
        return _missing_scope(denied, detail)
    if (costly := by_code.get("MAX_COST_EXCEEDED")) is not None:
        return TooExpensive(operation, (costly.get("extensions") or {}).get("cost"), detail)
    if by_code.keys() & {"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"}:
        kind = UnknownOutcome if changes else Retryable
        return kind("SHOPIFY_DOWN", "Shopify could not complete the request.", detail=detail)
    if by_code.keys() & {"SHOP_INACTIVE"}:
        return NeedsPerson("SHOPIFY_FROZEN", "The store is not active.", detail=detail)
    return NeedsPerson(
        "SHOPIFY_QUERY",
        f"Shopify does not accept the hub's query {operation}: {errors[0].get('message')}",
        value=operation,
        detail=detail,
    )


def _missing_scope(error: Mapping[str, Any], detail: str) -> NeedsPerson:
    extensions = error.get("extensions") or {}
    said = f"{extensions.get('requiredAccess', '')} {error.get('message', '')}"
    scopes = list(dict.fromkeys(_SCOPE.findall(said)))
    wanted = " or ".join(scopes) or "an access scope"
    return NeedsPerson(
        "MISSING_SCOPE",
        f"The app may not do this in the store: it needs {wanted}.",
        field=".".join(str(part) for part in error.get("path") or ()),
        value=" or ".join(scopes),
        detail=detail,
    )


def user_errors(payload: Mapping[str, Any]) -> list[UserError]:
    """All user errors of a mutation's payload, under whichever name the mutation has them."""
    found: list[UserError] = []
    for name, entries in payload.items():
        if name.lower().endswith("usererrors"):
            found.extend(
                UserError(
                    tuple(map(str, e.get("field") or ())), str(e.get("message", "")), str(e.get("code") or "")
                )
                for e in entries or ()
            )
    return found


def retry_after(answer: Answer) -> float | None:
    """Seconds from the Retry-After header; None when it is absent or not a number of seconds."""
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "")))
    except ValueError:
        return None


def _detail(answer: Answer) -> str:
    request_id = answer.headers.get("X-Request-ID", "")
    return f"HTTP {answer.status} {answer.text[:1000]}" + (f" (request {request_id})" if request_id else "")
