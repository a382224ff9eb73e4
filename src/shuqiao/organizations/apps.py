"""Django's registration of the app."""

from django.apps import AppConfig
from django.conf import settings

from shuqiao import law


class OrganizationsConfig(AppConfig):
    name = "shuqiao.organizations"
    label = "organizations"
    verbose_name = "机构"

    def ready(self) -> None:
        """Make the installation's own rule packs known before any division is read."""
        law.use_packs_of(settings.PACKS)
