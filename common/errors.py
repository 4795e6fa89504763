"""Errors classified by what to do next. Raised at the edge where the failure is understood, handled in one place.

Every error carries a cause code (see `common.causes`), a sentence for a person in finance or support, and the
facts that fill it in. Detail for engineers (the other side's own words) is kept apart from the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ComponentDifference:
    """One row of a difference shown to a person: what Shopify says, what the document says (major units)."""

    component: str
    shopify: Decimal
    document: Decimal
    currency: str

    @property
    def difference(self) -> Decimal:
        """Shopify minus document."""
        return self.shopify - self.document


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of the other side that a person may choose: id, the name it goes by, and what tells it apart."""

    id: str
    name: str
    email: str = ""
    phone: str = ""
    subsidiary: str = ""
    inactive: bool = False


class HubError(Exception):
    """Base of all classified errors.

    `code` names the cause; `message` is the plain sentence; `field` and `value` are what it is about (the value is
    what errors are grouped by, e.g. a SKU); `detail` is the technical text, never shown first; `candidates` are the
    records a person may choose from.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str = "",
        value: str = "",
        detail: str = "",
        differences: tuple[ComponentDifference, ...] = (),
        candidates: tuple[Candidate, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.value = value
        self.detail = detail
        self.differences = differences
        self.candidates = candidates


class Retryable(HubError):
    """It will try again by itself. `retry_after` is in seconds, None lets the schedule decide."""

    def __init__(
        self, code: str, message: str, *, retry_after: float | None = None, detail: str = "", value: str = ""
    ) -> None:
        super().__init__(code, message, detail=detail, value=value)
        self.retry_after = retry_after


class NotExecuted(Retryable):
    """Retryable, and certain that the other side did nothing (429, throttled, connection refused)."""


class UnknownOutcome(Retryable):
    """The other side may or may not have done it: look before trying again, always with the same external id."""


class NeedsPerson(HubError):
    """Nothing will change until a person does something; `common.causes` says what."""


class AlreadyExists(HubError):
    """A create was refused because a record with that external id or name is there: look it up."""


class Skip(HubError):
    """A rule says this document does not sync. Not a failure."""


class Held(HubError):
    """A rule keeps the document waiting. `hold` names the kind of hold; `until` is when the rules look at it again even
    without news (aware; None: not before there is news)."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hold: str,
        until: datetime | None = None,
        field: str = "",
        value: str = "",
    ) -> None:
        super().__init__(code, message, field=field, value=value)
        self.hold = hold
        self.until = until


class CredentialsExpired(HubError):
    """An access token was refused; renew once and try again."""
