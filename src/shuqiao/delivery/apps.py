"""The app of grants and keys."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Registered in settings as shuqiao.delivery."""

    name = "shuqiao.delivery"
    verbose_name = "授权与交付"
