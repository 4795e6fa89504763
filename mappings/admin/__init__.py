"""Admin pages of the mappings: one per kind, customer templates, and the links to ERP documents."""

from mappings.admin import choices, customer_links, customer_rules, customers, maps

__all__ = ["choices", "customer_links", "customer_rules", "customers", "maps"]
