"""The ERP customer of an order: who buys, which rung of the ladder answers, and what a new customer is made of."""

from mappings.customers.ladder import Climb, Customers, Step
from mappings.customers.settling import settle_external_id

__all__ = ["Climb", "Customers", "Step", "settle_external_id"]
