"""What the sandbox serves is a part of what Shopify publishes, and its demo orders fit that schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    execute,
    parse,
    validate,
    validate_schema,
)

from sandbox.shopify.execution import Context, plain_field
from sandbox.shopify.field_resolvers import attach
from sandbox.shopify.scopes import ALL_SCOPES, widen

from .conftest import SPECIFIED, Client

QUERIES = Path(__file__).parent / "queries"


def _fields(kind: Any) -> dict[str, Any]:
    return dict(kind.fields) if hasattr(kind, "fields") else {}


def _differences(served: GraphQLSchema, published: GraphQLSchema) -> list[str]:
    found = []
    for name, kind in served.type_map.items():
        if name.startswith("__"):
            continue
        other = published.type_map.get(name)
        if other is None or type(other) is not type(kind):
            found.append(f"{name} is not published as {type(kind).__name__}")
            continue
        found += _in_type(kind, other)
    return found


def _in_type(kind: Any, other: Any) -> list[str]:  # noqa: C901 - one branch per kind of type
    found = []
    if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
        missing = {each.name for each in kind.interfaces} - {each.name for each in other.interfaces}
        found += [f"{kind.name} does not implement {each}" for each in missing]
        for name, field in kind.fields.items():
            published = other.fields.get(name)
            if published is None or str(published.type) != str(field.type):
                found.append(f"{kind.name}.{name}: {field.type} is not as published")
                continue
            for argument, given in field.args.items():
                twin = published.args.get(argument)
                if twin is None or (str(twin.type), twin.default_value) != (
                    str(given.type),
                    given.default_value,
                ):
                    found.append(f"{kind.name}.{name}({argument}:) is not as published")
            needed = {key for key, each in published.args.items() if str(each.type).endswith("!")}
            found += [f"{kind.name}.{name} lacks {each}" for each in needed - set(field.args)]
    elif isinstance(kind, GraphQLEnumType):
        found += [f"{kind.name}.{each}" for each in set(kind.values) - set(other.values)]
    elif isinstance(kind, GraphQLUnionType):
        found += [
            f"{kind.name}: {each}" for each in {t.name for t in kind.types} - {t.name for t in other.types}
        ]
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            twin = other.fields.get(name)
            if twin is None or str(twin.type) != str(field.type):
                found.append(f"{kind.name}.{name} is not as published")
    return found


def test_served_schema_is_a_true_subset_of_the_published_one(
    served: GraphQLSchema, published: GraphQLSchema
) -> None:
    assert validate_schema(served) == []
    assert _differences(served, published) == []
    assert {d.name for d in served.directives} <= {d.name for d in published.directives}
    assert len(served.type_map) > 150


def test_the_comparison_notices_a_changed_field(published: GraphQLSchema, served: GraphQLSchema) -> None:
    order = served.type_map["Order"]
    assert isinstance(order, GraphQLObjectType)
    assert _in_type(order, published.type_map["Customer"])


@pytest.mark.parametrize("path", sorted(QUERIES.glob("*.graphql")), ids=lambda path: path.stem)
def test_reference_operations_validate_on_the_served_schema(path: Path, served: GraphQLSchema) -> None:
    assert validate(served, parse(path.read_text())) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_demo_order_fits_the_published_schema(demo: Client, published: GraphQLSchema) -> None:
    attach(published)
    queries = [
        parse((QUERIES / f"{name}.graphql").read_text())
        for name in ("order_full", "order_agreements", "order_refunds")
    ]
    names = []
    for store in demo.sandbox.stores():
        shop = demo.sandbox.shop(store)
        for order in shop.documents.all(store, "Order"):
            names.append(order["name"])
            for query in queries:
                context = Context(shop=shop, scopes=widen(ALL_SCOPES))
                result = execute(
                    published, query, {}, context, {"id": order["id"]}, field_resolver=plain_field
                )
                assert isinstance(result, ExecutionResult)
                assert result.errors is None, (order["name"], result.errors)
                assert result.data is not None
                assert result.data["order"] is not None
    assert len(names) == len(SPECIFIED)
