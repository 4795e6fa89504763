"""Whose name stands where: choices that decide how names, counties and phones are written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from canonical.parties import Address


class NameSource(StrEnum):
    """Where a name comes from."""

    COMPANY = "company"
    FIRST_LAST = "first_last"
    LAST_FIRST = "last_first"
    NONE = "none"


class CountySource(StrEnum):
    """What stands in the state field: Shopify's province code, its name, or whichever the ERP lists for the country."""

    AUTO = "auto"
    CODE = "code"
    NAME = "name"


def name_by(source: str, first: str, last: str, company: str) -> str:
    """The name a source gives; "" where the parts are missing."""
    parts = {
        NameSource.COMPANY: (company,),
        NameSource.FIRST_LAST: (first, last),
        NameSource.LAST_FIRST: (last, first),
        NameSource.NONE: (),
    }[NameSource(source)]
    return " ".join(part.strip() for part in parts if part.strip())


@dataclass(frozen=True, slots=True)
class AddressStyle:
    """How addresses are written: `contact` names the contact person of an address, `last_first` puts the family name
    first, `county` fills the state, `phones` says whether phone numbers are written at all."""

    contact: NameSource = NameSource.FIRST_LAST
    last_first: bool = False
    county: CountySource = CountySource.AUTO
    phones: bool = True

    def lines(self, address: Address) -> tuple[str, str]:
        """Addressee and contact of an address: the company with its contact, or the person alone. When the contact is
        the company, the person is the addressee."""
        order = NameSource.LAST_FIRST if self.last_first else NameSource.FIRST_LAST
        person = name_by(order, address.first_name, address.last_name, "")
        company = address.company.strip()
        if self.contact == NameSource.COMPANY:
            addressee = person or company
            return addressee, company if company != addressee else ""
        addressee = company or person
        contact = name_by(self.contact, address.first_name, address.last_name, "")
        return addressee, contact if company else ""


PLAIN = AddressStyle()
"""Names as Shopify writes them, states as the ERP lists them."""
