"""Django's registration of the app."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "shuqiao.procedures"
    label = "procedures"
    verbose_name = "办理"
