"""Puts the cast of the tests into the database named by the environment."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuqiao.settings")

if __name__ == "__main__":
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from shuqiao.organizations.tests.factories import make_city

    make_city()
