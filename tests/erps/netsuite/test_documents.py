from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents import LineKind, Ref, TaxStrategy
from canonical.parties import Address
from common.errors import NeedsPerson
from erps.netsuite.account import Account
from erps.netsuite.documents import document_body, line_names, other_number
from erps.netsuite.metadata import Features
from tests.erps.making import ADA, charge, discount, goods, sales_order, tax
from tests.erps.netsuite.given import data

SUITETAX = Features(suitetax=True, oneworld=True, taxable_flag=False)
LEGACY = Features(suitetax=False, oneworld=True, taxable_flag=True)
CODES = TaxStrategy.TAX_CODES


def _body(account: Account, features: Features = SUITETAX, **changes: Any) -> dict[str, Any]:
    return document_body(sales_order(**changes), account, "1", features)


def test_an_order_is_written_as_the_reference_payload(account: Account) -> None:
    body = _body(
        account,
        location=Ref("6"),
        ship_method=Ref("801"),
        shipping_cost=Decimal("7.90"),
        lines=(goods("39.90", rate=Decimal("19.95")), discount()),
        billing=replace(ADA, address2="", phone=""),
    )
    assert body["item"]["items"][0] == {
        "item": {"id": "501"},
        "price": {"id": "-1"},
        "quantity": Decimal(2),
        "rate": Decimal("19.95"),
        "amount": Decimal("39.90"),
        "description": "T-shirt M",
        "location": {"id": "6"},
        "custcol_shp_line_id": "14455667788990",
    }
    known = data("sales_order_create.json")["request"]["body"]
    known["shippingAddress"].pop("attention")
    for name in (
        "otherRefNum",
        "memo",
        "tranDate",
        "shippingAddress",
        "billingAddress",
        "location",
        "custbody_shp_order_id",
    ):
        assert body[name] == known[name], name
    assert body["shippingCost"] == Decimal("7.90")
    assert set(known) - set(body) == set()
    assert set(body) - set(known) == {"toBeEmailed", "custbody_shp_order_url", "taxDetailsOverride"}


def test_every_line_asks_for_the_custom_price_and_carries_rate_and_amount(account: Account) -> None:
    for line in _body(account)["item"]["items"]:
        assert line["price"] == {"id": "-1"}
        assert {"rate", "amount"} <= set(line)


def test_a_discount_line_has_no_quantity_and_its_amount_as_rate(account: Account) -> None:
    line = _body(account)["item"]["items"][1]
    assert "quantity" not in line
    assert line["rate"] == line["amount"] == Decimal("-5.00")


def test_no_customer_gets_a_second_confirmation(account: Account) -> None:
    assert _body(account, email="ada@example.com")["toBeEmailed"] is False


@pytest.mark.parametrize(("approved", "status"), [(True, "B"), (False, "A")])
def test_approval(account: Account, approved: bool, status: str) -> None:
    assert _body(account, approved=approved)["orderStatus"] == {"id": status}


def test_a_ship_method_always_comes_with_its_cost(account: Account) -> None:
    assert _body(account, ship_method=Ref("801"))["shippingCost"] == Decimal(0)
    assert "shippingCost" not in _body(account)
    assert _body(account, shipping_cost=Decimal("4.00"))["shippingCost"] == Decimal("4.00")


def test_the_po_number_goes_before_the_orders_name_and_is_cut_by_rule() -> None:
    assert other_number(sales_order()) == "#1001"
    assert other_number(sales_order(po_number="PO 77")) == "PO 77"
    assert other_number(sales_order(po_number="P" * 60)) == "P" * 45


def test_what_is_mapped_is_referred_to(account: Account) -> None:
    body = _body(
        account, subsidiary=Ref("1"), department=Ref("2"), classification=Ref("3"), terms=Ref("4"),
        exchange_rate=Decimal("1.25"),
    )  # fmt: skip
    assert body["subsidiary"] == {"id": "1"}
    assert body["department"] == {"id": "2"}
    assert body["class"] == {"id": "3"}
    assert body["terms"] == {"id": "4"}
    assert body["exchangeRate"] == Decimal("1.25")
    assert "subsidiary" not in _body(
        account, Features(suitetax=True, oneworld=False, taxable_flag=False), subsidiary=Ref("1")
    )


def test_promotions_are_listed_where_the_account_has_them(account: Account) -> None:
    named = (Ref("43", "Newsletter"), Ref("45", "Friends"))
    with_them = replace(SUITETAX, promotions=True)
    assert _body(account, with_them, promotions=named)["promotions"] == {
        "items": [{"promoCode": {"id": "43"}}, {"promoCode": {"id": "45"}}]
    }
    assert "promotions" not in _body(account, with_them)
    assert "promotions" not in _body(account, SUITETAX, promotions=named)


def test_custom_fields_are_those_of_the_connection(account: Account) -> None:
    body = _body(replace(account, order_id_field="custbody_mine", order_url_field="", line_id_field=""))
    assert body["custbody_mine"] == "6123456789012"
    assert [name for name in body if name.startswith("custbody")] == ["custbody_mine"]
    assert not [name for name in body["item"]["items"][0] if name.startswith("custcol")]


