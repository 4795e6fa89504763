"""Completeness sweeps: what Shopify has, what is here, what the ERP has, compared by id."""
