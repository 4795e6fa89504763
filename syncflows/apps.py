"""Django application of the package."""

from django.apps import AppConfig


class SyncflowsConfig(AppConfig):
    """Registers the package with Django and its causes."""

    name = "syncflows"
    verbose_name = "Orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself."""
        from syncflows import causes  # noqa: F401
