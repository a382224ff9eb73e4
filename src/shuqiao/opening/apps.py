"""Django's registration of the app."""

from django.apps import AppConfig


class OpeningConfig(AppConfig):
    name = "shuqiao.opening"
    label = "opening"
    verbose_name = "开放"
