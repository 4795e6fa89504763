"""Orders nobody thought of: specifications for the sandbox's builder, drawn from a source of chance.

Every amount is made as Shopify makes it: prices, allocated discounts and taxes are rounded on their own in each of
the two currencies, by line; nothing is made to come out even.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

Json = dict[str, Any]
Pair = tuple[Decimal, Decimal]
"""An amount in shop money and in presentment money."""

EXPONENTS = {"USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "JPY": 0, "KWD": 3}
WORTH = {"USD": "1", "EUR": "1.1", "GBP": "1.25", "CAD": "0.73", "JPY": "0.0065", "KWD": "3.25"}
TAXES = {
    "NY": "0.0825", "State": "0.04", "City": "0.045", "District": "0.00375", "VAT": "0.20", "GST": "0.05",
    "QST": "0.09975", "CT": "0.10", "Zero rate": "0",
}  # fmt: skip
GOODS = ("TEE", "MUG", "HOODIE", "CAP", "SOCKS", "POSTER", "BOTTLE", "STICKER", "BAG", "NOTEBOOK")
SHARES = ("0.1", "0.15", "0.3333", "0.5", "1")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Market:
    """Where an order is sold: the shop's currency, the customer's, the rate between them, and whether prices
    include tax."""

    shop: str
    seen: str
    rate: Decimal
    included: bool

    def pair(self, amount: Decimal) -> Pair:
        """An amount of shop money, and what the customer is shown for it."""
        return _round(amount, self.shop), _round(amount * self.rate, self.seen)

    def each(self, pair: Pair, factor: Decimal) -> Pair:
        """A share of both amounts, each rounded by itself."""
        return _round(pair[0] * factor, self.shop), _round(pair[1] * factor, self.seen)

    def text(self, pair: Pair) -> Any:
        """As specifications write an amount."""
        return str(pair[0]) if self.shop == self.seen else [str(pair[0]), str(pair[1])]


def _round(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-EXPONENTS[currency]), rounding=ROUND_HALF_UP)


def times(pair: Pair, count: int) -> Pair:
    return pair[0] * count, pair[1] * count


def minus(left: Pair, right: Pair) -> Pair:
    return left[0] - right[0], left[1] - right[1]


@dataclass
class Line:
    """A line while the order is drawn: what it costs after discounts, and which of the order's taxes it bears."""

    title: str
    spec: Json
    price: Pair
    quantity: int
    left: Pair
    bears: list[bool]
    changeable: bool = True


@dataclass
class Drawing:
    """One order being drawn."""

    chance: Random
    market: Market
    name: str
    titles: list[str] = field(default_factory=list)
    discounts: list[Json] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def amount(self, most: int) -> Pair:
        """An amount of up to so many smallest units, in both currencies."""
        unit = Decimal(1).scaleb(-EXPONENTS[self.market.shop])
        return self.market.pair(unit * self.chance.randint(0, most))

    def bears(self, share: float) -> list[bool]:
        return [self.maybe(share) for _ in self.titles]

    def tax(self, base: Pair, bears: list[bool]) -> list[Any]:
        """The tax of every tax of the order on a base, null where it does not apply."""
        rates = [Decimal(TAXES[title]) for title in self.titles]
        whole = sum((rate for rate, applies in zip(rates, bears, strict=True) if applies), ZERO)
        inside = 1 + whole if self.market.included else Decimal(1)
        return [
            self.market.text(self.market.each(base, rate / inside)) if applies else None
            for rate, applies in zip(rates, bears, strict=True)
        ]

    # ------------------------------------------------------------------------------------------------ parts

    def sell(self) -> Line:
        """A line of goods, a custom one, a gift card or a tip."""
        title = f"L{len(self.lines) + 1}"
        kind = self.chance.choice(("goods",) * 7 + ("custom", "gift_card", "tip"))
        quantity = 1 if kind == "tip" else self.chance.choice((1, 1, 2, 3, 5, 7, 12, 100))
        price = self.amount(self.chance.choice((0, 99, 2000, 2000, 20000)))
        spec: Json = {"title": title, "qty": quantity, "price": self.market.text(price)}
        bears = self.bears(0.9)
        match kind:
            case "goods":
                spec["sku"] = self.chance.choice(GOODS)
                if self.maybe(0.1):
                    spec["deleted"] = True
            case "custom":
                spec |= {"custom": True, "ships": self.maybe(0.5)}
            case "gift_card":
                spec |= {"sku": "GIFT-50", "gift_card": True}
                bears = [False for _ in self.titles]
            case _:
                spec["tip"] = True
                bears = [False for _ in self.titles]
        if self.maybe(0.15):
            bears = [False for _ in self.titles]
        line = Line(title, spec, price, quantity, times(price, quantity), bears, kind in ("goods", "custom"))
        self.lines.append(line)
        return line

    def discount(self, number: int) -> None:
        """A discount of any kind on the order, on some lines or on one."""
        label, on = f"D{number}", self.chance.choice(("order", "lines", "line"))
        spec: Json = {"on": on, "percent": "10"} if self.maybe(0.5) else {"on": on, "amount": "5"}
        kind = self.chance.choice(("code", "automatic", "manual", "script"))
        spec |= {"code": label} if kind == "code" else {"title": label}
        if kind in ("automatic", "script"):
            spec[kind] = True
        open_lines = [line for line in self.lines if line.changeable]
        if not open_lines:
            return
        self.discounts.append(spec)
        share = Decimal(self.chance.choice(SHARES))
        for line in [self.chance.choice(open_lines)] if on == "line" else open_lines:
            if on == "lines" and self.maybe(0.4):
                continue
            taken = self.market.each(line.left, share)
            line.left = minus(line.left, taken)
            line.spec.setdefault("disc", {})[label] = self.market.text(taken)

    def shipping(self, number: int) -> Json:
        price = self.amount(2000)
        code = self.chance.choice(("standard", "express"))
        spec: Json = {"code": code, "price": self.market.text(price), "title": f"S{number}"}
        left = price
        if self.maybe(0.3):
            label = f"F{number}"
            self.discounts.append({"title": label, "percent": "50", "on": "shipping", "automatic": True})
            taken = self.market.each(price, Decimal(self.chance.choice(SHARES)))
            left = minus(price, taken)
            spec["disc"] = {label: self.market.text(taken)}
        return spec | {"tax": self.tax(left, self.bears(0.6))}

    def fee(self, **spec: Any) -> Json:
        """A fee or a duty: a price with tax on it."""
        price = self.amount(900)
        return spec | {"price": self.market.text(price), "tax": self.tax(price, self.bears(0.4))}

    # ------------------------------------------------------------------------------------------------ edits

    def edit(self, number: int) -> Json:
        """One edit: each line is changed once at most, so that no share of a share has to be guessed."""
        change: Json = {}
        for line in [line for line in self.lines if line.changeable and self.maybe(0.4)]:
            line.changeable = False
            what = self.chance.choice(("remove", "raise", "discount"))
            change.setdefault(what, {})[line.title] = self._change(line, what, number)
        if self.maybe(0.4):
            line = self.sell()
            line.spec["tax"] = self.tax(line.left, line.bears)
            change["add"] = [line.spec]
        return {"edit": change}

    def _change(self, line: Line, what: str, number: int) -> Any:
        if what == "remove":
            return self.chance.randint(1, line.quantity)
        if what == "raise":
            by = self.chance.randint(1, 5)
            tax = self.tax(times(line.price, by), line.bears)
            return {"by": by, "tax": tax, "price": self.market.text(line.price)}
        taken = self.market.each(line.left, Decimal(self.chance.choice(SHARES)))
        before, after = self.tax(line.left, line.bears), self.tax(minus(line.left, taken), line.bears)
        less = [_less(old, new) for old, new in zip(before, after, strict=True) if old is not None]
        return {"title": f"E{number}-{line.title}", "amount": self.market.text(taken), "tax": less}


