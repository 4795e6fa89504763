"""Django application of the package."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Registers the package with Django, its system checks and the causes every part shares."""

    name = "common"
    verbose_name = "Common"

    def ready(self) -> None:
        """Load what registers itself."""
        from common import causes_http, system_checks  # noqa: F401
