"""The pages of alerts: the alerts themselves, channels, limits."""

from monitoring.admin.alerts import AlertAdmin
from monitoring.admin.channels import ChannelAdmin
from monitoring.admin.limits import AlertLimitsAdmin

__all__ = ["AlertAdmin", "AlertLimitsAdmin", "ChannelAdmin"]
