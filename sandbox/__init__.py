"""A Shopify and a NetSuite to play with: stand-alone HTTP servers that share no code with the hub."""
