"""Names people read."""

from __future__ import annotations

import pytest

from canonical.parties import Address, Customer
from canonical.payments import Transaction
from tests.canonical.making import Coin, line


@pytest.mark.parametrize(("address", "name"), [
    (Address(first_name="Ada", last_name="Lovelace", company="Engines"), "Ada Lovelace"),
    (Address(last_name="Lovelace"), "Lovelace"), (Address(company="Engines"), "Engines"), (Address(), ""),
])  # fmt: skip
def test_the_name_on_an_address(address: Address, name: str) -> None:
    assert address.name == name


@pytest.mark.parametrize(("customer", "name"), [
    (Customer(source_id="1", first_name="Ada", last_name="Lovelace", display_name="A. L."), "Ada Lovelace"),
    (Customer(source_id="1", display_name="A. L.", email="ada@example.com"), "A. L."),
    (Customer(source_id="1", email="ada@example.com"), "ada@example.com"),
])  # fmt: skip
def test_the_name_of_a_customer(customer: Customer, name: str) -> None:
    assert customer.name == name


def test_a_line_is_named_with_its_variant() -> None:
    assert line(Coin(), "1", "TEE-RED", 1, "25.00", title="Tee", variant_title="Red").label == "Tee - Red"
    assert line(Coin(), "1", "TEE", 1, "25.00", title="Tee").label == "Tee"


@pytest.mark.parametrize(("status", "succeeded"), [("SUCCESS", True), ("FAILURE", False), ("PENDING", False)])
def test_only_a_success_moved_money(status: str, succeeded: bool) -> None:
    transaction = Transaction(
        source_id="1", kind="SALE", status=status, gateway="cash", gateway_name="Cash", amount=Coin().bag("5.00"),
        processed_at=None,
    )  # fmt: skip
    assert transaction.succeeded is succeeded
