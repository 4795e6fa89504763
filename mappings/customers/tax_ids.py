"""Tax registration ids in one form: the same business writes its number with dots, blanks or a country before it."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[^A-Z0-9]")
_PREFIXES = {"GR": ("EL", "GR"), "GB": ("GB", "XI"), "CH": ("CHE", "CH")}
"""Prefixes other than the country's own code: Greece writes EL, Northern Ireland XI, Switzerland CHE."""
_ENDINGS = {"CH": ("MWST", "TVA", "IVA"), "NO": ("MVA",)}
"""What stands behind the number where the register says so."""


def bare_tax_id(text: str) -> str:
    """Letters and digits in upper case."""
    return _SIGNS.sub("", text.upper())


def normal_tax_id(text: str, country: str) -> str:
    """The number without signs and without the prefix and ending of its country (ISO alpha-2): `DE 123.456.789` and
    `123456789` are one in Germany. The prefix of another country stays, so that two countries never mix."""
    bare = bare_tax_id(text)
    for prefix in _PREFIXES.get(country, (country,)):
        if country and bare.startswith(prefix) and any(c.isdigit() for c in bare[len(prefix) :]):
            bare = bare[len(prefix) :]
            break
    for ending in _ENDINGS.get(country, ()):
        bare = bare.removesuffix(ending)
    return bare


def spellings(text: str, country: str) -> list[str]:
    """How the number may stand in the ERP, without signs: as given, and with and without prefixes and endings."""
    number = normal_tax_id(text, country)
    if not number:
        return []
    prefixes = ("", *_PREFIXES.get(country, (country,)))
    endings = ("", *_ENDINGS.get(country, ()))
    return list(dict.fromkeys([bare_tax_id(text), *(p + number + e for p in prefixes for e in endings)]))
