"""Django's registration of the app."""

from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "shuqiao.resources"
    label = "resources"
    verbose_name = "挂载资源"

    def ready(self) -> None:
        """Start-up checks."""
        from shuqiao.resources import checks  # noqa: F401  # registers itself
