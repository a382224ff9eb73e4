"""The app's name for Django."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Templates, tags and static files; no models."""

    name = "shuqiao.portal"
    verbose_name = "门户"
