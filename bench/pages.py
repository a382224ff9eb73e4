"""The main pages over 100 k entries and 100 k cases: time and queries of each, as production serves them.

    python bench/pages.py [--times 40] [--home DIR] [--cases 100000]

The web part runs under granian (WSGI, one process, four threads) over SQLite and is asked by one connection, each page
with changing words, entries and filters, in five rounds whose medians are told. Entries are the 100,154 titled ones of
64 real portals with five items each (generated ones where the file is not at hand), those of the largest portal put
under the department whose people ask; cases are open terms with their inbox lines, 50 departments taking turns, so that
a reader has 2,000, of a kind with clock. Queries are counted in this process, by Django's test client on the same
database. CPU milliseconds of the web process stand beside those of the clock: on a shared machine they tell more.
`--home` keeps the database.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import _portals
import httpx
from _results import figure, write
from _serving import free_port, process

BOUND_MS, BOUND_QUERIES, ROUNDS = 60, 12, 5
WORDS = ("企业", "医院", "公交 站点", "许可", "学校", "行政处罚", "环境 监测", "人口", "社会保险", "停车场")
WEB = [
    "--interface",
    "wsgi",
    "--workers",
    "1",
    "--blocking-threads",
    "4",
    "--no-ws",
    "--log-level",
    "warning",
]


def generated(times: int = 1) -> Iterator[dict]:
    """As many rows as the real file has, where it is not at hand."""
    for line in range(1, 100_155):
        yield {
            "line": line, "portal": f"第{line % 64}市", "title": f"{WORDS[line % 10]}第{line}类登记信息",
            "summary": f"登记事项第{line}类", "department": f"部门{line % 20}", "theme": f"主题{line % 22}",
            "format": "database", "opening": ("unconditional", "conditional", "closed")[line % 3],
            "cycle": "daily", "published": date(2023, 1, 1) + timedelta(days=line % 300), "updated": None,
        }  # fmt: skip


def prepare(home: Path, cases: int) -> None:
    """The database with entries, people, items and cases; one that is ready in `home` is used again."""
    if not (_portals.DATA / _portals.FILE).exists():
        _portals.rows = generated
    _portals.set_up(home)
    if (home / "ready").exists():
        return
    from django.db import connection
    from django.db.models import Count

    from shuqiao.catalog.models import Entry
    from shuqiao.organizations.tests.factories import make_city

    city = make_city()
    biggest = Entry.objects.values("division").annotate(n=Count("pk")).order_by("-n")[0]["division"]
    Entry.objects.filter(division=biggest).update(division=city.yingkou, department=city.provider)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")
    _items()
    _cases(city, cases)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("ANALYZE")
    from shuqiao.catalog.search import catching_up

    _changes()
    catching_up.rebuild()
    (home / "ready").write_text("")


def copies(model: object, row: uuid.UUID, made: dict[str, str], source: str) -> None:
    """As many rows of a model as `source` yields, like `row` but for the columns in `made`."""
    from django.db import connection

    columns = [field.column for field in model._meta.concrete_fields]
    wanted = ", ".join(made.get(name, f't."{name}"') for name in columns)
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {wanted} FROM "{table}" t, {source} WHERE t.id = %s',
            [row.hex],
        )


def _items() -> None:
    """Five data items for each entry."""
    from shuqiao.catalog.models import DataItem, Revision
    from shuqiao.catalog.types import ItemContent

    (first,) = DataItem.rows_of(
        Revision.objects.order_by("pk")[0].pk, (ItemContent(name="企业名称", data_type="C"),)
    )
    first.save(force_insert=True)
    made = {"id": "lower(hex(randomblob(16)))", "revision_id": "r.id", "order": "n + 1"}
    named = enumerate(("统一社会信用代码", "地址", "登记日期", "联系电话", "状态"), 1)
    whens = " ".join(f"WHEN {n} THEN '{name}'" for n, name in named)
    names = f"CASE n {whens} END"
    numbers = "(SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5)"
    copies(DataItem, first.pk, made | {"name": names}, f"catalog_revision r, {numbers}")


def _changes() -> None:
    """Every entry has been published by a step, which is numbered; reading alone never is."""
    from django.db import transaction

    from shuqiao.catalog.models import Entry
    from shuqiao.catalog.services.changes import note_changes
    from shuqiao.catalog.types import Change

    with transaction.atomic():
        note_changes([(entry, entry.published_id) for entry in Entry.objects.published()], Change.INSERTED)


def _cases(city, cases: int) -> None:
    """Open terms, each with a line in an inbox: 50 departments take turns, one of them is the readers'."""
    from django.db import connection

    from shuqiao.accounts.types import P
    from shuqiao.kernel.ids import new_id
    from shuqiao.kernel.time import today
    from shuqiao.organizations import queries as organizations
    from shuqiao.procedures import services as procedures
    from shuqiao.procedures.models import InboxItem, Term
    from shuqiao.procedures.types import CaseKind, CaseRef

    resolved = organizations.regime_of(city.yingkou.code, today()).term("sharing.reply.conditional")
    case = CaseRef(CaseKind.SHARING_REQUEST, new_id(), "营数享〔2026〕0001号", "企业登记信息", "/sharing/")
    term = procedures.open_term(case=case, resolved=resolved, received_on=today(), department=city.provider)
    procedures.assign(
        case=case, department=city.provider, permission=P.CATALOG_ENTRY_SIGN, action="答复申请", detail="核对",
        term=term, stage="term",
    )  # fmt: skip
    line = InboxItem.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE d AS SELECT id FROM organizations_department WHERE id <> %s ORDER BY id LIMIT 49",
            [city.provider.pk.hex],
        )
    of = f"CASE n % 50 WHEN 0 THEN '{city.provider.pk.hex}' ELSE (SELECT id FROM d WHERE rowid = n % 50) END"
    many = f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {cases - 1}) SELECT n FROM c)"
    same = {"case_id": "printf('%032x', n)", "department_id": of}
    copies(
        Term, term.pk, same | {"id": "printf('%032x', n)", "due_on": "date(t.due_on, (n % 60 - 20) || ' days')"},
        many,
    )  # fmt: skip
    copies(InboxItem, line.pk, same | {"id": "printf('%032x', n)", "term_id": "printf('%032x', n)"}, many)


