"""Django's registration of the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "shuqiao.accounts"
    label = "accounts"
    verbose_name = "账号"
