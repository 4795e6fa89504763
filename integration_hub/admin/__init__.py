"""Admin pages that join several packages, and those of the libraries in the hub's look."""

from django.db.models.signals import post_migrate

from integration_hub.admin import changes, jobs, people, shop_pages, waiting_orders
from integration_hub.roles import after_migrate

__all__ = ["changes", "jobs", "people", "shop_pages", "waiting_orders"]

# Django loads this package in every process, once all applications are ready.
post_migrate.connect(after_migrate, dispatch_uid="integration_hub.roles")
