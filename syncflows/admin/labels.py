"""How figures, instants and states are written on the people's pages. Everything from an order is escaped."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.html import format_html
from django.utils.safestring import SafeString

from canonical.money import MoneyBag, quantize
from common.clock import now
from syncflows.models import Sync
from syncflows.states import HOLD_HELP, LOOKS, Hold, State

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def money(amount: Decimal | None, currency: str) -> str:
    """An amount in major units at its currency's scale, with the currency: `4,812.40 USD`. Nothing for None.

    The space does not break, so that an amount stays on one line.
    """
    return "" if amount is None else f"{quantize(amount, currency):,}\u00a0{currency}".strip()


def figure(amount: Decimal | None, currency: str) -> str:
    """The same without the currency, for columns that name it in their heading."""
    return "" if amount is None else f"{quantize(amount, currency):,}"


def bag(amounts: MoneyBag | None) -> str:
    """Shop money; presentment money behind it when the customer saw another currency."""
    if amounts is None:
        return ""
    shown = money(amounts.shop.amount, amounts.shop.currency)
    if amounts.presentment.currency == amounts.shop.currency:
        return shown
    return f"{shown} ({money(amounts.presentment.amount, amounts.presentment.currency)})"


def local(instant: datetime, zone: str) -> str:
    """An instant in an IANA zone, to the minute: `20 Nov 2026 09:05`."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%d %b %Y %H:%M")


def instant(value: datetime | None, zone: str) -> SafeString | str:
    """The local time with the zone and the UTC time in the tooltip; a dash for None."""
    if value is None:
        return "-"
    utc = local(value, "UTC")
    return format_html(
        '<time datetime="{}" title="{} · {} UTC">{}</time>', value.isoformat(), zone, utc, local(value, zone)
    )


def age(since: datetime | None) -> str:
    """How long ago, in the largest whole unit: `3 d`, `2 h`, `5 min`, `now`. Nothing for None."""
    if since is None:
        return ""
    seconds = (now() - since).total_seconds()
    return next((f"{int(seconds // size)} {unit}" for size, unit in _STEPS if seconds >= size), "now")


def pill(text: str, colour: str, tooltip: str = "") -> SafeString:
    """A coloured label; `colour` is one of unfold's: info, success, warning, danger, default."""
    return format_html('<span class="hub-pill hub-{}" title="{}">{}</span>', colour, tooltip, text)


def state_words(sync: Sync) -> tuple[str, str, str]:
    """Label, colour and one sentence of help for where an order stands; a hold has its own."""
    state = State(sync.state)
    if state == State.PENDING and sync.hold:
        return Hold(sync.hold).label, "warning", HOLD_HELP[Hold(sync.hold)]
    return state.label, LOOKS[state].colour, LOOKS[state].help


def state_pill(sync: Sync) -> SafeString:
    """The state of an order as a coloured label."""
    return pill(*state_words(sync))


def words(status: str) -> str:
    """Shopify's words in plain writing: `PARTIALLY_REFUNDED` → `Partially refunded`."""
    return status.replace("_", " ").capitalize()
