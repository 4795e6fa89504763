"""The narrow port: what the hub asks of any ERP. Adapters implement it; `erps.registry` finds them.

Calls do HTTP only and touch no database (tokens apart), so that several may run in threads. Failures are the errors
of `common.errors`; `UnknownOutcome` and `AlreadyExists` are answered by the caller with the `find_*` methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from canonical.additions import Additions
from canonical.crediting import Billing, CreditDocument
from canonical.documents import (
    CustomerDocument,
    DocumentLine,
    FoundCustomer,
    FoundDocument,
    FoundItem,
    RecordRef,
    ReferenceData,
    SalesDocument,
)
from canonical.parties import Address
from canonical.stages import DocumentDifference, DocumentState
from common.checks import Check

NOT_SWITCHED_ON = frozenset({"ERP_TAX_SETUP", "ERP_NO_APPROVAL"})
"""Causes that say the account has not switched something on: somebody may have done so since it was asked."""


class ErpAdapter(Protocol):
    """One connection to one ERP account."""

    def check(self) -> list[Check]:
        """Try sign-in, every permission, feature and query the hub needs, within one request slot; what was found is
        stored in the connection's `capabilities`. Raises nothing: failures are lines."""

    def reference(self, kind: str) -> Iterable[ReferenceData]:
        """All rows of one kind of reference data (`erps.models.ReferenceKind`), paged to the end."""

    def find_documents(
        self, external_ids: Sequence[str], order_names: Sequence[str] = ()
    ) -> list[FoundDocument]:
        """Transactions with one of the external ids, plus sales orders without any external id whose other
        reference number is one of `order_names` (typed by hand). One request for up to 500 ids."""

    def list_documents(
        self, prefixes: Sequence[str], *, since: datetime | None, after: str
    ) -> tuple[list[FoundDocument], str]:
        """One page of the transactions whose external id begins with one of the prefixes (and perhaps of some others),
        created on the day of `since` or later (None: all), in the ERP's own order behind the key `after` ("": from the
        first). Returns them with the key of the next page, "" behind the last. One request."""

    def existing(self, ids: Sequence[str]) -> frozenset[str]:
        """Which of these documents, by the ERP's own ids, are there. One request for up to 500."""

    def find_by_number(self, number: str) -> list[FoundDocument]:
        """Sales orders, invoices and cash sales that carry a document number, with customer name and date, for a person
        to link. Compared without case. One request."""

    def find_customers(
        self,
        *,
        external_ids: Sequence[str] = (),
        emails: Sequence[str] = (),
        phones: Sequence[str] = (),
        ids: Sequence[str] = (),
        numbers: Sequence[str] = (),
        tax_ids: Sequence[str] = (),
        tax_id_field: str = "",
        places: Sequence[Address] = (),
    ) -> list[FoundCustomer]:
        """Customers by any of these, inactive ones included (marked). `numbers` are the names or numbers they go by;
        `tax_ids` (letters and digits only) are looked up in the ERP's field `tax_id_field`; customers found by one of
        `places` come with their addresses. Phones, tax ids and places are compared loosely (last digits, whatever
        signs stand between; zip or street): the caller compares exactly."""

    def search_customers(self, text: str, limit: int = 20) -> list[FoundCustomer]:
        """Customers whose number, name, company or e-mail holds a text, for a person to choose from; active ones
        first, at most `limit`."""

    def add_customer_currency(self, customer_id: str, currency: str) -> None:
        """Let a customer trade in one more currency (ISO code). Doing it again changes nothing."""

    def find_items(self, skus: Sequence[str]) -> list[FoundItem]:
        """Items whose item id (or its last matrix part) or UPC is one of the SKUs, compared trimmed and without case,
        inactive ones included. `FoundItem.sku` is the SKU as it was asked; an item found by two SKUs comes twice."""

    def find_charge_items(self, account_ids: Sequence[str]) -> list[FoundItem]:
        """Other-charge items that post to one of the income accounts (for account mappings)."""

    def read_back(self, ids: Sequence[str]) -> list[FoundDocument]:
        """Totals and line counts of written documents, many at once."""

    def create_document(self, document: SalesDocument) -> RecordRef:
        """Create with the document's external id. Raises AlreadyExists, UnknownOutcome, NotExecuted, Retryable
        (locks) or NeedsPerson. After a NeedsPerson the record may still be there, because a script of the account
        failed after it was saved: look it up once before telling anyone."""

    def create_customer(self, document: CustomerDocument) -> RecordRef:
        """Create a customer; the same errors as `create_document`."""

    def document_payload(self, document: SalesDocument) -> dict[str, Any]:
        """The exact body that would be sent: for dry runs and payload hashes. Raises NeedsPerson when the account
        lacks the document's currency, its way of taking tax or its approval (`NOT_SWITCHED_ON`)."""

    def relearn(self) -> bool:
        """Read again what the account has switched on; True when that is something else than before. Asked often it
        answers False without a request."""

    def fitting_notes(self, document: SalesDocument) -> tuple[str, ...]:
        """What of the document's texts the ERP does not take as it is (cut, left out): one sentence each."""

    def read_document(self, ref: RecordRef) -> DocumentState:
        """One document as it is now: stage, lines with what was shipped and billed, header. A document that is not
        there comes back at stage `missing`. One request."""

    def changed_since(self, state: DocumentState, body: Mapping[str, Any]) -> tuple[DocumentDifference, ...]:
        """Where a document is no longer what `body` made of it: somebody changed it in the ERP. No request."""

    def amend_document(
        self, ref: RecordRef, document: SalesDocument, written: Mapping[str, Any]
    ) -> RecordRef:
        """Make an open sales order show `document`: lines are replaced, header fields that `written` (the body sent
        before) had and the new one has not are emptied. Customer, currency, subsidiary, date and external id stay.
        Sending it twice changes nothing more. Raises NeedsPerson ERP_DOCUMENT_IN_USE when something of it was shipped
        or billed, UnknownOutcome and the other errors of `create_document`."""

    def addition_payload(
        self,
        document: SalesDocument,
        state: DocumentState,
        before: Sequence[DocumentLine],
        additions: Additions,
    ) -> dict[str, Any]:
        """The exact body that closes and adds lines; `before` are the lines of `state` as they were sent."""

    def extend_document(self, ref: RecordRef, payload: Mapping[str, Any]) -> None:
        """Send what `addition_payload` made. Sending it twice adds lines twice: after UnknownOutcome read the document
        and wait before it is sent again. The errors of `create_document`."""

    def billings(self, ref: RecordRef) -> tuple[Billing, ...]:
        """Every document that bills this one and was not voided, with its lines, what is open of it and what was
        credited of it already; an invoice or cash sale bills itself. A few requests."""

    def credit_payload(self, document: CreditDocument) -> dict[str, Any]:
        """The exact body that would be sent for a credit. No request."""

    def create_credit(self, document: CreditDocument) -> RecordRef:
        """Create a credit from the bill it names, with its external id: only these lines, at these amounts. The errors
        of `create_document`, and what is there must be looked for in the same way."""

    def close_lines(self, ref: RecordRef, keys: Sequence[str]) -> DocumentState:
        """Close lines that nothing was shipped or billed of; closing twice changes nothing. Returns the document as
        it is then. Raises NeedsPerson ERP_DOCUMENT_IN_USE, ERP_NOT_FOUND."""

    def close_document(self, ref: RecordRef) -> DocumentState:
        """Close every line of a document that nothing was shipped or billed of. A closed one is left as it is.
        Raises NeedsPerson ERP_DOCUMENT_IN_USE, ERP_NOT_FOUND."""

    def record_url(self, ref: RecordRef) -> str:
        """Deep link to a record in the ERP's own pages."""

    def renew(self) -> None:
        """Get a new access token after one was refused."""
