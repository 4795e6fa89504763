"""NetSuite's refusals as our errors, each with what to do next.

Facts: the REST guide's error chapter and refusals seen by public integrations. `o:errorCode` is coarse (most
business failures are USER_ERROR), so the English sentence in `detail` decides; `type` is never looked at.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from common.errors import (
    AlreadyExists,
    CredentialsExpired,
    HubError,
    NeedsPerson,
    NotExecuted,
    Retryable,
    UnknownOutcome,
)
from common.http import Answer

BUSY_SECONDS = (2.0, 8.0)
"""Range of the pause after a 429: drawn anew each time, so that workers do not come back together."""
LOCK_SECONDS = 600.0
_PREFIX = "Error while accessing a resource. "
_LINE = re.compile(r"items\[(\d+)\]")
_CUSTOMER_FIELD = "entity"
_ON_CUSTOMERS = ("sales order", "invoice", "cash sale")
"""Documents that name a customer: a currency the account knows is refused there because the customer lacks it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request was about: `kind` is the record ("sales order"), `name` the order or customer, `lines` the
    names of the document's lines in the order they were sent."""

    kind: str
    name: str = ""
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"the {self.kind} for {self.name}" if self.name else f"the {self.kind}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The first error of an answer: NetSuite's sentence, its code, where in the body it points to, and the seconds
    to wait if it says so (no documented answer does)."""

    status: int
    sentence: str
    code: str
    path: str
    raw: str
    wait: float | None = None

    @classmethod
    def of(cls, answer: Answer) -> Refusal:
        """Read an error answer, whatever its body is."""
        try:
            body = answer.json()
            first = body["o:errorDetails"][0]
            sentence, code = str(first.get("detail", "")), str(first.get("o:errorCode", ""))
            path = str(first.get("o:errorPath") or first.get("o:errorQueryParam") or "")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            sentence, code, path = answer.text[:300], "", ""
        wait = answer.headers.get("Retry-After", "")
        return cls(
            answer.status,
            sentence.removeprefix(_PREFIX),
            code,
            path,
            answer.text[:4000],
            float(wait) if wait.isdecimal() else None,
        )


@dataclass(frozen=True, slots=True)
class _Case:
    """A refusal of a request about a subject, with the field and value its sentence names."""

    refusal: Refusal
    subject: Subject
    field: str = ""
    value: str = ""

    @property
    def place(self) -> str:
        return place_of(self.refusal.path, self.subject)

    def needs_person(self, code: str, message: str, *, field: str = "", value: str = "") -> NeedsPerson:
        return NeedsPerson(code, message, field=field, value=value, detail=self.refusal.raw)


def classify(answer: Answer, subject: Subject, *, creating: bool) -> HubError:
    """The error for an answer other than 2xx. `creating`: a repeat could write twice, so doubt stays doubt."""
    refusal = Refusal.of(answer)
    if refusal.status == 401:
        return CredentialsExpired("ERP_LOGIN", "NetSuite refused the sign-in.", detail=refusal.raw)
    return (
        _passing(refusal, subject, creating=creating)
        or _by_status(_Case(refusal, subject))
        or _by_sentence(refusal, subject)
        or NeedsPerson(
            "ERP_REFUSED",
            f"NetSuite refused {subject}: {refusal.sentence or f'status {refusal.status}'}",
            field=refusal.path,
            value=refusal.sentence[:120],
            detail=refusal.raw,
        )
    )


def _passing(refusal: Refusal, subject: Subject, *, creating: bool) -> Retryable | None:
    """What goes by itself: the concurrency limit (nothing was done) and failures of NetSuite (who knows)."""
    if refusal.status == 429 or refusal.code in ("CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED"):
        return NotExecuted(
            "ERP_BUSY",
            "NetSuite takes no more requests at the moment. Nothing was written.",
            retry_after=(refusal.wait or 0) + random.uniform(*BUSY_SECONDS),  # noqa: S311 - spreads load
            detail=refusal.raw,
        )
    if refusal.status < 500 and refusal.status != 408 and refusal.code != "IDEMPOTENCY_ERROR":
        return None
    if creating:
        return UnknownOutcome(
            "ERP_ERROR",
            f"NetSuite failed while it created {subject}. It may be there all the same.",
            detail=refusal.raw,
        )
    return Retryable("ERP_ERROR", f"NetSuite failed while it read {subject}.", detail=refusal.raw)


def _by_status(case: _Case) -> HubError | None:
    """The few refusals that status or code alone explain."""
    if case.refusal.status == 403 or case.refusal.code == "INSUFFICIENT_PERMISSION":
        return _permission(case)
    if case.refusal.status == 404:
        return _not_found(case)
    if case.refusal.code == "RCRD_HAS_BEEN_CHANGED":
        return _changed(case)
    if case.refusal.code in ("DUP_RCRD", "DUP_ENTITY", "DUP_ITEM"):
        return _exists(case)
    return None


def _by_sentence(refusal: Refusal, subject: Subject) -> HubError | None:
    for pattern, build in _SENTENCES:
        match = pattern.search(refusal.sentence)
        if match:
            named = {name: (text or "").strip(" .'") for name, text in match.groupdict().items()}
            return build(_Case(refusal, subject, **named))
    return None


def place_of(path: str, subject: Subject) -> str:
    """Where an `o:errorPath` points, for a person: ` on line 3 (T-shirt)`; "" for the document itself."""
    match = _LINE.search(path)
    if not match or not path.startswith("item."):
        return ""
    index = int(match.group(1))
    name = f" ({subject.lines[index]})" if index < len(subject.lines) else ""
    return f" on line {index + 1}{name}"


def _permission(case: _Case) -> HubError:
    record = case.subject.kind
    return case.needs_person(
        "ERP_PERMISSION",
        f"The integration's role in NetSuite may not do this with {record} records.",
        value=record,
    )


def _hidden_record(case: _Case) -> HubError:
    return case.needs_person(
        "ERP_PERMISSION",
        f"The integration's role in NetSuite may not read {case.field} records, or the account has none.",
        value=case.field,
    )


def _not_found(case: _Case) -> HubError:
    return case.needs_person("ERP_NOT_FOUND", f"NetSuite has nothing at the address used for {case.subject}.")


def _changed(case: _Case) -> HubError:
    return Retryable(
        "ERP_RECORD_CHANGED",
        f"Somebody or a script changed {case.subject} in NetSuite at the same moment.",
        detail=case.refusal.raw,
    )


def _exists(case: _Case) -> HubError:
    return AlreadyExists(
        "ERP_ALREADY_EXISTS",
        f"NetSuite says {case.subject} is there already: a record has its external id or its name.",
        detail=case.refusal.raw,
    )


def _workflow(case: _Case) -> HubError:
    return Retryable(
        "ERP_WORKFLOW_LOCK",
        f"A workflow in NetSuite has locked {case.subject}.",
        retry_after=LOCK_SECONDS,
        detail=case.refusal.raw,
    )


def _number(case: _Case) -> HubError:
    return case.needs_person(
        "ERP_NUMBER_REFUSED",
        f"NetSuite does not take the order's number as the number of {case.subject}: {case.refusal.sentence}",
        field="tranId",
        value=case.subject.kind,
    )


def _period(case: _Case) -> HubError:
    return case.needs_person(
        "ERP_PERIOD_CLOSED",
        f"The date of {case.subject} is in a closed or missing accounting period.",
        field="tranDate",
    )


def _inactive(case: _Case) -> HubError:
    if case.refusal.path.lower() == _CUSTOMER_FIELD:
        return _customer(case)
    return case.needs_person(
        "ERP_INACTIVE_RECORD",
        f"A record used{case.place} of {case.subject} is inactive in NetSuite: {case.refusal.sentence}",
        field=case.refusal.path,
        value=case.refusal.sentence[:120],
    )


def _customer(case: _Case) -> HubError:
    value = case.value or "given"
    return case.needs_person(
        "ERP_CUSTOMER_REFUSED",
        f"NetSuite does not take customer {value} on {case.subject}: it is missing, inactive, or not for this "
        "subsidiary.",
        field=case.field or case.refusal.path,
        value=case.value,
    )


def _reference(case: _Case) -> HubError:
    value = case.value or "a value"
    if case.field.lower() == "item" and case.place:
        return case.needs_person(
            "ERP_ITEM_REFUSED",
            f"NetSuite does not take item {value}{case.place} of {case.subject}: it is missing, inactive, or not for "
            "this subsidiary.",
            field=case.refusal.path,
            value=value,
        )
    if case.field.lower() == _CUSTOMER_FIELD:
        return _customer(case)
    if case.field.lower() == "currency" and case.subject.kind in _ON_CUSTOMERS:
        return case.needs_person(
            "ERP_CUSTOMER_CURRENCY",
            f"The customer of {case.subject} does not trade in the order's currency in NetSuite.",
            field="currency",
            value=case.subject.name,
        )
    return case.needs_person(
        "ERP_INVALID_REFERENCE",
        f"NetSuite does not take {value} as {case.field}{case.place} of {case.subject}: it is missing, inactive, or "
        "not for this customer or subsidiary.",
        field=case.field,
        value=case.value,
    )


def _missing(case: _Case) -> HubError:
    return case.needs_person(
        "ERP_MISSING_FIELD",
        f"NetSuite wants a value for {case.field} on {case.subject}.",
        field=case.field,
        value=case.field,
    )


def _too_long(case: _Case) -> HubError:
    return case.needs_person(
        "ERP_TOO_LONG",
        f"The text for {case.field} on {case.subject} is too long for NetSuite: {case.refusal.sentence}",
        field=case.field,
        value=case.field,
    )


def _unknown_field(case: _Case) -> HubError:
    return case.needs_person(
        "ERP_UNKNOWN_FIELD",
        f"NetSuite has no field {case.field} on {case.subject.kind} records, or the role may not see it.",
        field=case.refusal.path or case.field,
        value=case.field,
    )


def _bad_value(case: _Case) -> HubError:
    return case.needs_person(
        "ERP_INVALID_VALUE",
        f"NetSuite does not take a value on {case.subject}: {case.refusal.sentence}",
        field=case.refusal.path,
        value=case.refusal.sentence[:120],
    )


_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[_Case], HubError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), build)
    for pattern, build in (
        (r"\b(?:record|entity|item) already exists", _exists),
        (r"transaction number|document number|\btranid\b", _number),
        (r"locked by a user defined workflow", _workflow),
        (r"accounting period|(?:closed|locked) period|period (?:is|has been) (?:closed|locked)", _period),
        (r"record has been changed", _changed),
        (r"\binactive\b", _inactive),
        (r"Invalid Field Value (?P<value>.*?) for the following field: (?P<field>[\w .]+)", _reference),
        (r"Invalid (?P<field>[\w. \[\]]+?) reference key(?: (?P<value>[\w-]+))?", _reference),
        (r"enter value\(s\) for: (?P<field>[^.]+)", _missing),
        (r"field (?P<field>\w+) contain\w* more than the maximum number", _too_long),
        (r"Field '(?P<field>\w+)' for record '\w+' was not found", _unknown_field),
        (r"Unknown (?:reference or )?field(?: name)?:? '?(?P<field>[\w.]+)", _unknown_field),
        (r"Record '(?P<field>\w+)' was not found", _hidden_record),
        (r"permission violation|not have permission|permission to (?:perform|set|access)", _permission),
        (r"Transaction type specified is incorrect|record instance does not exist", _not_found),
        (r"Invalid URL|valid e-?mail|Invalid value for the resource", _bad_value),
    )
)
"""NetSuite's sentences, the first match counts. Wordings: error catalogue of the tests."""
