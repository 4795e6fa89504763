"""Every refusal in the catalogue, with the verdict it gives; and more wordings of the same kinds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.causes import CAUSES
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
from erps.netsuite.errors import Subject, classify, place_of
from tests.erps.netsuite.given import data

ORDER = Subject("sales order", "#1001", ("T-shirt", "Mug", "Shopify discount"))
CATALOGUE = {case["name"]: case for case in data("errors_catalogue.json")["cases"]}
VERDICTS: dict[str, tuple[type[HubError], type[HubError], str]] = {
    "invalid_login": (CredentialsExpired, CredentialsExpired, "ERP_LOGIN"),
    "invalid_reference_on_line": (NeedsPerson, NeedsPerson, "ERP_ITEM_REFUSED"),
    "invalid_field_value_user_error": (NeedsPerson, NeedsPerson, "ERP_INVALID_REFERENCE"),
    "missing_mandatory": (NeedsPerson, NeedsPerson, "ERP_MISSING_FIELD"),
    "duplicate_external_id_transaction": (AlreadyExists, AlreadyExists, "ERP_ALREADY_EXISTS"),
    "duplicate_external_id_entity": (AlreadyExists, AlreadyExists, "ERP_ALREADY_EXISTS"),
    "workflow_lock": (Retryable, Retryable, "ERP_WORKFLOW_LOCK"),
    "concurrency": (NotExecuted, NotExecuted, "ERP_BUSY"),
    "idempotency_conflict_async_only": (UnknownOutcome, Retryable, "ERP_ERROR"),
    "unexpected": (UnknownOutcome, Retryable, "ERP_ERROR"),
    "suiteql_bad_field": (NeedsPerson, NeedsPerson, "ERP_UNKNOWN_FIELD"),
}
"""Case: class when something was being created, class when it was only read, code."""


def _answer(status: int, detail: str, code: str = "USER_ERROR", path: str = "") -> Answer:
    first = {"detail": detail, "o:errorCode": code, **({"o:errorPath": path} if path else {})}
    return Answer(status, {}, json.dumps({"status": status, "o:errorDetails": [first]}))


def _refused(detail: str, path: str = "") -> HubError:
    return classify(
        _answer(400, "Error while accessing a resource. " + detail, path=path), ORDER, creating=True
    )


def test_no_case_of_the_catalogue_is_missing() -> None:
    assert set(CATALOGUE) == set(VERDICTS)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_of_the_catalogue(name: str) -> None:
    case, (creating, reading, code) = CATALOGUE[name], VERDICTS[name]
    answer = Answer(case["status"], case.get("headers", {}), json.dumps(case["body"]))
    write, read = classify(answer, ORDER, creating=True), classify(answer, ORDER, creating=False)
    assert (type(write), type(read)) == (creating, reading)
    assert write.code == read.code == code
    assert case["body"]["o:errorDetails"][0]["detail"][:40] in write.detail


@pytest.mark.parametrize(
    "case", data("errors_observed_2026_03.json")["cases"], ids=lambda c: c["request"]["path"]
)
def test_what_is_missing_is_not_found_whatever_the_status(case: dict[str, Any]) -> None:
    error = classify(Answer(case["status"], {}, json.dumps(case["body"])), ORDER, creating=False)
    assert (type(error), error.code) == (NeedsPerson, "ERP_NOT_FOUND")


def test_a_refused_item_names_line_item_and_remedy() -> None:
    error = classify(
        Answer(400, {}, json.dumps(CATALOGUE["invalid_reference_on_line"]["body"])), ORDER, creating=True
    )
    assert error.message == (
        "NetSuite does not take item 9999 on line 1 (T-shirt) of the sales order for #1001: it is missing, inactive, "
        "or not for this subsidiary."
    )
    assert error.value == "9999"


def test_a_refused_reference_names_field_value_and_line() -> None:
    error = classify(
        Answer(400, {}, json.dumps(CATALOGUE["invalid_field_value_user_error"]["body"])), ORDER, creating=True
    )
    assert error.message == (
        "NetSuite does not take 53384 as customer on line 3 (Shopify discount) of the sales order for #1001: it is "
        "missing, inactive, or not for this customer or subsidiary."
    )
    assert (error.field, error.value) == ("customer", "53384")


def test_a_missing_field_is_named() -> None:
    error = _refused("Please enter value(s) for: Primary Subsidiary.")
    assert error.message == "NetSuite wants a value for Primary Subsidiary on the sales order for #1001."
    assert error.value == "Primary Subsidiary"


@pytest.mark.parametrize(
    ("detail", "path", "code"),
    [
        (
            "The transaction date you specified is not within the date range of your accounting period.",
            "",
            "ERP_PERIOD_CLOSED",
        ),
        ("You cannot create a transaction in a closed period.", "", "ERP_PERIOD_CLOSED"),
        ("Item OLD-1 is inactive.", "item.items[0].item", "ERP_INACTIVE_RECORD"),
        ("Invalid entity reference key 2101 for subsidiary 2.", "", "ERP_CUSTOMER_REFUSED"),
        ("Customer 2101 is inactive.", "entity", "ERP_CUSTOMER_REFUSED"),
        ("Invalid location reference key 77 for subsidiary 2.", "", "ERP_INVALID_REFERENCE"),
        ("Invalid terms reference key.", "terms", "ERP_INVALID_REFERENCE"),
        (
            "The field addr1 contained more than the maximum number ( 150 ) of characters allowed.",
            "",
            "ERP_TOO_LONG",
        ),
        (
            "Unknown reference or field name: custbody_x. Provide a valid field name.",
            "custbody_x",
            "ERP_UNKNOWN_FIELD",
        ),
        ("Permission Violation: You need the 'Sales Order' permission.", "", "ERP_PERMISSION"),
        ("Invalid URL. URLs must start with http://, https://, ftp://, or file://.", "", "ERP_INVALID_VALUE"),
        ("Please enter a valid email address.", "email", "ERP_INVALID_VALUE"),
        ("Record has been changed", "", "ERP_RECORD_CHANGED"),
        ("Our own script says no: margin too low.", "", "ERP_REFUSED"),
    ],
)
def test_other_wordings(detail: str, path: str, code: str) -> None:
    assert _refused(detail, path).code == code


def test_what_nobody_knows_is_repeated_word_for_word() -> None:
    error = _refused("Our own script says no: margin too low.")
    assert (
        error.message == "NetSuite refused the sales order for #1001: Our own script says no: margin too low."
    )
    assert type(error) is NeedsPerson


@pytest.mark.parametrize(
    ("status", "code", "kind", "ours"),
    [
        (403, "INSUFFICIENT_PERMISSION", NeedsPerson, "ERP_PERMISSION"),
        (400, "INSUFFICIENT_PERMISSION", NeedsPerson, "ERP_PERMISSION"),
        (409, "RCRD_HAS_BEEN_CHANGED", Retryable, "ERP_RECORD_CHANGED"),
        (400, "DUP_RCRD", AlreadyExists, "ERP_ALREADY_EXISTS"),
        (400, "SSS_REQUEST_LIMIT_EXCEEDED", NotExecuted, "ERP_BUSY"),
        (408, "", UnknownOutcome, "ERP_ERROR"),
        (502, "", UnknownOutcome, "ERP_ERROR"),
    ],
)
def test_codes_and_statuses(status: int, code: str, kind: type[HubError], ours: str) -> None:
    error = classify(_answer(status, "Something", code), ORDER, creating=True)
    assert (type(error), error.code) == (kind, ours)


@pytest.mark.parametrize(
    "body", ["", "<html>Bad gateway</html>", "[]", "null", '{"o:errorDetails": []}', '{"a": 1}']
)
@pytest.mark.parametrize(("status", "kind"), [(400, NeedsPerson), (429, NotExecuted), (500, UnknownOutcome)])
def test_an_answer_nobody_can_read_is_judged_by_its_status(
    body: str, status: int, kind: type[HubError]
) -> None:
    assert type(classify(Answer(status, {}, body), ORDER, creating=True)) is kind


def test_a_table_the_role_may_not_see_is_named() -> None:
    error = _refused("Invalid search query. Search error occurred: Record 'department' was not found.")
    assert (error.code, error.value) == ("ERP_PERMISSION", "department")


def test_the_pause_after_a_429_is_never_the_same_for_everyone() -> None:
    pauses = {
        getattr(classify(Answer(429, {}, ""), ORDER, creating=True), "retry_after", None) for _ in range(20)
    }
    assert len(pauses) > 10
    assert all(pause is not None and 2 <= pause <= 8 for pause in pauses)


def test_a_wait_that_is_asked_for_is_kept() -> None:
    error = classify(Answer(429, {"Retry-After": "30"}, ""), ORDER, creating=True)
    assert isinstance(error, NotExecuted)
    assert error.retry_after is not None
    assert 32 <= error.retry_after <= 38


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("item.items[1].item", " on line 2 (Mug)"),
        ("item.items[7]", " on line 8"),
        ("tranDate", ""),
        ("taxDetails.items[0].taxCode", ""),
        ("", ""),
    ],
)
def test_a_path_becomes_a_place(path: str, place: str) -> None:
    assert place_of(path, ORDER) == place


def test_every_code_has_its_cause() -> None:
    codes = {code for _, _, code in VERDICTS.values()} | {
        "ERP_PERIOD_CLOSED", "ERP_INACTIVE_RECORD", "ERP_TOO_LONG", "ERP_PERMISSION", "ERP_INVALID_VALUE",
        "ERP_RECORD_CHANGED", "ERP_REFUSED", "ERP_NOT_FOUND", "ERP_TAX_SETUP", "ERP_CURRENCY", "ERP_KEY",
        "ERP_ADDRESS_REFUSED", "ERP_TOO_MANY_ROWS", "ERP_CUSTOMER_REFUSED", "ERP_DOCUMENT_IN_USE",
        "ERP_NO_APPROVAL", "ERP_NUMBER_REFUSED",
        "ERP_CUSTOMER_CURRENCY",
    }  # fmt: skip
    assert {code for code in CAUSES if code.startswith("ERP_")} == codes
