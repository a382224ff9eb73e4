"""Addresses of signing in by the identity service."""

from django.urls import path

from shuqiao.opening.identity import views

urlpatterns = [
    path("open/unified/", views.start, name="unified"),
    path("open/unified/callback/", views.callback, name="unified-callback"),
    path("open/unified/confirm/", views.confirm, name="unified-confirm"),
    path("open/account/unified/", views.bind, name="unified-bind"),
]
