"""Django application of the package."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Registers the package with Django and makes its overview the home page of the admin."""

    name = "monitoring"
    verbose_name = "Monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Give the admin its home page."""
        from django.contrib import admin

        admin.site.index_template = "monitoring/overview.html"
