"""Field mappings at work: compiled once for a batch, evaluated for each order, line and new customer.

A mapping that fails stops its order alone, with a cause that names the mapping, its source and the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from canonical.documents import LineKind, SalesDocument
from canonical.extra import Extra
from canonical.money import MoneyPolicy
from canonical.orders import Order
from common.errors import NeedsPerson
from mappings.context import Row
from mappings.fields.catalogue import BY_PATH, Level
from mappings.fields.expressions import Expression, ExpressionError, compiled
from mappings.fields.rules import FieldRule, LookupKind, Missing, Source, TargetType
from mappings.fields.targets import TargetError, typed
from mappings.fields.transforms import Transform, TransformError, is_empty, parse, text_of
from mappings.fields.view import JsonView, ViewSettings, line_view, order_view
from mappings.models import Behaviour

FindRow = Callable[[str, Sequence[str]], Row | None]
"""The row of a value map (`MappingContext.row`): kind, values."""
SHOWN = 120
"""Characters of a value named in a sentence."""
MAPPED_LINES = frozenset({LineKind.GOODS, LineKind.GIFT_CARD, LineKind.TIP})
"""Document lines that stand for a line of the order."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to run. `broken` says why it cannot; then every order it counts for stops."""

    rule: FieldRule
    expression: Expression | None = None
    transforms: tuple[Transform, ...] = ()
    table: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: str = ""


def compile_rule(rule: FieldRule) -> CompiledRule:
    """Parse expression, steps and table of a rule; what is wrong with them stands in `broken`."""
    try:
        expression = compiled(rule.source) if rule.source_kind is Source.EXPRESSION else None
        transforms = parse(rule.transforms)
    except ExpressionError as error:
        return CompiledRule(rule, broken=f"The expression '{_short(rule.source)}' is wrong: {error}.")
    except TransformError as error:
        return CompiledRule(rule, broken=f"The steps are wrong: {error}.")
    if rule.source_kind is Source.FIELD and rule.source not in BY_PATH:
        return CompiledRule(rule, broken=f"There is no field '{_short(rule.source)}' to take a value from.")
    table: dict[str, tuple[str, ...]] = {}
    for value, result in rule.lookup.rows:
        key = value.strip().casefold()
        if result not in table.get(key, ()):
            table[key] = (*table.get(key, ()), result)
    return CompiledRule(rule, expression, transforms, table)