def test_addresses_are_cut_to_what_netsuite_takes(account: Account) -> None:
    body = _body(
        account,
        shipping=Address(
            first_name="A" * 60, last_name="B" * 60, company="C" * 100, address1="S" * 200, city="T" * 60,
            province="13", province_name="東京都", zip="100-0001", country="JP", phone="1" * 40,
        ),
    )  # fmt: skip
    assert body["shippingAddress"] == {
        "addressee": "C" * 82 + "…",
        "attention": "A" * 60 + " " + "B" * 21 + "…",
        "addr1": "S" * 149 + "…",
        "city": "T" * 49 + "…",
        "state": "東京都",
        "zip": "100-0001",
        "addrPhone": "1" * 32,
        "country": {"id": "JP"},
    }


def test_an_empty_address_is_left_out(account: Account) -> None:
    body = _body(account, billing=Address(), shipping=None)
    assert "billingAddress" not in body
    assert "shippingAddress" not in body


def test_text_is_composed_and_free_of_control_characters(account: Account) -> None:
    body = _body(account, memo="e\u0301\x00\nx", email="not\x07 an address" + "x" * 300)
    assert body["memo"] == "é x"
    assert "email" not in body


# --------------------------------------------------------------------------------------------------- tax


def test_tax_details_tie_shopifys_tax_to_the_lines(account: Account) -> None:
    body = _body(
        account,
        tax_strategy=TaxStrategy.TAX_DETAILS,
        lines=(goods(taxes=(tax("45.00", "3.71"),)), discount(), charge(LineKind.SHIPPING, "701", "5.95")),
    )
    assert body["taxDetailsOverride"] is True
    assert [line.get("taxDetailsReference") for line in body["item"]["items"]] == ["L1", None, None]
    assert body["taxDetails"] == {
        "items": [
            {
                "taxDetailsReference": {"id": "L1"},
                "taxType": {"id": "1"},
                "taxCode": {"id": "902"},
                "taxBasis": Decimal(45),
                "taxRate": Decimal("8.25"),
                "taxAmount": Decimal("3.71"),
            }
        ]
    }
    known = data("sales_order_create_suitetax.json")["request"]["body"]["taxDetails"]["items"][0]
    assert set(body["taxDetails"]["items"][0]) == set(known)


def test_two_taxes_of_a_line_share_its_reference(account: Account) -> None:
    body = _body(
        account,
        tax_strategy=TaxStrategy.TAX_DETAILS,
        lines=(discount(), goods(taxes=(tax("50.00", "2.00"), tax("50.00", "0.50")))),
    )
    assert [row["taxDetailsReference"]["id"] for row in body["taxDetails"]["items"]] == ["L2", "L2"]


def test_a_tax_line_keeps_the_accounts_own_tax_engine_out(account: Account) -> None:
    assert _body(account, SUITETAX)["taxDetailsOverride"] is True
    legacy = _body(account, LEGACY)
    assert legacy["isTaxable"] is False
    assert "taxDetailsOverride" not in legacy


def test_tax_codes_stand_on_the_lines(account: Account) -> None:
    body = _body(
        account,
        LEGACY,
        tax_strategy=CODES,
        lines=(
            goods(tax_code=Ref("902")),
            discount(tax_code=Ref("902")),
            charge(LineKind.TIP, "706", "3.00"),
        ),
    )
    assert [line.get("taxCode") for line in body["item"]["items"]] == [{"id": "902"}, {"id": "902"}, None]
    assert [line.get("isTaxable") for line in body["item"]["items"]] == [None, None, False]
    assert "isTaxable" not in body


def test_where_documents_have_no_taxable_mark_none_is_sent(account: Account) -> None:
    vat = Features(suitetax=False, oneworld=True, taxable_flag=False)
    assert "isTaxable" not in _body(account, vat)
    lines = (goods(tax_code=Ref("904")), charge(LineKind.TIP, "706", "3.00"))
    body = _body(account, vat, tax_strategy=CODES, lines=lines)
    assert [line.get("isTaxable") for line in body["item"]["items"]] == [None, None]


@pytest.mark.parametrize(
    ("email", "sent"),
    [
        ("ada@example.com", "ada@example.com"),
        (" ünï@bücher.example ", None),
        ("ada@example", None),
        ("Ada <ada@example.com>", None),
        ("a b@example.com", None),
        ("x" * 250 + "@example.com", None),
        ("ada+tag.o'neil@mail.example.co.uk", "ada+tag.o'neil@mail.example.co.uk"),
    ],
)
def test_an_email_netsuite_would_refuse_does_not_hold_up_the_order(
    account: Account, email: str, sent: str | None
) -> None:
    assert _body(account, email=email).get("email") == sent


@pytest.mark.parametrize(
    ("strategy", "features", "sentence"),
    [
        (
            TaxStrategy.TAX_DETAILS,
            LEGACY,
            "gives tax details, but this NetSuite account does not use SuiteTax.",
        ),
        (CODES, SUITETAX, "puts tax codes on lines, but this NetSuite account uses SuiteTax."),
    ],
)
def test_a_tax_choice_that_does_not_fit_the_account_is_said_so(
    account: Account, strategy: TaxStrategy, features: Features, sentence: str
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        _body(account, features, tax_strategy=strategy)
    assert caught.value.code == "ERP_TAX_SETUP"
    assert caught.value.message == "The connection's tax choice " + sentence


def test_lines_are_named_for_error_sentences() -> None:
    assert line_names(sales_order()) == ("TEE", "Shopify discount", "701", "711")