def pages(times: int) -> dict[str, tuple[str, list[str]]]:
    """For each page who asks (nobody: ""), and the addresses asked in turn."""
    from shuqiao.catalog.models import Entry

    listed = list(
        Entry.objects.published().order_by("code").values_list("pk", flat=True)[:: 100_000 // times]
    )
    some, own = listed[:times], list(
        Entry.objects.filter(division="210800").values_list("published_id", flat=True)[:times]
    )  # fmt: skip
    words = [WORDS[place % len(WORDS)] for place in range(times)]
    return {
        "home": ("", ["/"]),
        "public search": ("", [f"/open/?q={word}" for word in words]),
        "public search, narrowed": ("", [f"/open/?q={word}&opening=unconditional" for word in words]),
        "public entry": ("", [f"/open/{one}/" for one in some]),
        "search": ("provider-cataloguer", [f"/catalog/?q={word}" for word in words]),
        "catalogue, page by page": ("provider-cataloguer", [f"/catalog/?page={n + 1}" for n in range(times)]),
        "entry": ("provider-cataloguer", [f"/catalog/entries/{one}/" for one in some]),
        "revision": ("provider-cataloguer", [f"/catalog/revisions/{one}/" for one in own]),
        "workbench": ("provider-cataloguer", [f"/catalog/mine/?page={n + 1}" for n in range(times)]),
        "inbox": ("provider-approver", [f"/work/?page={n % 40 + 1}" for n in range(times)]),
        "inbox, only late": ("provider-approver", ["/work/?late=1"]),
        "entries by REST": ("provider-cataloguer", ["/api/v1/catalog/entries?limit=50&order=code"]),
    }


def counted(plan: dict[str, tuple[str, list[str]]]) -> tuple[dict[str, int], dict[str, str]]:
    """The most queries of each page, and a session for everybody who asks."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from shuqiao.accounts.models import User

    most, sessions = {}, {"": ""}
    for name, (who, addresses) in plan.items():
        client = Client(SERVER_NAME="localhost")
        if who:
            client.force_login(User.objects.get(username=who))
            sessions[who] = client.cookies["sessionid"].value
        client.get(addresses[0])
        found = []
        for address in dict.fromkeys(addresses[:8]):
            with CaptureQueriesContext(
                connection,
            ) as caught:
                answer = client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
            found.append(len(caught))
            if os.environ.get("SHOW") == name:
                for query in sorted(caught.captured_queries, key=lambda one: -float(one["time"])):
                    print(query["time"], query["sql"][:400])
        most[name] = max(found)
    return most, sessions


def cpu_of(pid: int) -> float:
    """CPU seconds used so far by a process and its children."""
    ticks, pids = 0, [pid]
    for one in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{one}/task").iterdir():
                pids += [int(child) for child in (task / "children").read_text().split()]
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(home: Path, times: int) -> list[dict]:
    """The figures."""
    plan = pages(times)
    queries, sessions = counted(plan)
    figures, port = [], free_port()
    web = [
        str(Path(sys.executable).with_name("granian")),
        *WEB,
        "--port",
        str(port),
        "shuqiao.wsgi:application",
    ]
    with (
        process(web, port, home) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        rounds = [
            {
                name: visited(client, server.pid, sessions[who], addresses, times)
                for name, (who, addresses) in plan.items()
            }
            for _ in range(ROUNDS)
        ]
    for name in plan:
        p95, p50, cpu = (
            statistics.median(values) for values in zip(*(one[name] for one in rounds), strict=True)
        )
        figures.append(figure(f"{name}, p95", "ms", p95, BOUND_MS, beside={"p50": p50, "cpu": cpu}))
        figures.append(figure(f"{name}, queries", "queries", queries[name], BOUND_QUERIES))
    return figures


def visited(
    client: httpx.Client, pid: int, session: str, addresses: list[str], times: int
) -> tuple[float, float, float]:
    """p95, p50 and processor time, in milliseconds, of a page asked so many times."""
    cookies = {"Cookie": f"sessionid={session}"} if session else {}
    took, used = [], 0.0
    for place in range(-3, times):  # the first three are not counted
        used = cpu_of(pid) if place == 0 else used
        started = time.perf_counter()
        answer = client.get(addresses[place % len(addresses)], headers=cookies)
        if answer.status_code != 200:
            raise SystemExit(f"{answer.url}: {answer.status_code}")
        took += [(time.perf_counter() - started) * 1000] if place >= 0 else []
    took.sort()
    p95 = took[max(int(len(took) * 0.95) - 1, 0)]
    return p95, statistics.median(took), (cpu_of(pid) - used) * 1000 / times


def main() -> int:
    """Run; 1 when a target is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="shuqiao-bench-"))
    try:
        home = (given.home or scratch / "home").absolute()
        prepare(home, given.cases)
        figures = measure(home, given.times)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for one in figures:
        print(
            f"  {'ok  ' if one['ok'] else 'MISS'} {one['name']:40}{one['value']:>10,} {one['unit']:8} {one['beside']}"
        )
    return 0 if write("pages", figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
