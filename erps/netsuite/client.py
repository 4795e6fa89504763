"""Requests to one NetSuite account: headers, signing, renewal after a refusal, and what an answer means."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from typing import Any

from common.errors import CredentialsExpired, HubError, NeedsPerson, NotExecuted, Retryable, UnknownOutcome
from common.http import Answer, Client
from erps.netsuite.account import Account, check_address
from erps.netsuite.auth import Credentials
from erps.netsuite.errors import Subject, classify
from erps.netsuite.wire import encode

WRITE_SECONDS = 120.0
READ_SECONDS = 60.0
PAGE = 1000
MAX_OFFSET_ROWS = 100_000
BUSY_PAUSES = (0.4, 0.8, 1.6)
"""Seconds (times a random 0.5 to 1.5) before a request refused by the concurrency limit is sent again in place."""
_CREATED_ID = re.compile(r"/(\d+)/?$")
_BASE_HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "X-NetSuite-PropertyNameValidation": "Error",
    "X-NetSuite-PropertyValueValidation": "Error",
}
_QUERY_HEADERS = {"Accept": "application/json", "Content-Type": "application/json", "Prefer": "transient"}


class NetSuiteClient:
    """Sends requests and turns every answer into a value or a classified error. Safe to use from several threads."""

    def __init__(self, account: Account, credentials: Credentials, http: Client) -> None:
        self.account = account
        self._credentials = credentials
        self._http = http

    def create(self, record: str, body: dict[str, Any], subject: Subject) -> str:
        """POST a new record; returns its internal id.

        Raises AlreadyExists, UnknownOutcome, NotExecuted, Retryable (locks) or NeedsPerson.
        """
        answer = self._send(
            "POST", f"/record/v1/{record}", body=encode(body), headers=_BASE_HEADERS, seconds=WRITE_SECONDS,
            subject=subject, creating=True,
        )  # fmt: skip
        match = _CREATED_ID.search(answer.headers.get("Location", ""))
        if match is None:
            raise UnknownOutcome(
                "ERP_ERROR", f"NetSuite did not say which record {subject} became.", detail=answer.text[:500]
            )
        return match.group(1)

    def update(
        self, record: str, record_id: str, body: dict[str, Any], subject: Subject, *, replace: str = ""
    ) -> None:
        """PATCH a record; `replace` names the sublist that is replaced by what is sent.

        Raises UnknownOutcome, NotExecuted, Retryable (locks) or NeedsPerson.
        """
        query = f"?replace={replace}" if replace else ""
        try:
            self._send(
                "PATCH", f"/record/v1/{record}/{record_id}{query}", body=encode(body), headers=_BASE_HEADERS,
                seconds=WRITE_SECONDS, subject=subject, creating=True,
            )  # fmt: skip
        except UnknownOutcome as error:
            raise UnknownOutcome(
                error.code,
                f"NetSuite did not answer while it changed {subject}. It may have changed it all the same.",
                detail=error.detail,
            ) from error

    def get(self, path: str, subject: Subject, *, accept: str = "application/json") -> Any:
        """GET a JSON document of the REST services by its path (`/system/v1/serverTime`)."""
        answer = self._send(
            "GET", path, body=None, headers={"Accept": accept}, seconds=READ_SECONDS, subject=subject,
            creating=False,
        )  # fmt: skip
        return _json(answer, subject)

    def page(self, query: str, subject: Subject, *, offset: int = 0) -> tuple[list[dict[str, str]], bool]:
        """One page of up to 1000 SuiteQL rows, and whether more follow. Keys are lower case, nulls are left out."""
        answer = self._send(
            "POST", f"/query/v1/suiteql?limit={PAGE}&offset={offset}", body=encode({"q": query}),
            headers=_QUERY_HEADERS, seconds=READ_SECONDS, subject=subject, creating=False,
        )  # fmt: skip
        body = _json(answer, subject)
        return list(body.get("items", [])), bool(body.get("hasMore"))

    def query(self, query: str, subject: Subject) -> list[dict[str, str]]:
        """All rows of a query of at most 100,000 rows (beyond that SuiteQL stops; use `query_by_key`)."""
        rows: list[dict[str, str]] = []
        for offset in range(0, MAX_OFFSET_ROWS, PAGE):
            page, more = self.page(query, subject, offset=offset)
            rows.extend(page)
            if not more:
                return rows
        raise NeedsPerson(
            "ERP_TOO_MANY_ROWS", f"NetSuite holds more than {MAX_OFFSET_ROWS:,} {subject.kind} rows.",
            value=subject.kind,
        )  # fmt: skip

    def query_by_key(self, template: str, subject: Subject, *, key: str = "id") -> Iterator[dict[str, str]]:
        """Any number of rows, paged by key: `template` holds `{after}` where the comparison value goes and orders
        by the key, which every row must have."""
        after = -(10**9)
        while True:
            rows, more = self.page(template.format(after=after), subject)
            yield from rows
            if not rows or not more:
                return
            after = max(int(row[key]) for row in rows)

    def renew(self) -> None:
        """Get a new token now."""
        self._credentials.renew()

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None,
        headers: dict[str, str],
        seconds: float,
        subject: Subject,
        creating: bool,
    ) -> Answer:
        """Send until there is an answer that counts: a 401 renews once, a 429 is sent again after a pause."""
        renewed = False
        pauses = iter(BUSY_PAUSES)
        while True:
            signed = self._credentials.headers()
            try:
                answer = self._transmit(method, path, body, {**headers, **signed}, seconds)
            except UnknownOutcome as error:
                raise _doubt(error, subject, creating=creating) from error
            if answer.status < 300:
                return answer
            refusal = classify(answer, subject, creating=creating)
            if isinstance(refusal, CredentialsExpired):
                if renewed or not self._credentials.renew(signed.get("Authorization", "")):
                    raise self._locked_out(refusal)
                renewed = True
                continue
            pause = next(pauses, None) if isinstance(refusal, NotExecuted) else None
            if pause is None:
                raise refusal
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load, hides nothing

    def _transmit(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], seconds: float
    ) -> Answer:
        check_address(self.account.service_url)
        return self._http.send(
            method, self.account.service_url + path, headers=headers, body=body,
            auth=self._credentials.signer(), read_timeout=seconds,
        )  # fmt: skip

    def _locked_out(self, error: HubError) -> NeedsPerson:
        return NeedsPerson(
            "ERP_LOGIN", f"NetSuite refused the sign-in of {self.account.name}.", value=self.account.name,
            detail=error.detail,
        )  # fmt: skip


def _doubt(error: UnknownOutcome, subject: Subject, *, creating: bool) -> Retryable:
    """A lost answer: doubt when something was being created, just another try when it was a read."""
    if creating:
        return UnknownOutcome(
            error.code, f"NetSuite did not answer while it created {subject}. It may be there all the same.",
            detail=error.detail,
        )  # fmt: skip
    return Retryable(error.code, f"NetSuite did not answer while it read {subject}.", detail=error.detail)


def _json(answer: Answer, subject: Subject) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise Retryable(
            "ERP_ERROR", f"NetSuite's answer about {subject} cannot be read.", detail=answer.text[:500]
        ) from error
