"""Who an order is from: the same buyer is the same customer the next time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from canonical.orders import Order
from canonical.parties import Address, Company, Customer
from mappings.identities import Identity, e164, identity_of, normal_email
from tests.canonical.making import ADA, HOME, order_1001

ACME = Company(
    source_id="5", name="Acme Retail LLC", location_id="6", location_name="Acme Albany", tax_exempt=True
)


def buyer(**values: Any) -> Identity:
    found = identity_of(order_1001(**values))
    assert found is not None
    return found


def guest(**values: Any) -> Order:
    return order_1001(**{"customer": None, **values})


@pytest.mark.parametrize(("phone", "country", "number"), [
    ("(212) 555-0101", "US", "+12125550101"), ("+1 212 555 0101", "DE", "+12125550101"),
    ("0221 123456", "DE", "+49221123456"),
    ("2125550101", "", ""), ("ring me", "US", ""), ("12", "US", ""), ("", "US", ""),
])  # fmt: skip
def test_phone_numbers_in_one_form(phone: str, country: str, number: str) -> None:
    assert e164(phone, country) == number


def test_emails_in_one_form() -> None:
    assert normal_email("  Ada@Example.COM ") == "ada@example.com"


def test_a_customer() -> None:
    identity = buyer(customer=replace(ADA, email="ADA@example.com ", phone="212-555-0101", tax_exempt=True))
    assert identity == Identity(
        source_id="7", name="Ada Lovelace", first_name="Ada", last_name="Lovelace", email="ada@example.com",
        phone="+12125550101", country="US", tax_exempt=True,
    )  # fmt: skip
    assert (identity.shown, identity.is_person) == ("ada@example.com", True)


def test_a_customer_without_a_name_has_that_of_the_address() -> None:
    identity = buyer(customer=Customer(source_id="7"), email="", billing=replace(HOME, company="Engines"))
    assert (identity.name, identity.first_name, identity.last_name, identity.company) == (
        "Ada Lovelace", "Ada", "Lovelace", "Engines",
    )  # fmt: skip
    nobody = buyer(customer=Customer(source_id="7"), email="", billing=None, shipping=None)
    assert (nobody.name, nobody.first_name, nobody.company, nobody.country) == ("Customer 7", "", "", "")
    assert nobody.shown == "Customer 7"


def test_the_orders_email_and_phones_stand_in() -> None:
    assert buyer(customer=replace(ADA, email="")).email == "ada@example.com"
    assert buyer(phone="212 555 0102").phone == "+12125550102"
    assert buyer(billing=replace(HOME, phone="212 555 0103")).phone == "+12125550103"
    assert buyer(billing=None, shipping=replace(HOME, phone="212 555 0104")).phone == "+12125550104"
    assert buyer(phone="none", billing=replace(HOME, phone="212 555 0105")).phone == "+12125550105"


def test_the_phone_a_present_goes_to_is_not_the_buyers() -> None:
    assert buyer(shipping=replace(HOME, first_name="Grace", phone="212 555 0106")).phone == ""


def test_a_company_is_its_location_and_never_its_contact() -> None:
    identity = buyer(company=ACME)
    assert identity == Identity(
        source_id="loc-6", name="Acme Retail LLC - Acme Albany", is_person=False,
        company="Acme Retail LLC - Acme Albany", country="US", tax_exempt=True,
    )  # fmt: skip


def test_a_company_with_one_place_has_its_own_name() -> None:
    assert buyer(company=replace(ACME, location_name="Acme Retail LLC")).name == "Acme Retail LLC"
    only = buyer(company=replace(ACME, location_id="", location_name=""), shipping=None, billing=None)
    assert (only.source_id, only.name, only.country) == ("company-5", "Acme Retail LLC", "")


class TestGuests:
    """Known by e-mail, else phone, else only by the order."""

    def of(self, **values: Any) -> Identity | None:
        return identity_of(guest(**values))

    def test_one_email_is_one_customer(self) -> None:
        one, two = self.of(email="Eve@example.com"), self.of(email="eve@example.com ", source_id="1002")
        assert one is not None
        assert two is not None
        assert one.source_id == two.source_id == "guest-d0574c4966d2c3261936"
        assert (one.name, one.email, one.first_name) == ("Ada Lovelace", "eve@example.com", "Ada")

    def test_without_an_email_the_phone(self) -> None:
        identity = self.of(email="", phone="+1 212 555 0101", shipping=None, billing=None)
        assert identity is not None
        assert (identity.source_id, identity.name) == ("guest-d07578de05941bac37d7", "+12125550101")

    def test_with_a_name_only_the_order(self) -> None:
        identity = self.of(email="", tax_exempt=True)
        assert identity is not None
        assert (identity.source_id, identity.name, identity.tax_exempt) == (
            "order-1001",
            "Ada Lovelace",
            True,
        )

    def test_an_email_only(self) -> None:
        identity = self.of(shipping=None, billing=None)
        assert identity is not None
        assert (identity.name, identity.last_name, identity.company) == ("ada@example.com", "", "")

    @pytest.mark.parametrize("place", [None, Address(country="US")])
    def test_nobody(self, place: Address | None) -> None:
        assert self.of(email="", shipping=place, billing=place) is None
