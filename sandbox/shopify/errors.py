"""Errors in Shopify's words and shape, as recorded (shopify.dev, GraphQL error codes)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from graphql import DocumentNode, GraphQLError, Node, OperationDefinitionNode, print_ast

Json = dict[str, Any]

_RULES: list[tuple[str, str, str]] = [
    (
        r"Cannot query field '(\w+)' on type '(\w+)'",
        "undefinedField",
        "Field '{0}' doesn't exist on type '{1}'",
    ),
    (
        r"Unknown argument '(\w+)' on field '\w+\.(\w+)'",
        "argumentNotAccepted",
        "Field '{1}' doesn't accept argument '{0}'",
    ),
    (
        r"Field '(\w+)' argument '(\w+)' of type '[^']+' is required",
        "missingRequiredArguments",
        "Field '{0}' is missing required arguments: {1}",
    ),
    (
        r"Variable '\$(\w+)' is never used in operation '(\w+)'",
        "variableNotUsed",
        "Variable ${0} is declared by {1} but not used",
    ),
    (r"Variable '\$(\w+)' is not defined", "variableNotDefined", "Variable ${0} is used but not declared"),
    (r"Unknown type '(\w+)'", "undefinedType", "{0} isn't a defined type"),
    (r"Unknown directive '@(\w+)'", "undefinedDirective", "Directive @{0} is not defined"),
    (
        r"Field '(\w+)' of type '([^']+)' must have a selection of subfields",
        "selectionMismatch",
        "Field must have selections (field '{0}' returns {1} but has no selections. Did you mean '{0} {{ ... }}'?)",
    ),
    (
        r"Field '(\w+)' must not have a selection since type '([^']+)' has no subfields",
        "selectionMismatch",
        "Selections can't be made on scalars (field '{0}' returns {1} but has selections)",
    ),
    (
        r"Field '(\w+\.\w+)' of required type '([^']+)' was not provided",
        "missingRequiredInputObjectAttribute",
        "Argument '{0}' of type '{1}' is required",
    ),
]


def _extras(code: str, groups: tuple[str, ...]) -> Json:
    if code == "undefinedField":
        return {"typeName": groups[1], "fieldName": groups[0]}
    if code in ("variableNotUsed", "variableNotDefined"):
        return {"variableName": groups[0]}
    if code == "argumentNotAccepted":
        return {"name": groups[1], "typeName": "Field", "argumentName": groups[0]}
    if code == "missingRequiredArguments":
        return {"className": "Field", "name": groups[0], "arguments": groups[1]}
    return {}


def validation_error(error: GraphQLError, document: DocumentNode) -> Json:
    """One failed validation in Shopify's shape; carries no cost."""
    message, code, extras = error.message, "argumentLiteralsIncompatible", {}
    for pattern, name, text in _RULES:
        if found := re.search(pattern, error.message):
            groups = found.groups()
            message, code, extras = text.format(*groups), name, _extras(name, groups)
            break
    node = error.nodes[0] if error.nodes else None
    return {
        "message": message,
        "locations": _locations(error),
        "path": _path_to(document, node) if node else [],
        "extensions": {"code": code, **extras},
    }


def syntax_error(error: GraphQLError) -> Json:
    """A query that cannot be parsed."""
    return {
        "message": error.message.replace("Syntax Error: ", "syntax error, "),
        "locations": _locations(error),
        "extensions": {"code": "PARSE_ERROR"},
    }


