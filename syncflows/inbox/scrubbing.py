"""Taking personal data out of what is stored. Pure: ids, figures, countries and provinces stay.

A value becomes null, as Shopify itself answers for a customer that was erased, so that an order fetched afterwards does
not look changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

ERASED = "[erased]"
_PEOPLE = frozenset(
    {
        "customer", "billingaddress", "shippingaddress", "billing_address", "shipping_address", "destination",
        "addressbook", "defaultaddress", "default_address",
    }
)  # fmt: skip
"""Keys (in lower case) under which every text is somebody's, but for those in _STAY."""
_STAY = frozenset(
    {
        "id", "__typename", "admin_graphql_api_id", "internalid", "externalid", "refname", "country", "countrycode",
        "countrycodev2", "country_code", "province", "provincecode", "province_code", "state", "currency",
    }
)  # fmt: skip
_OWN = frozenset(
    {"email", "phone", "note", "contact_email", "browser_ip", "clientip", "client_details", "memo", "message"}
)
_PAIRS = frozenset({"customattributes", "note_attributes", "properties"})
_SHORTEST = 5
"""Shorter texts are not looked for in sentences: they would be found inside of words."""


def scrubbed(value: Any, *, inside: bool = False) -> Any:
    """A JSON value without personal data; `inside` a part that is all about a person."""
    if isinstance(value, dict):
        return {key: _entry(key, part, inside) for key, part in value.items()}
    if isinstance(value, list):
        return [scrubbed(part, inside=inside) for part in value if not (inside and isinstance(part, str))]
    return None if inside and isinstance(value, str) else value


def _entry(key: str, part: Any, inside: bool) -> Any:
    name = key.lower()
    if name in _PAIRS and isinstance(part, list):
        return [{**pair, "value": ""} if isinstance(pair, dict) else pair for pair in part]
    if name in _STAY and not isinstance(part, (dict, list)):
        return part
    if name in _OWN:
        return None
    return scrubbed(part, inside=inside or name in _PEOPLE)


def names_in(value: Any, *, inside: bool = False) -> Iterator[str]:
    """The personal texts `scrubbed` takes out, and first and last name in a row, to be looked for elsewhere."""
    if isinstance(value, dict):
        if inside:
            pair = [
                value.get("firstName") or value.get("first_name"),
                value.get("lastName") or value.get("last_name"),
            ]
            yield " ".join(part for part in pair if isinstance(part, str) and part)
        for key, part in value.items():
            name = key.lower()
            if name in _STAY and not isinstance(part, (dict, list)):
                continue
            if isinstance(part, str) and (
                name in ("email", "phone", "contact_email") or _telling(name, inside)
            ):
                yield part
            else:
                yield from names_in(part, inside=inside or name in _PEOPLE)
    elif isinstance(value, list):
        for part in value:
            yield from names_in(part, inside=inside)


def _telling(name: str, inside: bool) -> bool:
    return inside and name in (
        "displayname",
        "emailaddress",
        "phonenumber",
        "address1",
        "address2",
        "name",
        "company",
    )


class Eraser:
    """Takes given texts out of sentences, wherever they stand and however they are written."""

    def __init__(self, texts: Iterable[str]) -> None:
        plain = {text.strip() for text in texts if len(text.strip()) >= _SHORTEST}
        wanted = sorted(
            plain | {quote(text) for text in plain}, key=len, reverse=True
        )  # as in addresses, too
        self._pattern = (
            re.compile("|".join(re.escape(text) for text in wanted), re.IGNORECASE) if wanted else None
        )

    def text(self, text: str) -> str:
        """The sentence with each of them replaced."""
        return self._pattern.sub(ERASED, text) if self._pattern else text

    def anything(self, value: Any) -> Any:
        """The same for every text inside a JSON value."""
        if isinstance(value, dict):
            return {key: self.anything(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.anything(part) for part in value]
        return self.text(value) if isinstance(value, str) else value
