"""Admin pages of the mappings: one per kind, customer templates, and the links to ERP documents."""

from mappings.admin import customers, maps

__all__ = ["customers", "maps"]
