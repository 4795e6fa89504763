"""Django application of the package."""

from django.apps import AppConfig


class ErpsConfig(AppConfig):
    """Registers the package with Django and the causes of its errors."""

    name = "erps"
    verbose_name = "ERP connections"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself."""
        from erps import causes  # noqa: F401
