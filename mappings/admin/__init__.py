"""Admin pages of the mappings: one per kind, customer templates, and the links to ERP documents."""

from mappings.admin import customer_links, customer_rules, customers, maps

__all__ = ["customer_links", "customer_rules", "customers", "maps"]
