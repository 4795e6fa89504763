"""Addresses of the hub."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("", include("monitoring.urls")),
    path("", include("shops.urls")),
    path("", include("syncflows.urls")),
    path("admin/", admin.site.urls),
]
