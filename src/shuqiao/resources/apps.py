"""Django's registration of the app."""

from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "shuqiao.resources"
    label = "resources"
    verbose_name = "挂载资源"
