from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.validation import NoDeprecatedCustomRule, specified_rules

from shops.shopify.queries import operation_names, query_text

SDL = Path(__file__).parent.parent / "data" / "admin_2026-10.sdl.gz"


@pytest.fixture(scope="session")
def published() -> GraphQLSchema:
    return build_schema(gzip.decompress(SDL.read_bytes()).decode(), assume_valid=True)


def test_there_are_operations() -> None:
    assert {"orders_full", "order_headers", "metafields_set"} <= set(operation_names())


@pytest.mark.parametrize("name", operation_names())
def test_each_query_is_valid_in_the_published_schema_and_uses_nothing_deprecated(
    published: GraphQLSchema, name: str
) -> None:
    errors = validate(published, parse(query_text(name)), [*specified_rules, NoDeprecatedCustomRule])
    assert [error.message for error in errors] == []


def test_an_unknown_operation_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        query_text("nothing_of_the_kind")


def test_a_fragment_used_twice_is_sent_once() -> None:
    assert query_text("orders_full").count("fragment Bag on MoneyBag") == 1
