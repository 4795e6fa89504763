"""Bill-to addresses in one form, and whether a customer of the ERP is the one an address is for."""

from __future__ import annotations

from canonical.documents import FoundAddress, FoundCustomer
from canonical.parties import Address


def normal(text: str) -> str:
    """Without case and with single blanks."""
    return " ".join(text.split()).casefold()


def _place(address: Address | FoundAddress) -> tuple[str, ...]:
    return (
        normal(address.address1),
        normal(address.address2),
        normal(address.city),
        normal(address.zip).replace(" ", ""),
        address.country.upper(),
    )


def names_on(address: Address) -> set[str]:
    """The person and the company an address is for."""
    person = normal(f"{address.first_name} {address.last_name}")
    return {name for name in (person, normal(address.company)) if name}


def searchable(address: Address | None) -> bool:
    """Whether an address says enough to find a customer by: a name, a street and a town."""
    return bool(
        address and names_on(address) and address.address1.strip() and (address.city or address.zip).strip()
    )


def lives_at(customer: FoundCustomer, address: Address) -> bool:
    """Whether a customer has this very address, and every name on it is on theirs or is their own."""
    own = {normal(name) for name in customer.names}
    return any(
        _place(known) == _place(address) and names_on(address) <= own | {normal(name) for name in known.names}
        for known in customer.addresses
    )


def place_key(address: Address) -> str:
    """One text for one buyer at one address."""
    return "|".join([*sorted(names_on(address)), *_place(address)])
