"""Addresses of own cases."""

from django.urls import path

from shuqiao.opening.mine import views

urlpatterns = [
    path("open/mine/", views.mine, name="mine"),
    path("open/cases/", views.lookup, name="lookup"),
]
