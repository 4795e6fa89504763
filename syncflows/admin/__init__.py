"""The people's pages for orders: Orders to Import, Orders, the order page, Errors by cause."""

from syncflows.admin.backfills import BackfillAdmin
from syncflows.admin.bulk_runs import BulkRunAdmin
from syncflows.admin.field_maps import FieldMappingSetAdmin
from syncflows.admin.inbox import InboxEventAdmin
from syncflows.admin.lists import OrdersToImport
from syncflows.admin.orders import OrderAdmin
from syncflows.admin.privacy import PrivacyRequestAdmin
from syncflows.admin.sweeps import SweepRunAdmin

__all__ = [
    "BackfillAdmin",
    "BulkRunAdmin",
    "FieldMappingSetAdmin",
    "InboxEventAdmin",
    "OrderAdmin",
    "OrdersToImport",
    "PrivacyRequestAdmin",
    "SweepRunAdmin",
]
