"""The app that reads and writes the hub's configuration as a file."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    """Configuration as code: export, plan, apply. It has no tables of its own."""

    name = "configuration"
    verbose_name = "Configuration as code"
