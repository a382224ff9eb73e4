"""A process of its own for the kill test: `python -m … export_world prepare|work|state`.

The environment names home and database. The lease is two seconds here, so that a killed worker is replaced soon.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta

import django

ENTRIES = 3_000


def prepare() -> None:
    """A city with many published entries, and an export of them that waits for the worker."""
    from django.core.management import call_command

    from shuqiao.catalog import services
    from shuqiao.catalog.tests.factories import published_copies
    from shuqiao.catalog.types import EntryFilters
    from shuqiao.kernel.time import now
    from shuqiao.organizations.tests.factories import make_city

    call_command("migrate", verbosity=0)
    city = make_city()
    published_copies(city, ENTRIES)
    services.ask_export(actor=city.actor("stranger"), filters=EntryFilters(), layout="a", at=now())


def work() -> None:
    """A worker that goes on until it is killed, or until nothing waits any more."""
    from shuqiao.catalog import jobs, services
    from shuqiao.catalog.models import Export
    from shuqiao.kernel.time import now

    for step in (services.claim_export, services.renew_export):
        step.__kwdefaults__["lease"] = timedelta(seconds=2)
    jobs.PROGRESS = 0.1
    while Export.objects.filter(status="waiting").exists():
        jobs.make_exports(now())
        time.sleep(0.05)


def state() -> None:
    """What is visible: the row, whether whoever asked can have a file, and every file that lies there."""
    from shuqiao.accounts.models import User
    from shuqiao.catalog import exports
    from shuqiao.catalog.models import Export
    from shuqiao.organizations.queries import actor_of

    export = Export.objects.get()
    seen = {
        "status": export.status,
        "attempts": export.attempts,
        "written": export.written,
        "why_not": exports.why_not(actor_of(User.objects.get(pk=export.by_id)), export),
        "file": export.file,
        "files": sorted(path.name for path in exports.folder().iterdir()),
    }
    sys.stdout.write(json.dumps(seen) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuqiao.settings")
    django.setup()
    {"prepare": prepare, "work": work, "state": state}[sys.argv[1]]()
