"""The bureau's list of what is overdue, over a million open terms, and statistics beside it.

    python bench/terms.py [--terms 1000000]

The rows are made by one SQL statement from a handful of real ones, spread over 200 departments of one division and two
years of due days. Measured: the first page as the view reads it (the count for the pager, 50 rows, their reminders).
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from _results import figure, write

TODAY = date(2026, 11, 23)
TIMES = 15


def setup(home: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "shuqiao.settings"
    os.environ["SHUQIAO_HOME"] = str(home)
    os.environ["SHUQIAO_DATABASE_URL"] = f"sqlite:///{home / 'terms.sqlite3'}"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def seed(terms: int) -> None:
    """`terms` open terms; one in forty is overdue."""
    from django.db import connection

    from shuqiao.accounts.types import PLATFORM
    from shuqiao.kernel.ids import new_id
    from shuqiao.organizations import queries as organizations
    from shuqiao.organizations import services
    from shuqiao.organizations.models import Department
    from shuqiao.organizations.tests.factories import NATIONAL, credit_code
    from shuqiao.procedures import services as procedures
    from shuqiao.procedures.models import Term
    from shuqiao.procedures.types import CaseKind, CaseRef

    services.create_division(
        actor=PLATFORM, code="210800", name="营口市", short_name="营口", case_prefix="营", packs=[NATIONAL]
    )
    Department.objects.bulk_create(
        Department(division_id="210800", name=f"部门{n}", short_name=f"部{n}", credit_code=credit_code(n))
        for n in range(200)
    )
    department = Department.objects.get(name="部门0")
    resolved = organizations.regime_of("210800", TODAY).term("sharing.reply.conditional")
    assert resolved is not None
    case = CaseRef(CaseKind.SHARING_REQUEST, new_id(), "营数享〔2026〕0001号", "企业登记信息", "/sharing/")
    model = procedures.open_term(case=case, resolved=resolved, received_on=TODAY, department=department)
    fields = [field.column for field in Term._meta.concrete_fields]
    made = {
        "id": "printf('%032x', n)",
        "case_id": "lower(hex(randomblob(16)))",
        "department_id": "(SELECT id FROM d WHERE rowid = 1 + n % 200)",
        "case_kind": "CASE n % 3 WHEN 0 THEN 'sharing_request' WHEN 1 THEN 'verification' ELSE 'open_application' END",
        "opened_on": f"date('{TODAY}', '-' || (n % 300) || ' days')",
        "due_on": f"CASE WHEN n % 40 = 0 THEN date('{TODAY}', '-' || (1 + n % 365) || ' days') "
        f"ELSE date('{TODAY}', '+' || (n % 365) || ' days') END",
    }
    columns = ", ".join(made.get(name, f"t.{name}") for name in fields)
    with connection.cursor() as cursor:
        # Seeding is not measured: without waiting for the disk, and with the indexes built once at the end.
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'procedures_term' "
            "AND sql IS NOT NULL"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute("PRAGMA synchronous = OFF")
        # Two gigabytes of rows are written once, not first into a log beside them.
        cursor.execute("PRAGMA journal_mode = MEMORY")
        cursor.execute("CREATE TEMP TABLE d AS SELECT id FROM organizations_department ORDER BY id")
        cursor.execute(
            f"INSERT INTO procedures_term ({', '.join(fields)}) "
            f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {terms - 1}) "
            f"SELECT {columns} FROM c, procedures_term t WHERE t.id = %s",
            [model.id.hex],
        )
        for _, made_by in indexes:
            cursor.execute(made_by)
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")


def median_ms(act: Callable[[], object]) -> float:
    """Median of TIMES runs in milliseconds, after one that is not counted."""
    act()
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds) * 1000


def measure(terms: int) -> list[dict]:
    """The figures."""
    from django.core.paginator import Paginator

    from shuqiao.accounts.types import Actor, Post, Role
    from shuqiao.kernel.ids import new_id
    from shuqiao.organizations.models import Department
    from shuqiao.procedures import supervising
    from shuqiao.procedures.models import Term
    from shuqiao.procedures.supervising import Watch

    assert Term.objects.filter(closed_on=None).count() == terms
    one = Department.objects.get(name="部门7")
    actor = Actor(
        new_id(), "王监督", (Post(Role.BUREAU_SUPERVISOR, one.id, one.name, "210800", frozenset({"210800"})),)
    )

    def page(watch: Watch) -> int:
        found = Paginator(supervising.list_terms_for(actor, watch, on=TODAY), 50).page(1)
        rows = list(found)
        supervising.reminders_of(rows)
        for term in rows:
            term.clock().days_left(TODAY)
        return found.paginator.count

    def counted() -> list[dict]:
        return supervising.statistics_for(
            actor, by=("kind",), since=TODAY - timedelta(days=365), until=TODAY, on=TODAY, watch=Watch()
        )

    overdue = page(Watch())
    print(f"{terms:,} open terms, {overdue:,} of them overdue", file=sys.stderr)
    return [
        figure(
            f"first page of {overdue:,} overdue among {terms:,} open",
            "ms",
            median_ms(lambda: page(Watch())),
            100,
        ),
        figure("same, one department", "ms", median_ms(lambda: page(Watch(department=one.id))), 100),
        figure("due within two working days", "ms", median_ms(lambda: page(Watch("near")))),
        figure("all open, by their day", "ms", median_ms(lambda: page(Watch("open")))),
        figure("statistics by kind over a year, all rows", "ms", median_ms(counted)),
    ]


def main() -> int:
    """Run; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--terms", type=int, default=1_000_000)
    terms = parser.parse_args().terms
    with tempfile.TemporaryDirectory() as folder:
        setup(Path(folder))
        began = time.perf_counter()
        seed(terms)
        print(f"seeded in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        good = write("terms", measure(terms))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
