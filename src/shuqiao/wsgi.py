"""The door of the control plane for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuqiao.settings")
application = get_wsgi_application()

from shuqiao.procedures import workdays  # noqa: E402 - models can be loaded only now

workdays.follow()
