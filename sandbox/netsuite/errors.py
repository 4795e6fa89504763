"""The error answers of the REST services, in the wording real accounts were seen to give.

Shapes: NetSuite REST help, section "Error handling"; wordings marked "composed" below were not
found in public and only follow the pattern of the others.
"""

from __future__ import annotations

from typing import Any

PREFIX = "Error while accessing a resource. "
LOGIN_DETAIL = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
    "Setup > Users/Roles > User Management > View Login Audit Trail."
)
_RFC = "https://www.rfc-editor.org/rfc/rfc9110.html#section-"
_TYPES = {
    400: (_RFC + "15.5.1", "Bad Request"),
    401: (_RFC + "15.5.2", "Unauthorized"),
    403: (_RFC + "15.5.4", "Forbidden"),
    404: (_RFC + "15.5.5", "Not Found"),
    405: (_RFC + "15.5.6", "Method Not Allowed"),
    429: ("https://www.rfc-editor.org/rfc/rfc6585.html#section-4", "Bad Request"),
    500: (_RFC + "15.6.1", "Internal Server Error"),
}


class RestError(Exception):
    """An answer other than 2xx. `where` is one of o:errorPath, o:errorQueryParam, o:errorHeader, o:errorUrl."""

    def __init__(self, status: int, code: str, detail: str, where: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.where = where or {}
        self.headers: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        """The JSON body of this answer."""
        kind, title = _TYPES[self.status]
        details = {"detail": self.detail, **self.where, "o:errorCode": self.code}
        return {"type": kind, "title": title, "status": self.status, "o:errorDetails": [details]}


def user_error(sentence: str, path: str | None = None) -> RestError:
    """400 USER_ERROR: what business rules answer."""
    return RestError(400, "USER_ERROR", PREFIX + sentence, {"o:errorPath": path} if path else None)


def invalid_reference(value: object, field: str, path: str) -> RestError:
    """400 for a reference that does not exist, is inactive or does not fit; observed wording."""
    sentence = f"You have entered an Invalid Field Value {value} for the following field: {field}."
    return RestError(400, "INVALID_CONTENT", PREFIX + sentence, {"o:errorPath": path})


def invalid_value(path: str) -> RestError:
    """400 for a value of the wrong type (composed)."""
    sentence = f"Invalid value for the resource or sub-resource field '{path}'. Provide a valid value."
    return RestError(400, "INVALID_CONTENT", PREFIX + sentence, {"o:errorPath": path})


def unknown_field(path: str) -> RestError:
    """400 for an unknown property when the caller asked for Error (composed)."""
    name = path.rsplit(".", 1)[-1]
    sentence = f"Unknown reference or field name: {name}. Provide a valid field name."
    return RestError(400, "INVALID_CONTENT", PREFIX + sentence, {"o:errorPath": path})


def missing_value(label: str) -> RestError:
    """400 for a mandatory field; observed wording."""
    return user_error(f"Please enter value(s) for: {label}.")


def missing_record() -> RestError:
    """404 for an entity, item or list record that is not there; observed."""
    detail = "The record instance does not exist. Provide a valid record instance ID."
    return RestError(404, "NONEXISTENT_ID", detail)


def missing_transaction() -> RestError:
    """400 for a transaction that is not there or is of another type; observed."""
    return user_error("Transaction type specified is incorrect.")


def missing_type(rectype: str, path: str) -> RestError:
    """404 for a record type the service does not know; observed."""
    return RestError(404, "NONEXISTENT_ID", f"Record type '{rectype}' does not exist.", {"o:errorUrl": path})


def duplicate(group: str) -> RestError:
    """400 for a used externalId; the two observed wordings."""
    return user_error(f"This {'entity' if group == 'entity' else 'record'} already exists.")


def invalid_login() -> RestError:
    """401 for any credential that does not hold."""
    return RestError(401, "INVALID_LOGIN", LOGIN_DETAIL)


def permission(rectype: str) -> RestError:
    """403 when the role may not touch a record type (detail composed)."""
    detail = (
        f"Permission Violation: Your current role does not have permission to perform this action: {rectype}."
    )
    return RestError(403, "INSUFFICIENT_PERMISSION", detail)


def too_many() -> RestError:
    """429 of the account-wide concurrency limit; documented, without Retry-After."""
    detail = "Concurrent request limit exceeded. Request blocked."
    return RestError(429, "CONCURRENCY_LIMIT_EXCEEDED", detail)


def unexpected(error_id: str) -> RestError:
    """500 UNEXPECTED_ERROR."""
    detail = f"An unexpected error occurred. Error ID: {error_id}"
    return RestError(500, "UNEXPECTED_ERROR", detail)


def bad_query(sentence: str) -> RestError:
    """400 of the SuiteQL service; observed wording around the sentence."""
    detail = f"Invalid search query. Detailed unprocessed description follows. {sentence}"
    return RestError(400, "INVALID_PARAMETER", detail, {"o:errorQueryParam": "q"})


def bad_header(name: str, sentence: str) -> RestError:
    """400 for a missing or unusable request header (composed)."""
    return RestError(400, "INVALID_HEADER", sentence, {"o:errorHeader": name})


def bad_parameter(name: str, sentence: str) -> RestError:
    """400 for an unusable query parameter."""
    return RestError(400, "INVALID_QUERY_PARAM", sentence, {"o:errorQueryParam": name})


def bad_request(sentence: str) -> RestError:
    """400 for a body that is no JSON object."""
    return RestError(400, "INVALID_REQUEST", sentence)
