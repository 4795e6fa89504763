"""Django application of the package."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Registers the package, its causes and its conditions, and makes its overview the home page of the admin."""

    name = "monitoring"
    verbose_name = "Monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself, and give the admin its home page."""
        from django.contrib import admin

        from monitoring import causes, conditions  # noqa: F401

        admin.site.index_template = "monitoring/overview.html"
