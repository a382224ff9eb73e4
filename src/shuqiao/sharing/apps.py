"""The app of sharing requests."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Registered in settings as shuqiao.sharing."""

    name = "shuqiao.sharing"
    verbose_name = "共享"
