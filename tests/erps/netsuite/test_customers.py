from __future__ import annotations

from dataclasses import replace

import pytest

from canonical.documents import Ref
from canonical.naming import AddressStyle, CountySource
from erps.netsuite.customers import currencies_of, customer_body, entity_id
from erps.netsuite.metadata import Features
from erps.netsuite.texts import address_body
from tests.erps.making import ADA, customer
from tests.erps.netsuite.given import data

SUITETAX = Features(suitetax=True, oneworld=True, taxable_flag=False)


def test_a_customer_is_written_as_the_reference_payload() -> None:
    plain = replace(ADA, address2="", phone="")
    body = customer_body(customer(billing=plain, shipping=plain), "1", SUITETAX)
    known = data("customer_create.json")["request"]["body"]
    known["externalId"] = "shp-main-cust-7788990011"
    known["addressBook"]["items"][0]["label"] = "Shopify"
    assert body == known


def test_two_people_of_one_name_get_two_names() -> None:
    assert entity_id(customer()) == "Ada Example (shp 7788990011)"
    assert entity_id(customer(source_id="5")) == "Ada Example (shp 5)"
    long = entity_id(customer(name="N" * 200))
    assert len(long) == 83
    assert long.endswith("… (shp 7788990011)")
    assert entity_id(customer(name="", email="x@y.z")) == "x@y.z (shp 7788990011)"


@pytest.mark.parametrize(
    ("first", "last", "name", "expected"),
    [
        ("Ada", "Example", "Ada Example", ("Ada", "Example")),
        ("", "", "Ada Maria Example", ("Ada Maria", "Example")),
        ("", "", "Prince", ("-", "Prince")),
        ("Ada", "", "Ada", ("Ada", "-")),
        ("", "", "", ("-", "-")),
        ("A" * 40, "Example", "", ("A" * 31 + "…", "Example")),
    ],
)
def test_a_person_always_has_both_names(first: str, last: str, name: str, expected: tuple[str, str]) -> None:
    body = customer_body(customer(first_name=first, last_name=last, name=name), "1", SUITETAX)
    assert (body["firstName"], body["lastName"]) == expected


def test_a_company() -> None:
    body = customer_body(
        customer(is_person=False, name="Example Ltd", company="Example Ltd", terms=Ref("2"), category=Ref("9"),
                 price_level=Ref("5")),
        "2", SUITETAX,
    )  # fmt: skip
    assert body["companyName"] == "Example Ltd"
    assert body["isPerson"] is False
    assert "firstName" not in body
    assert (body["terms"], body["category"], body["priceLevel"]) == ({"id": "2"}, {"id": "9"}, {"id": "5"})
    assert body["currency"] == {"id": "2"}


def test_two_addresses_are_two_entries_one_bills_and_one_ships() -> None:
    body = customer_body(customer(shipping=replace(ADA, city="Salem")), "1", SUITETAX)
    entries = body["addressBook"]["items"]
    assert [(e["defaultBilling"], e["defaultShipping"]) for e in entries] == [(True, False), (False, True)]
    assert [e["addressBookAddress"]["city"] for e in entries] == ["Boston", "Salem"]


@pytest.mark.parametrize("side", ["billing", "shipping"])
def test_one_address_is_for_both(side: str) -> None:
    body = customer_body(customer(**{"billing": None, "shipping": None, side: ADA}), "1", SUITETAX)
    (entry,) = body["addressBook"]["items"]
    assert (entry["defaultBilling"], entry["defaultShipping"]) == (True, True)


def test_what_is_not_known_is_left_out() -> None:
    body = customer_body(
        customer(billing=None, shipping=None, email="", phone="123", currency="", subsidiary=None),
        "",
        SUITETAX,
    )
    assert set(body) == {"externalId", "entityId", "autoName", "isPerson", "firstName", "lastName"}


def test_an_exempt_customer_where_tax_codes_are_used() -> None:
    legacy = Features(suitetax=False, oneworld=False, taxable_flag=True)
    assert customer_body(customer(tax_exempt=True), "1", legacy)["taxable"] is False
    assert "taxable" not in customer_body(customer(), "1", legacy)
    assert "taxable" not in customer_body(customer(tax_exempt=True), "1", SUITETAX)
    assert "subsidiary" not in customer_body(customer(), "1", legacy)


@pytest.mark.parametrize(("country", "county", "state"), [
    ("US", "auto", "NY"), ("US", "name", "New York"), ("DE", "auto", "New York"), ("DE", "code", "NY"),
])  # fmt: skip
def test_the_state_by_code_or_name(country: str, county: str, state: str) -> None:
    """The county scenarios: the code or the name, by setting."""
    address = replace(ADA, country=country, province="NY", province_name="New York")
    body = address_body(address, AddressStyle(county=CountySource(county)))
    assert body["state"] == state


def test_a_sub_customer_names_its_parent_and_a_company_its_tax_id() -> None:
    body = customer_body(
        customer(parent=Ref("71"), tax_id="DE 1", tax_id_field="vatRegNumber", style=AddressStyle(phones=False),
                 phone="+1 617 555 0100"),
        "1", SUITETAX,
    )  # fmt: skip
    assert (body["parent"], body["vatRegNumber"]) == ({"id": "71"}, "DE 1")
    assert "phone" not in body
    unborn = customer_body(customer(parent=customer(name="Parent")), "1", SUITETAX)
    assert "parent" not in unborn


def test_the_currencies_of_a_record() -> None:
    body = {"currency": {"id": "1"}, "currencyList": {"items": [{"currency": {"id": "3"}}, {}]}}
    assert currencies_of(body) == {"1", "3"}
    assert currencies_of({}) == set()
