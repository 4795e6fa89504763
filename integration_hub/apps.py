"""The project's own applications: the admin site, and the project itself."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class HubAdminConfig(admin_apps.AdminConfig):
    """Use the hub's admin site."""

    default = False
    default_site = "integration_hub.admin_site.HubAdminSite"


class IntegrationHubConfig(AppConfig):
    """The project: wiring only."""

    default = True
    name = "integration_hub"
    verbose_name = "Integration Hub"

    def ready(self) -> None:
        """Keep the roles true after every migration. This application is the last, so Django's own receiver, which
        makes the permissions, comes before."""
        from django.db.models.signals import post_migrate

        from integration_hub.roles import after_migrate

        post_migrate.connect(after_migrate, dispatch_uid="integration_hub.roles")
