"""Expressions (JMESPath) over the JSON view of an order: parsed once, bounded in length, depth and steps, without
floats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from math import isfinite
from typing import Any

import jmespath
from jmespath import exceptions, functions, visitor

LONGEST = 1000
"""Characters of an expression."""
DEEPEST = 25
MOST_PARTS = 200
MOST_STEPS = 20_000
"""Steps one evaluation may take: an order of 500 lines needs some thousands."""
MOST_VALUES = 5_000
"""Entries of any list on the way, and of the answer."""
LONGEST_TEXT = 100_000


class ExpressionError(ValueError):
    """An expression that cannot be read, or fails on an order; the message is for people."""


class _Functions(functions.Functions):
    """JMESPath's own functions over exact numbers."""

    def _get_allowed_pytypes(self, types: Any) -> tuple[list[str], list[tuple[str, ...]]]:
        allowed, nested = super()._get_allowed_pytypes(types)  # type: ignore[misc]
        wider = [(*each, "Decimal") if "int" in each else tuple(each) for each in nested]
        return [*allowed, *(["Decimal"] if "int" in allowed else [])], wider

    def _convert_to_jmespath_type(self, pyobject: str) -> str:
        kind: str = "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)  # type: ignore[misc]
        return kind

    @functions.signature({"types": []})
    def _func_to_number(self, arg: Any) -> Decimal | int | None:
        if isinstance(arg, bool):
            return None
        if isinstance(arg, int | Decimal):
            return arg
        return number(arg) if isinstance(arg, str) else None

    @functions.signature({"types": []})
    def _func_to_string(self, arg: Any) -> str:
        if isinstance(arg, Decimal):
            return plain(arg)
        text: str = super()._func_to_string(arg)  # type: ignore[misc]
        return text

    @functions.signature({"types": []})
    def _func_type(self, arg: Any) -> str:
        kind: str = "number" if isinstance(arg, Decimal) else super()._func_type(arg)  # type: ignore[misc]
        return kind

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, arg: list[Decimal | int]) -> Decimal | None:
        if not arg:
            return None
        mean = Decimal(sum(arg)) / len(arg)
        return mean.quantize(Decimal("0.00000001"), rounding=ROUND_HALF_EVEN).normalize() + 0


def number(text: str) -> Decimal | None:
    """A finite number as text, or None."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and len(text) <= 60 else None


def plain(value: Decimal) -> str:
    """Digits without an exponent: `12.50`."""
    return format(value, "f")


class _Interpreter(visitor.TreeInterpreter):
    """Counts its steps and looks at what each gave."""

    def __init__(self) -> None:
        super().__init__(visitor.Options(custom_functions=_Functions()))
        self.steps = 0

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise ExpressionError(f"it takes more than {MOST_STEPS:,} steps")
        value = super().visit(node, *args, **kwargs)
        if isinstance(value, list) and len(value) > MOST_VALUES:
            raise ExpressionError(f"it makes a list of more than {MOST_VALUES:,} values")
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise ExpressionError(f"it makes a text of more than {LONGEST_TEXT:,} characters")
        return value


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression."""

    text: str
    tree: Mapping[str, Any]

    def value(self, view: Mapping[str, Any]) -> Any:
        """What it comes to for an order. Raises ExpressionError."""
        try:
            return _Interpreter().visit(self.tree, view)
        except exceptions.JMESPathError as error:
            raise ExpressionError(_sentence(error)) from error
        except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError) as error:
            if isinstance(error, ExpressionError):
                raise
            raise ExpressionError(f"{type(error).__name__}: {error}") from error


def compiled(text: str) -> Expression:
    """Parse an expression. Raises ExpressionError when it is empty, too long, too deep, or wrong."""
    if not text.strip():
        raise ExpressionError("it is empty")
    if len(text) > LONGEST:
        raise ExpressionError(f"it has {len(text):,} characters; {LONGEST:,} are allowed")
    try:
        tree = jmespath.compile(text).parsed
    except exceptions.JMESPathError as error:
        raise ExpressionError(_sentence(error)) from error
    except (RecursionError, ValueError) as error:
        raise ExpressionError("it cannot be read") from error
    parts = _check(tree, 1)
    if parts > MOST_PARTS:
        raise ExpressionError(f"it has {parts} parts; {MOST_PARTS} are allowed")
    return Expression(text, tree)


def _check(node: Any, depth: int) -> int:
    """Count the parts below a node, make its numbers exact and its functions known ones."""
    if depth > DEEPEST:
        raise ExpressionError(f"it is nested deeper than {DEEPEST} levels")
    if not isinstance(node, dict):
        return 0
    if node.get("type") == "literal":
        node["value"] = _exact(node["value"])
    if node.get("type") == "function_expression" and node["value"] not in _Functions.FUNCTION_TABLE:
        raise ExpressionError(f"there is no function {node['value']}()")
    return 1 + sum(_check(child, depth + 1) for child in node.get("children", ()))


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        if not isfinite(value):
            raise ExpressionError(f"{value} is no number")
        return Decimal(str(value))
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, dict):
        return {key: _exact(each) for key, each in value.items()}
    return value


def _sentence(error: exceptions.JMESPathError) -> str:
    """The first line of the library's words, without the picture of the place."""
    return str(error).split("\n", 1)[0].strip().rstrip(".:")[:300]
