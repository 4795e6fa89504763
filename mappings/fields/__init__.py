"""Field mappings as rules: what stands in an order, what becomes of it, and where it goes. No database, no HTTP."""
