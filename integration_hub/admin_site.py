"""The admin site of the hub, carried by django-unfold."""

from __future__ import annotations

from unfold.sites import UnfoldAdminSite


class HubAdminSite(UnfoldAdminSite):
    """The one admin site. Its look is `integration_hub.unfold`."""

    site_title = "Integration Hub"
    site_header = "Integration Hub"
    index_title = "Overview"
