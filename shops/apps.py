"""Django application of the package."""

from django.apps import AppConfig


class ShopsConfig(AppConfig):
    """Registers the package and its causes with Django."""

    name = "shops"
    verbose_name = "Shops"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself."""
        from shops import causes  # noqa: F401
