"""Addresses of the portal."""

from django.urls import path

from shuqiao.portal import views

app_name = "portal"
urlpatterns = [
    path("styleguide/", views.styleguide, name="styleguide"),
]
