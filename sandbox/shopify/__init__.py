"""The sandbox Shopify: the Admin GraphQL API of a few demo stores, over HTTP."""
