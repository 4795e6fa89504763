"""Admin pages that join several packages, and those of the libraries in the hub's look."""

from integration_hub.admin import changes, jobs, people, shop_pages, waiting_orders

__all__ = ["changes", "jobs", "people", "shop_pages", "waiting_orders"]
