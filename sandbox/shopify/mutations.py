"""All mutations served, by name."""

from __future__ import annotations

from typing import cast

from graphql import GraphQLObjectType, GraphQLSchema

from sandbox.shopify import bulk_operations, editing, mark_mutations, order_mutations, webhook_mutations


def attach_mutations(schema: GraphQLSchema) -> None:
    """Give every mutation of the schema, and the queries about bulk operations, its resolver; KeyError when one is
    missing."""
    resolvers = {
        **bulk_operations.RESOLVERS, **editing.RESOLVERS, **mark_mutations.RESOLVERS, **order_mutations.RESOLVERS,
        **webhook_mutations.RESOLVERS,
    }  # fmt: skip
    query = cast(GraphQLObjectType, schema.query_type)
    for name, resolve in bulk_operations.ROOTS.items():
        query.fields[name].resolve = resolve
    mutation = cast(GraphQLObjectType, schema.mutation_type)
    for name, field in mutation.fields.items():
        field.resolve = resolvers[name]
