"""Django's registration of the app."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "shuqiao.organizations"
    label = "organizations"
    verbose_name = "机构"
