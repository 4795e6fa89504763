"""Addresses of the shops package."""

from django.urls import path

from shops import views

app_name = "shops"
urlpatterns = [
    path("shops/<int:pk>/connect/", views.connect, name="connect"),
    path("shops/connected/", views.connected, name="connected"),
]
