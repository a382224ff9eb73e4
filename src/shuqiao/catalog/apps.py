"""Django's registration of the app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "shuqiao.catalog"
    label = "catalog"
    verbose_name = "目录"
