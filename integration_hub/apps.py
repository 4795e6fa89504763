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