class FieldMapper:
    """The field mappings of one shop for one batch. `gone` are (level, target) the ERP no longer has."""

    def __init__(
        self,
        rules: Iterable[FieldRule],
        settings: ViewSettings,
        find_row: FindRow,
        gone: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        found = [compile_rule(rule) for rule in rules]
        self._by_level = {level: [each for each in found if each.rule.level is level] for level in Level}
        self._settings = settings
        self._find_row = find_row
        self._gone = gone

    def onto_document(self, document: SalesDocument, order: Order, money: MoneyPolicy = "") -> SalesDocument:
        """The document with its further fields; `money` is the side of amounts it is written in, by default the shop's.
        Raises NeedsPerson FIELD_EXPRESSION, FIELD_VALUE, FIELD_LOOKUP or FIELD_GONE."""
        headers, lines = self._by_level[Level.HEADER], self._by_level[Level.LINE]
        if not headers and not lines:
            return document
        view = order_view(order, replace(self._settings, money_policy=money or self._settings.money_policy))
        if headers:
            document = replace(document, extra={**document.extra, **self._values(headers, view, order.name)})
        if not lines:
            return document
        by_id = {row["id"]: line_view(view, row) for row in view["order"]["lines"]}
        return replace(
            document,
            lines=tuple(
                replace(line, extra={**line.extra, **self._values(lines, by_id[line.source_id], order.name)})
                if line.kind in MAPPED_LINES and line.source_id in by_id
                else line
                for line in document.lines
            ),
        )

    def of_customer(self, order: Order) -> dict[str, Extra]:
        """Further fields of the customer created for an order. Raises as `onto_document`."""
        rules = self._by_level[Level.CUSTOMER]
        return self._values(rules, order_view(order, self._settings), order.name) if rules else {}

    def _values(self, rules: Sequence[CompiledRule], view: JsonView, name: str) -> dict[str, Extra]:
        """Values by target. Of several mappings to one field the first whose condition is met counts."""
        found: dict[str, Extra] = {}
        decided: set[str] = set()
        for each in rules:
            target = each.rule.target.casefold()
            if target in decided or not each.rule.condition.met(view):
                continue
            decided.add(target)
            value = self._value(each, view, name)
            if value is not None:
                found[each.rule.target] = value
        return found

    def _value(self, each: CompiledRule, view: JsonView, name: str) -> Extra | None:
        rule = each.rule
        label = _Label(rule, name, view)
        if each.broken:
            raise label.error("FIELD_EXPRESSION", each.broken)
        if (rule.level.value, rule.target.lower()) in self._gone:
            raise label.error(
                "FIELD_GONE", f"The ERP no longer has the field {rule.target}.", value=rule.target
            )
        value = self._source(each, view, label)
        for transform in each.transforms:
            try:
                value = transform(value)
            except (TransformError, ValueError, ArithmeticError) as error:
                raise label.error(
                    "FIELD_VALUE", f"The step '{transform}' does not go with {_quoted(value)}: {error}."
                ) from error
        if rule.lookup.kind is not LookupKind.NONE and not is_empty(value):
            value = self._looked_up(each, value, label)
        if is_empty(value):
            if rule.required:
                raise label.error(
                    "FIELD_VALUE", f"There is no value for {rule.target}, but it must have one."
                )
            return None
        try:
            return Extra(typed(value, rule.target_type), rule.name)
        except TargetError as error:
            raise label.error(
                "FIELD_VALUE", f"{rule.target} cannot take {_quoted(value)}: {error}."
            ) from error

    def _source(self, each: CompiledRule, view: JsonView, label: _Label) -> Any:
        rule = each.rule
        if rule.source_kind is Source.FIXED:
            return rule.source
        if each.expression is None:
            found: Any = view
            for part in rule.source.split("."):
                found = found.get(part) if isinstance(found, dict) else None
            return _named(found, rule.source_name) if BY_PATH[rule.source].by_name else found
        try:
            return each.expression.value(view)
        except ExpressionError as error:
            raise label.error(
                "FIELD_EXPRESSION", f"The expression '{_short(rule.source)}' fails on this order: {error}."
            ) from error

    def _looked_up(self, each: CompiledRule, value: Any, label: _Label) -> Any:
        """The result of the table for a value, or for the values of a list."""
        lookup = each.rule.lookup
        values = value if isinstance(value, list) else [value]
        try:
            texts = [text_of(one) for one in values if not is_empty(one)]
        except TransformError as error:
            raise label.error("FIELD_LOOKUP", f"{_quoted(value)} cannot be looked up: {error}.") from error
        results = list(dict.fromkeys(result for text in texts for result in self._results(each, text, label)))
        if len(results) > 1 and lookup.unique:
            shown = ", ".join(f"'{_short(result)}'" for result in results[:5])
            raise label.error(
                "FIELD_LOOKUP",
                f"The table has several results for {_quoted(value)}: {shown}.",
                value=_short(", ".join(texts)),
            )
        if results:
            return results[0]
        if lookup.missing is Missing.STOP:
            raise label.error(
                "FIELD_LOOKUP", f"{_quoted(value)} is not in the table.", value=_short(", ".join(texts))
            )
        return value if lookup.missing is Missing.KEEP else None

    def _results(self, each: CompiledRule, text: str, label: _Label) -> Sequence[str]:
        lookup = each.rule.lookup
        if lookup.kind is LookupKind.TABLE:
            return each.table.get(text.strip().casefold(), ())
        row = self._find_row(lookup.map_kind, [text])
        if row is None:
            return ()
        if row.behaviour == Behaviour.STOP:
            raise label.error(
                "FIELD_LOOKUP", f"The map stops orders with '{_short(text)}'.", value=_short(text)
            )
        if row.behaviour == Behaviour.EMPTY:
            return ("",)
        by_id = each.rule.target_type in (TargetType.SELECT, TargetType.NUMBER)
        return (row.target.id if by_id else row.target.name or row.target.id,)


@dataclass(frozen=True, slots=True)
class _Label:
    """What a failure is about."""

    rule: FieldRule
    order_name: str
    view: JsonView

    def error(self, code: str, why: str, *, value: str = "") -> NeedsPerson:
        line = self.view.get("line")
        place = f", line '{_short(line['title'])}'" if line else ""
        return NeedsPerson(
            code,
            f"Order {self.order_name}{place}: field mapping '{self.rule.name}' ({self.rule.target}). {why}",
            field=self.rule.target,
            value=value or self.rule.name,
        )


def _named(attributes: Any, name: str) -> Any:
    """The attribute with a name, compared without case and surrounding space."""
    wanted = name.strip().casefold()
    rows = attributes if isinstance(attributes, dict) else {}
    return next((value for key, value in rows.items() if key.strip().casefold() == wanted), None)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _quoted(value: Any) -> str:
    if isinstance(value, list):
        return f"'{_short(', '.join(str(each) for each in value))}'"
    return f"'{_short(value)}'"
