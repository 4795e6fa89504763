"""The Admin API version the hub is written for. Every query is validated against its published schema."""

API_VERSION = "2026-10"
"""Sent in every address. Shopify falls forward silently when a version is retired: see `ShopifyClient`."""
