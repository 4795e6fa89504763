"""NetSuite behind the port of `erps.port`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from canonical.additions import Additions
from canonical.crediting import Billing, CreditDocument
from canonical.documents import (
    CustomerDocument,
    DocumentKind,
    DocumentLine,
    FoundCustomer,
    FoundDocument,
    FoundItem,
    RecordRef,
    ReferenceData,
    SalesDocument,
)
from canonical.parties import Address
from canonical.stages import DocumentDifference, DocumentStage, DocumentState
from common.causes import cause
from common.checks import Check
from common.errors import NeedsPerson, NotExecuted
from common.http import Client
from erps.models import AuthKind, ErpConnection
from erps.netsuite import (
    connection_check,
    crediting,
    customer_lookups,
    lookups,
    record_fields,
    states,
    suiteql,
)
from erps.netsuite.account import Account
from erps.netsuite.amending import addition_body, amendment_body, closing_body, refuse_used
from erps.netsuite.auth import ClientCredentials, Credentials, TokenBased, TokenStore
from erps.netsuite.client import NetSuiteClient
from erps.netsuite.customer_lookups import CustomerSearch
from erps.netsuite.customers import currencies_of, customer_body
from erps.netsuite.documents import RECORDS, document_body, line_names
from erps.netsuite.errors import Subject
from erps.netsuite.extra_fields import in_words_of_its_mapping
from erps.netsuite.fitting import fitting_notes
from erps.netsuite.metadata import Features, read_features
from erps.netsuite.reference_data import listing
from erps.slots import one_slot

SYSTEM = "NetSuite"
ITEMS_AT_ONCE = 200
MOST_AT_ONCE = 200
"""Connections kept open at most: the highest concurrency limit a connection may be given."""
RELEARN_SECONDS = 60.0
"""For so long an account that lacks a feature is not asked again: thousands of orders may meet the same lack."""
_PAGES = {
    DocumentKind.SALES_ORDER: "/app/accounting/transactions/salesord.nl?id=",
    DocumentKind.INVOICE: "/app/accounting/transactions/custinvc.nl?id=",
    DocumentKind.CASH_SALE: "/app/accounting/transactions/cashsale.nl?id=",
    DocumentKind.CUSTOMER: "/app/common/entity/custjob.nl?id=",
    DocumentKind.CREDIT_MEMO: "/app/accounting/transactions/custcred.nl?id=",
}


def _subject(ref: RecordRef) -> Subject:
    return Subject(ref.kind.replace("_", " "), ref.number or ref.external_id or ref.id)


class NetSuiteAdapter:
    """One NetSuite account. `currencies` maps ISO codes to internal ids and `features` says what the account has
    switched on; what is not given is read once with the first look-up. Safe to use from several threads."""

    def __init__(
        self,
        account: Account,
        store: TokenStore,
        *,
        currencies: Mapping[str, str] | None = None,
        features: Features | None = None,
    ) -> None:
        self.account = account
        http = Client(SYSTEM, pool=MOST_AT_ONCE)
        credentials: Credentials = (
            TokenBased(account)
            if account.auth_kind == AuthKind.TBA
            else ClientCredentials(account, http, store)
        )
        self._http = http
        self._client = NetSuiteClient(account, credentials, http)
        self._currencies = dict(currencies or {})
        self._features = features
        self._learning = threading.Lock()
        self._relearn_from = 0.0

    def close(self) -> None:
        """Close pooled connections."""
        self._http.close()

    # ------------------------------------------------------------------------------------------- what it is

    def check(self) -> list[Check]:
        """Try everything the hub needs, within one request slot; what was found out is stored on the connection.

        Raises nothing: failures are lines.
        """
        connection = ErpConnection.objects.get(pk=self.account.connection_id)
        try:
            with one_slot(connection):
                result = connection_check.run(self._client)
        except NotExecuted as busy:
            return [Check(name="Sign in", ok=False, detail=busy.message, fix=cause(busy.code).fix)]
        if result.capabilities:
            ErpConnection.objects.filter(pk=connection.pk).update(capabilities=result.capabilities)
            self._features = Features.of(result.capabilities) or self._features
        return result.checks

    def reference(self, kind: str) -> Iterable[ReferenceData]:
        """All rows of one kind of reference data, paged to the end."""
        if kind in record_fields.FIELD_KINDS:
            return record_fields.listing(self._client, kind)
        return listing(self._client, kind, oneworld=self._known_features().oneworld)

    def record_url(self, ref: RecordRef) -> str:
        """Deep link to a record in NetSuite's pages."""
        return f"{self.account.pages_url}{_PAGES[ref.kind]}{ref.id}"

    def renew(self) -> None:
        """Get a new access token now."""
        self._client.renew()

    # ------------------------------------------------------------------------------------------- look-ups

    def find_documents(
        self, external_ids: Sequence[str], order_names: Sequence[str] = ()
    ) -> list[FoundDocument]:
        """Transactions by external id, and hand-typed sales orders by number; one request for up to 500 of each."""
        self._learn()
        found: dict[str, FoundDocument] = {}
        for start in range(0, max(len(external_ids), len(order_names)), suiteql.IN_LIST):
            part = slice(start, start + suiteql.IN_LIST)
            query = lookups.documents_query(external_ids[part], order_names[part])
            for row in self._rows(query, "transaction"):
                found[row["id"]] = lookups.document(row)
        return list(found.values())

    def list_documents(
        self, prefixes: Sequence[str], *, since: datetime | None, after: str
    ) -> tuple[list[FoundDocument], str]:
        """Up to 1,000 transactions by prefix of their external id, paged by internal id."""
        query = lookups.listing_query(prefixes, since, after)
        rows, more = self._client.page(query, Subject("transaction"))
        return [lookups.document(row) for row in rows], rows[-1]["id"] if more else ""

    def existing(self, ids: Sequence[str]) -> frozenset[str]:
        """Which of these internal ids are transactions."""
        found = (self._rows(lookups.existing_query(part), "transaction") for part in suiteql.chunks(ids))
        return frozenset(row["id"] for rows in found for row in rows)

    def find_by_number(self, number: str) -> list[FoundDocument]:
        """Sales orders, invoices and cash sales by their own number."""
        self._learn()
        return [lookups.document(row) for row in self._rows(lookups.number_query(number), "transaction")]

    def read_back(self, ids: Sequence[str]) -> list[FoundDocument]:
        """Totals and line counts of written documents, one request for up to 500."""
        rows: list[dict[str, str]] = []
        for part in suiteql.chunks(ids):
            rows.extend(self._rows(lookups.read_back_query(part), "transaction"))
        return [lookups.document(row) for row in rows]

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
        """Customers by any of these, inactive ones included; phones by their last seven digits, addresses by zip."""
        wanted = CustomerSearch(
            tuple(external_ids), tuple(emails), tuple(phones), tuple(ids), tuple(numbers), tuple(tax_ids),
            tax_id_field,
        )  # fmt: skip
        oneworld = self._known_features().oneworld
        found: dict[str, FoundCustomer] = {}
        for part in wanted.parts():
            for row in self._rows(customer_lookups.customers_query(part, oneworld=oneworld), "customer"):
                found[row["id"]] = customer_lookups.customer(row)
        for start in range(0, len(places), suiteql.IN_LIST):
            query = customer_lookups.places_query(places[start : start + suiteql.IN_LIST], oneworld=oneworld)
            for row in self._rows(query, "customer"):
                known = found.get(row["id"]) or customer_lookups.customer(row)
                address = customer_lookups.address(row)
                found[row["id"]] = replace(known, addresses=(*known.addresses, address))
        return list(found.values())

    def search_customers(self, text: str, limit: int = 20) -> list[FoundCustomer]:
        """Customers whose number, name, company or e-mail holds the text, active ones first."""
        query = customer_lookups.search_query(text, limit, oneworld=self._known_features().oneworld)
        return [customer_lookups.customer(row) for row in self._rows(query, "customer")]

    def find_items(self, skus: Sequence[str]) -> list[FoundItem]:
        """For every SKU the items that answer to it; `FoundItem.sku` is the SKU as it was asked."""
        rows: list[dict[str, str]] = []
        for part in suiteql.chunks(list(dict.fromkeys(skus)), ITEMS_AT_ONCE):
            rows.extend(self._rows(lookups.items_query(part), "item"))
        return lookups.items_for(rows, skus)

    def find_charge_items(self, account_ids: Sequence[str]) -> list[FoundItem]:
        """Other-charge items that post to one of the income accounts."""
        found: list[FoundItem] = []
        for part in suiteql.chunks(account_ids):
            rows = self._rows(lookups.charge_items_query(part), "item")
            found.extend(lookups.item(row) for row in rows)
        return found

    def _rows(self, query: str, record: str) -> list[dict[str, str]]:
        """Rows of a query; none for the empty one."""
        return self._client.query(query, Subject(record)) if query else []

    # ------------------------------------------------------------------------------------------- writes

    def create_document(self, document: SalesDocument) -> RecordRef:
        """POST the document with its external id. Raises AlreadyExists, UnknownOutcome, NotExecuted, Retryable or
        NeedsPerson; after ERP_REFUSED look the record up once, a script may have failed after it was saved."""
        subject = Subject(document.kind.words, document.order_name, line_names(document))
        body = self.document_payload(document)
        try:
            record_id = self._client.create(RECORDS[document.kind], body, subject)
        except NeedsPerson as error:
            raise in_words_of_its_mapping(error, document) from error
        return RecordRef(kind=document.kind, id=record_id, external_id=document.external_id)

    def read_document(self, ref: RecordRef) -> DocumentState:
        """One document in full, by its internal id; at stage `missing` when it is not there."""
        record, subject = RECORDS[ref.kind], _subject(ref)
        try:
            body = self._client.get(f"/record/v1/{record}/{ref.id}?expandSubResources=true", subject)
        except NeedsPerson as error:
            if error.code != "ERP_NOT_FOUND":
                raise
            return DocumentState(id=ref.id, stage=DocumentStage.MISSING)
        return states.document_state(record, body)

    def changed_since(self, state: DocumentState, body: Mapping[str, Any]) -> tuple[DocumentDifference, ...]:
        """Header fields that were sent and every line, compared with what NetSuite shows now."""
        return states.changed_since(state, body)

    def amend_document(
        self, ref: RecordRef, document: SalesDocument, written: Mapping[str, Any]
    ) -> RecordRef:
        """PATCH an open order with all of its lines (`replace=item`): the same once or twice."""
        subject = Subject("sales order", document.order_name, line_names(document))
        refuse_used(self.read_document(ref), subject)
        body = amendment_body(self.document_payload(document), written)
        try:
            self._client.update("salesOrder", ref.id, body, subject, replace="item")
        except NeedsPerson as error:
            raise in_words_of_its_mapping(error, document) from error
        return ref

    def addition_payload(
        self,
        document: SalesDocument,
        state: DocumentState,
        before: Sequence[DocumentLine],
        additions: Additions,
    ) -> dict[str, Any]:
        """Rows with keys close, rows without are added; tax details are sent for all lines, old and new."""
        added = self.document_payload(replace(document, lines=additions.add)) if additions.add else {}
        return addition_body(state, before, additions.close, added)

    def extend_document(self, ref: RecordRef, payload: Mapping[str, Any]) -> None:
        """PATCH without `replace`: what has no key is added."""
        self._client.update(RECORDS[ref.kind], ref.id, dict(payload), _subject(ref))

    def billings(self, ref: RecordRef) -> tuple[Billing, ...]:
        """The invoices and cash sales made from a sales order, or the invoice itself: two queries and one read each."""
        return crediting.billings(ref, self._rows, lambda path: self._client.get(path, _subject(ref)))

    def credit_payload(self, document: CreditDocument) -> dict[str, Any]:
        """Every line of the invoice is named: what is not credited at nothing."""
        return crediting.credit_body(document, self._known_features())

    def create_credit(self, document: CreditDocument) -> RecordRef:
        """POST `invoice/{id}/!transform/creditMemo` with the external id; errors as of `create_document`."""
        subject = Subject(
            "credit memo", document.order_name, tuple(e.line.description for e in document.lines)
        )
        path = f"invoice/{document.billing.id}/!transform/creditMemo"
        record_id = self._client.create(path, self.credit_payload(document), subject)
        return RecordRef(kind=DocumentKind.CREDIT_MEMO, id=record_id, external_id=document.external_id)

    def close_lines(self, ref: RecordRef, keys: Sequence[str]) -> DocumentState:
        """Close some lines nothing was shipped or billed of."""
        return self._close(ref, keys)

    def close_document(self, ref: RecordRef) -> DocumentState:
        """Close every line of a document nothing was shipped or billed of."""
        return self._close(ref, None)

    def _close(self, ref: RecordRef, keys: Sequence[str] | None) -> DocumentState:
        state = self.read_document(ref)
        body = closing_body(state, keys, _subject(ref))
        if body is None:
            return state
        self._client.update(RECORDS[ref.kind], ref.id, body, _subject(ref))
        return self.read_document(ref)

    def create_customer(self, document: CustomerDocument) -> RecordRef:
        """POST the customer with its external id; the same errors as `create_document`."""
        currency_id = self._currency_id(document.currency) if document.currency else ""
        body = customer_body(document, currency_id, self._known_features())
        try:
            record_id = self._client.create("customer", body, Subject("customer", document.name))
        except NeedsPerson as error:
            raise in_words_of_its_mapping(error, document) from error
        return RecordRef(
            kind=DocumentKind.CUSTOMER,
            id=record_id,
            external_id=document.external_id,
            number=str(body["entityId"]),
        )

    def add_customer_currency(self, customer_id: str, currency: str) -> None:
        """Let a customer trade in one more currency (ISO code); one it has already is left as it is. Raises NeedsPerson
        (no such currency, no such customer, the account keeps one currency per customer)."""
        currency_id = self._currency_id(currency)
        subject = Subject("customer", customer_id)
        known = self._client.get(f"/record/v1/customer/{customer_id}?expandSubResources=true", subject)
        if currency_id in currencies_of(known):
            return
        body = {"currencyList": {"items": [{"currency": {"id": currency_id}}]}}
        self._client.update("customer", customer_id, body, subject)

    def document_payload(self, document: SalesDocument) -> dict[str, Any]:
        """The exact body that would be sent. Raises NeedsPerson (currency, tax choice, approval the account lacks)."""
        return document_body(
            document, self.account, self._currency_id(document.currency), self._known_features()
        )

    def fitting_notes(self, document: SalesDocument) -> tuple[str, ...]:
        """Texts that are shortened or left out, a sentence each."""
        return fitting_notes(document)

    # ------------------------------------------------------------------------------------------- what it knows

    def _learn(self) -> None:
        """Read what bodies need to know of the account, once."""
        self._known_features()
        if not self._currencies:
            self._read_currencies()

    def _known_features(self) -> Features:
        if self._features is None:
            with self._learning:
                if self._features is None:
                    self._features = read_features(self._client)
        return self._features

    def relearn(self) -> bool:
        """Read the account's features again, at most once in RELEARN_SECONDS; True when they changed."""
        with self._learning:
            if time.monotonic() < self._relearn_from:
                return False
            self._relearn_from = time.monotonic() + RELEARN_SECONDS
            before, self._features = self._features, read_features(self._client)
            return self._features != before

    def _read_currencies(self) -> None:
        with self._learning:
            rows = self._client.query("SELECT id, symbol FROM currency ORDER BY id", Subject("currency"))
            self._currencies = {row["symbol"]: row["id"] for row in rows if "symbol" in row}

    def _currency_id(self, code: str) -> str:
        """Internal id of an ISO code; a code not known yet is asked for once more."""
        if code not in self._currencies:
            self._read_currencies()
        try:
            return self._currencies[code]
        except KeyError as error:
            raise NeedsPerson(
                "ERP_CURRENCY", f"{self.account.name} has no currency {code}.", field="currency", value=code
            ) from error
