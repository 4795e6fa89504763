"""How alerts say things: figures, spans, instants, and texts of others on one harmless line."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal

from shops.models import Shop
from syncflows.admin.labels import local, money

LONGEST = 300


def one_line(text: str, limit: int = LONGEST) -> str:
    """A text on one line without control and direction characters, cut to a length: nothing in the name of an order can
    add a header to a mail or a line to a message."""
    plain = "".join(
        " " if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char for char in text
    )
    plain = " ".join(plain.split())
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


def orders(count: int) -> str:
    """`1 order`, `5,000 orders`."""
    return f"{count:,} order{'' if count == 1 else 's'}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: `3 h 10 min`, `2 d`, `45 min`; less than a minute is `0 min`."""
    minutes = int(length.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(parts[:2]) or "0 min"


def moment(at: datetime, zone: str = "UTC") -> str:
    """An instant in a zone, which is named: `20 Nov 2026 07:00 (America/New_York)`."""
    return f"{local(at, zone)} ({zone})"


def amounts(totals: dict[str, Decimal]) -> str:
    """Amounts by currency: `4,812.40 USD, 12,000 JPY`, with plain spaces."""
    shown = (money(amount, currency) for currency, amount in sorted(totals.items()) if currency)
    return ", ".join(shown).replace("\u00a0", " ")


def of(shop: Shop) -> str:
    """The shop's name on one line."""
    return one_line(shop.name, 100)
