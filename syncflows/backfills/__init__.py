"""The history of a shop: estimate, export by Shopify, staging behind fresh orders."""
