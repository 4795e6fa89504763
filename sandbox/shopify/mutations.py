"""All mutations served, by name."""

from __future__ import annotations

from typing import cast

from graphql import GraphQLObjectType, GraphQLSchema

from sandbox.shopify import editing, mark_mutations, order_mutations, webhook_mutations


def attach_mutations(schema: GraphQLSchema) -> None:
    """Give every mutation of the schema its resolver; KeyError when one is missing."""
    resolvers = {
        **mark_mutations.RESOLVERS,
        **order_mutations.RESOLVERS,
        **editing.RESOLVERS,
        **webhook_mutations.RESOLVERS,
    }
    mutation = cast(GraphQLObjectType, schema.mutation_type)
    for name, field in mutation.fields.items():
        field.resolve = resolvers[name]