def variable_error(error: GraphQLError, operation: OperationDefinitionNode, variables: Json) -> Json:
    """A variable whose value does not fit its type."""
    found = re.search(r"Variable '\$(\w+)'", error.message)
    name = found.group(1) if found else ""
    declared = next(
        (each for each in operation.variable_definitions or () if each.variable.name.value == name), None
    )
    type_name = print_ast(declared.type) if declared else ""
    at = re.search(r"at '\w+((?:\.\w+|\[\d+\])+)'", error.message)
    path = [int(part) if part.isdigit() else part for part in re.findall(r"\w+", at.group(1))] if at else []
    explanation = error.message.split("; ", 1)[-1].rstrip(".")
    if name not in variables:
        explanation = "Expected value to not be null"
    where = f" for {'.'.join(map(str, path))}" if path else ""
    message = f"Variable ${name} of type {type_name} was provided invalid value{where} ({explanation})"
    if not path:
        message = f"Variable ${name} of type {type_name} was provided invalid value"
    return {
        "message": message,
        "locations": _locations(error),
        "extensions": {
            "code": "INVALID_VARIABLE",
            "value": variables.get(name),
            "problems": [{"path": path, "explanation": explanation}],
        },
    }


def execution_error(error: GraphQLError) -> Json:
    """An error met while running: ours carry a code; anything else is Shopify's internal error."""
    out: Json = {"message": error.message, "locations": _locations(error), "path": error.path or []}
    if error.extensions:
        out["extensions"] = error.extensions
    elif error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        out["message"] = "Something went wrong"
        out["extensions"] = {"code": "INTERNAL_SERVER_ERROR", "detail": repr(error.original_error)}
    else:
        out["extensions"] = {"code": "INTERNAL_SERVER_ERROR"}
    return out


def invalid_id(gid: str) -> GraphQLError:
    """The top-level error for a text that is no global id."""
    return GraphQLError(f"Invalid global id '{gid}'", extensions={"code": "argumentLiteralsIncompatible"})


def access_denied(field: str, scopes: Iterable[str]) -> GraphQLError:
    """A field the token may not read or run."""
    wanted = " or ".join(f"`{scope}` access scope" for scope in scopes) + "."
    return GraphQLError(
        f"Access denied for {field} field. Required access: {wanted}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": wanted,
        },
    )


def throttled(cost: int, status: Json) -> Json:
    """The whole answer of a query the bucket cannot pay (HTTP 200, no data)."""
    return {
        "errors": [
            {
                "message": "Throttled",
                "extensions": {
                    "code": "THROTTLED",
                    "documentation": "https://shopify.dev/api/usage/rate-limits",
                },
            }
        ],
        "extensions": {
            "cost": {"requestedQueryCost": cost, "actualQueryCost": None, "throttleStatus": status}
        },
    }


def too_expensive(cost: int, maximum: int) -> Json:
    """The whole answer of a query above the limit of a single query."""
    return {
        "errors": [
            {
                "message": f"Query cost is {cost}, which exceeds the single query max cost limit ({maximum}).\n\n"
                "See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the cost of a "
                "query is calculated.",
                "extensions": {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": maximum},
            }
        ]
    }


def _locations(error: GraphQLError) -> list[Json]:
    return [{"line": each.line, "column": each.column} for each in error.locations or ()]


def _path_to(document: DocumentNode, wanted: Node) -> list[str]:
    for definition in document.definitions:
        label = ""
        if isinstance(definition, OperationDefinitionNode):
            label = definition.operation.value + (f" {definition.name.value}" if definition.name else "")
        elif hasattr(definition, "name"):
            label = f"fragment {definition.name.value}"
        trail = _search(definition, wanted, [label])
        if trail is not None:
            return trail
    return []


def _search(node: Node, wanted: Node, trail: list[str]) -> list[str] | None:
    if node is wanted:
        return trail
    for child in _children(node):
        here = trail
        if child.kind == "field":
            alias = getattr(child, "alias", None) or child.name  # type: ignore[attr-defined]
            here = [*trail, alias.value]
        elif child.kind == "argument":
            here = [*trail, child.name.value]  # type: ignore[attr-defined]
        found = _search(child, wanted, here)
        if found is not None:
            return found
    return None


def _children(node: Node) -> Iterable[Node]:
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from (each for each in value if isinstance(each, Node))
