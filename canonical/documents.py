"""What the hub asks an ERP to write: documents with every reference already resolved, and what came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from canonical.extra import Extras
from canonical.naming import PLAIN, AddressStyle
from canonical.parties import Address
from canonical.stages import DocumentStage

Day = date
"""`date` under a name that no field of a document has."""


class DocumentKind(StrEnum):
    """Kinds of ERP records the hub writes. The value stands in links and external ids."""

    SALES_ORDER = "sales_order"
    INVOICE = "invoice"
    CASH_SALE = "cash_sale"
    CREDIT_MEMO = "credit_memo"
    CUSTOMER = "customer"

    @property
    def words(self) -> str:
        """As people call it: "sales order"."""
        return self.value.replace("_", " ")


SALES_DOCUMENTS = (DocumentKind.SALES_ORDER, DocumentKind.INVOICE, DocumentKind.CASH_SALE)
"""What an order can become: it has one document, of one of these kinds."""


class LineKind(StrEnum):
    """The component a document line belongs to; the tie-out adds up by it."""

    GOODS = "goods"
    DISCOUNT = "discount"
    SHIPPING = "shipping"
    GIFT_CARD = "gift_card"
    TIP = "tip"
    DUTY = "duty"
    FEE = "fee"
    TAX = "tax"
    TAX_VARIANCE = "tax_variance"
    CASH_ROUNDING = "cash_rounding"
    ROUNDING = "rounding"
    COMMENT = "comment"


class TaxStrategy(StrEnum):
    """How the tax Shopify computed gets into the ERP document (a choice per connection)."""

    TAX_DETAILS = "tax_details"
    TAX_LINE = "tax_line"
    TAX_CODES = "tax_codes"


@dataclass(frozen=True, slots=True)
class Ref:
    """A record of the ERP: its internal id and the name a person knows it by."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTax:
    """One tax amount on one line, as given by Shopify. `rate` is in percent; amounts in document currency."""

    code: Ref
    tax_type: Ref | None
    rate: Decimal
    basis: Decimal
    amount: Decimal
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line of a sales document. `amount` is net of tax in the document's currency (negative for discounts);
    `rate` x `quantity` equals `amount` after rounding. `tax` is Shopify's tax on this line, whatever the strategy."""

    kind: LineKind
    item: Ref
    amount: Decimal
    description: str = ""
    quantity: Decimal | None = None
    rate: Decimal | None = None
    location: Ref | None = None
    source_id: str = ""
    tax: Decimal = Decimal(0)
    taxes: tuple[DocumentTax, ...] = ()
    tax_code: Ref | None = None
    tax_code_rate: Decimal | None = None
    extra: Extras = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesDocument:
    """The document of an order, ready to be written: a sales order, an invoice or a cash sale, by `kind`.

    `total` is what it must come to, in `currency`; `exchange_rate` is what one unit of `currency` is worth in the
    shop's own (the ERP multiplies with it). `due_date` is for invoices: None leaves it to the terms. `number`
    is what the document is to be called; empty leaves that to the ERP. `promotions` are named on it and
    take nothing off it: discounts are lines.
    """

    external_id: str
    source_id: str
    order_name: str
    customer: Ref
    currency: str
    date: date
    lines: tuple[DocumentLine, ...]
    total: Decimal
    tax_strategy: TaxStrategy
    po_number: str = ""
    memo: str = ""
    source_url: str = ""
    exchange_rate: Decimal | None = None
    subsidiary: Ref | None = None
    location: Ref | None = None
    department: Ref | None = None
    classification: Ref | None = None
    sales_rep: Ref | None = None
    terms: Ref | None = None
    payment_method: Ref | None = None
    ship_method: Ref | None = None
    shipping_cost: Decimal = Decimal(0)
    billing: Address | None = None
    shipping: Address | None = None
    style: AddressStyle = PLAIN
    email: str = ""
    approved: bool = True
    promotions: tuple[Ref, ...] = ()
    warnings: tuple[str, ...] = ()
    extra: Extras = field(default_factory=dict)
    kind: DocumentKind = DocumentKind.SALES_ORDER
    due_date: Day | None = None
    number: str = ""

    @property
    def line_count(self) -> int:
        """Lines that carry an amount: what the ERP counts when it is read back."""
        return sum(line.kind is not LineKind.COMMENT for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDocument:
    """A customer to create in the ERP from the hub's template.

    `parent` is the customer it belongs to, one that may have to be created first. `same_as` is the key under which
    all shops of a connection know this buyer ("" when nothing but the external id does). `tax_id` goes into the ERP's
    field `tax_id_field`.
    """

    external_id: str
    source_id: str
    name: str
    is_person: bool
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    currency: str = ""
    subsidiary: Ref | None = None
    terms: Ref | None = None
    price_level: Ref | None = None
    category: Ref | None = None
    tax_exempt: bool = False
    tax_id: str = ""
    tax_id_field: str = ""
    parent: Ref | CustomerDocument | None = None
    same_as: str = ""
    billing: Address | None = None
    shipping: Address | None = None
    extra: Extras = field(default_factory=dict)
    style: AddressStyle = PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRef:
    """A record that exists in the ERP. `recovered` is True when it was found rather than newly created."""

    kind: DocumentKind
    id: str
    external_id: str = ""
    number: str = ""
    recovered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """A document read back from the ERP in bulk; `total` in document currency, `line_count` of main lines only,
    `stage` None when it was not asked for or is not known. `customer_name` and `date` (as the ERP writes it) only where
    a person looked the document up by its number."""

    id: str
    kind: str
    external_id: str
    number: str
    other_number: str
    status: str
    total: Decimal | None
    line_count: int | None = None
    customer_id: str = ""
    currency_id: str = ""
    stage: DocumentStage | None = None
    customer_name: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAddress:
    """An address of a customer in the ERP; `names` is whoever it is addressed to."""

    names: tuple[str, ...] = ()
    address1: str = ""
    address2: str = ""
    city: str = ""
    zip: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCustomer:
    """A customer read from the ERP. `name` is the number or name it is known by there, `names` its company's and
    person's name; `addresses` are filled only where they were searched for."""

    id: str
    name: str
    external_id: str = ""
    email: str = ""
    phone: str = ""
    subsidiary_id: str = ""
    inactive: bool = False
    is_person: bool = False
    names: tuple[str, ...] = ()
    tax_id: str = ""
    addresses: tuple[FoundAddress, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """An item read from the ERP. `kind` is the ERP's item type (InvtPart, OthCharge, Discount ...)."""

    id: str
    sku: str
    name: str = ""
    kind: str = ""
    inactive: bool = False
    income_account_id: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """One row of reference data for a mapping form: location, term, ship method, tax code ..."""

    kind: str
    id: str
    name: str
    code: str = ""
    inactive: bool = False
    extra: dict[str, str] = field(default_factory=dict)
