"""Django application of the package."""

from django.apps import AppConfig


class MappingsConfig(AppConfig):
    """Registers the package with Django."""

    name = "mappings"
    verbose_name = "Mappings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the causes of this package to the catalogue."""
        from mappings import causes, field_causes  # noqa: F401 - importing registers them
