"""What monitoring keeps of its own: Shopify's counts, alerts, and whom they are told to."""

from monitoring.models.alerts import Alert, AlertDeed, DeedKind
from monitoring.models.channels import Body, Channel, ChannelKind
from monitoring.models.counts import ShopifyCount
from monitoring.models.deliveries import Delivery, Event
from monitoring.models.limits import AlertLimits

__all__ = [
    "Alert",
    "AlertDeed",
    "AlertLimits",
    "Body",
    "Channel",
    "ChannelKind",
    "DeedKind",
    "Delivery",
    "Event",
    "ShopifyCount",
]
