"""Addresses of the middle: where webhooks are delivered."""

from django.urls import path

from syncflows import views

app_name = "syncflows"
urlpatterns = [path("webhooks/shopify/<str:token>/", views.receive, name="webhook")]