def _less(old: Any, new: Any) -> Any:
    """What a tax goes down by, as specifications write it."""
    if isinstance(old, list):
        return [str(Decimal(a) - Decimal(b)) for a, b in zip(old, new, strict=True)]
    return str(Decimal(old) - Decimal(new))


def market(chance: Random, shop: str = "", included: bool | None = None) -> Market:
    """A pair of currencies; the customer's is the shop's own in three of five cases."""
    own = shop or chance.choice(tuple(EXPONENTS))
    seen = own if chance.random() < 0.6 else chance.choice(tuple(EXPONENTS))
    jitter = 1 if own == seen else 1 + Decimal(chance.randint(-300, 300)) / 10000
    rate = Decimal(WORTH[own]) / Decimal(WORTH[seen]) * jitter
    inside = chance.random() < 0.5 if included is None else included
    return Market(own, seen, rate, inside)


def order_spec(chance: Random, sold_in: Market, name: str, *, lines: int = 8) -> Json:
    """A specification of an order of up to so many lines."""
    drawing = Drawing(chance, sold_in, name)
    drawing.titles = chance.sample(tuple(TAXES), chance.choice((0, 1, 1, 2, 3)))
    for _ in range(chance.randint(1, lines)):
        drawing.sell()
    for number in range(chance.choice((0, 0, 1, 1, 2, 3))):
        drawing.discount(number)
    for line in drawing.lines:
        line.spec["tax"] = drawing.tax(line.left, line.bears)
        if line.changeable and drawing.maybe(0.1):
            line.spec["duties"] = [drawing.fee() for _ in range(chance.randint(1, 2))]
    placed = [line.spec for line in drawing.lines]
    shipping = [drawing.shipping(number) for number in range(chance.choice((0, 1, 1, 1, 2)))]
    spec: Json = {
        "name": name, "created": "2026-11-16T10:00:00Z", "customer": "ada", "presentment": sold_in.seen,
        "taxes": [{"title": title, "rate": TAXES[title]} for title in drawing.titles],
        "lines": placed, "shipping": shipping,
        "fees": [drawing.fee(name=f"Fee {number}") for number in range(chance.choice((0, 0, 0, 1, 2)))],
    }  # fmt: skip
    if drawing.maybe(0.15):
        unit = Decimal(1).scaleb(-EXPONENTS[sold_in.shop])
        rounding = sold_in.pair(unit * chance.randint(-2, 2))
        spec["payments"] = [{"gateway": "cash", "amount": "1", "rounding": sold_in.text(rounding)}]
    if drawing.maybe(0.35):
        spec["then"] = [drawing.edit(number) for number in range(chance.randint(1, 3))]
        if shipping and drawing.maybe(0.3):
            spec["then"].append({"edit": {"shipping": [{"remove": 0}]}})
    return spec | {"discounts": drawing.discounts}
