"""Alerts: looking, opening and closing, telling the channels, and what people do with them."""

from monitoring.alerts.checking import check, every_minute, tell_of_silence
from monitoring.alerts.deeds import acknowledge, snooze

__all__ = ["acknowledge", "check", "every_minute", "snooze", "tell_of_silence"]
