"""The real entries of 64 portals, loaded in bulk as published entries: what the catalogue's benches search in.

The portals name their fields as they like; each of our fields is the first of several names that holds something.
"""

from __future__ import annotations

import ast
import contextlib
import gzip
import json
import os
import re
import sys
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("SHUQIAO_SHARED_DATA", ROOT.parent / "shared" / "data"))
FILE = "catalog_china_portals_2023.jsonl.gz"
NAMES = {
    "title": (
        "标题",
        "资源名称",
        "数据集名称",
        "目录名称",
        "资源信息名称",
        "信息资源名称",
        "subjectBaseName",
    ),
    "summary": (
        "描述",
        "摘要",
        "数据摘要",
        "摘要信息",
        "资源摘要",
        "服务描述",
        "目录摘要",
        "摘要描述",
        "内容简介",
        "资源描述",
        "数据简介",
        "tableRemark",
    ),
    "department": (
        "来源部门",
        "提供单位",
        "数据提供方",
        "数源单位",
        "提供机构",
        "资源提供方",
        "资源提供单位信息",
        "orgName",
        "所属部门",
        "提供部门",
        "信息资源提供方",
        "所属单位",
        "机构分类",
        "资源目录",
    ),
    "theme": (
        "数据领域",
        "重点领域",
        "所属主题",
        "主题名称",
        "领域名称",
        "主题",
        "国家主题分类",
        "主题分类",
        "所属领域",
        "领域分类",
        "数据主题",
        "领域",
        "开放主题",
        "所属行业",
        "industry",
    ),
    "format": ("数据格式", "资源格式", "格式类型", "资源类型", "dataType", "下载格式"),
    "opening": (
        "开放条件",
        "开放属性",
        "开放类型",
        "开放状态",
        "开放方式",
        "openTypeName",
        "是否向社会开放",
        "公开属性",
    ),
    "cycle": ("更新频率", "更新周期", "更新频度", "资源更新频率", "frequency"),
    "published": (
        "发布时间",
        "发布日期",
        "首次发布日期",
        "releaseTime",
        "创建时间",
        "目录发布时间",
        "上传时间",
        "创建日期",
    ),
    "updated": (
        "更新时间",
        "更新日期",
        "updateTime",
        "数据更新时间",
        "最近更新",
        "最后更新",
        "资源更新日期",
        "数据集更新时间",
    ),
    "tags": ("标签", "关键字", "数据标签", "资源标签", "关键词", "label"),
}
FORMATS = (
    ("electronic_file", ("file", "文件", "pdf", "doc", "txt")),
    ("service_interface", ("api", "接口")),
    ("database", ("mysql", "oracle", "db2", "数据库", "库表", "dm")),
    ("self_describing", ("json", "xml", "rdf")),
    ("spreadsheet", ("xls", "csv", "excel")),
)
CYCLES = (
    ("realtime", ("实时",)),
    ("daily", ("每日", "每天", "日")),
    ("weekly", ("周",)),
    ("quarterly", ("季",)),
    ("half_yearly", ("半年",)),
    ("monthly", ("月",)),
    ("yearly", ("年",)),
    ("irregular", ("不定期", "其他")),
    ("never", ("不更新", "静态")),
)
DAY = re.compile(r"(20\d\d)\D(\d{1,2})\D(\d{1,2})")


def value_of(row: dict, what: str) -> str:
    """The first field of these that says something; lists joined."""
    for name in NAMES[what]:
        value = row.get(name)
        if isinstance(value, str) and value.startswith("["):
            with contextlib.suppress(SyntaxError, ValueError):
                value = ast.literal_eval(value)
        if isinstance(value, list):
            value = "、".join(str(one) for one in value if one)
        text = str(value or "").strip()
        if text and text not in {"暂无", "无", "null", "None"}:
            return text
    return ""


def _chosen(text: str, among: tuple) -> str:
    low = text.lower()
    return next((value for value, words in among if any(word in low for word in words)), "")


def _opening(text: str) -> str:
    if "不予" in text or "不开放" in text:
        return "closed"
    return (
        "conditional"
        if "有条件" in text or "依申请" in text or "实名" in text or "受限" in text
        else "unconditional"
    )


def _day(text: str) -> date | None:
    found = DAY.search(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def rows(times: int = 1) -> Iterator[dict]:
    """One dict of our fields per line of the file that has a title; `line` counts from 1."""
    for copy in range(times):
        with gzip.open(DATA / FILE, "rt", encoding="utf-8") as file:
            for line, text in enumerate(file, 1):
                row = json.loads(text)
                title = value_of(row, "title")
                if not title:
                    continue
                summary = value_of(row, "summary")
                yield {
                    "line": line + copy * 1_000_000,
                    "portal": row["_portal"],
                    "title": f"{title[:190]}（{copy + 1}）" if copy else title[:200],
                    "summary": (f"{summary} {value_of(row, 'tags')}").strip()[:1000],
                    "department": value_of(row, "department")[:100] or "未说明的部门",
                    "theme": re.split(r"[、,，;；|/ ]", value_of(row, "theme"))[0][:64],
                    "format": _chosen(value_of(row, "format"), FORMATS),
                    "opening": _opening(value_of(row, "opening")),
                    "cycle": _chosen(value_of(row, "cycle"), CYCLES),
                    "published": _day(value_of(row, "published")),
                    "updated": _day(value_of(row, "updated")),
                }


def entry_id(line: int) -> uuid.UUID:
    """Entries are told by the line they come from."""
    return uuid.UUID(int=(7 << 76) | (2 << 62) | (line << 80))


def line_of(entry: uuid.UUID) -> int:
    """The line an entry comes from."""
    return entry.int >> 80


def set_up(home: Path, times: int = 1) -> None:
    """Django over a home of its own, with the entries loaded once; a home that has them is used again."""
    os.environ |= {
        "SHUQIAO_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "shuqiao.settings",
        "SHUQIAO_HTTPS": "0",
        "SHUQIAO_DATABASE_URL": f"sqlite:///{home / 'shuqiao.sqlite3'}",
    }
    sys.path.insert(0, str(ROOT / "src"))
    import django

    django.setup()
    from django.core.management import call_command

    done = home / "loaded"
    if not done.exists():
        home.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        done.write_text(str(_load(times)))


def _load(times: int) -> int:
    from django.db import connection, transaction

    from shuqiao.catalog.models import Entry, Revision
    from shuqiao.catalog.searching import normalized
    from shuqiao.organizations.models import Department, Division

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    divisions: dict[str, str] = {}
    departments: dict[tuple[str, str], uuid.UUID] = {}
    entries, revisions, count = [], [], 0

    def flush() -> None:
        with transaction.atomic(), connection.constraint_checks_disabled():
            Entry.objects.bulk_create(entries, batch_size=500)
            Revision.objects.bulk_create(revisions, batch_size=200)
        entries.clear()
        revisions.clear()

    for row in rows(times):
        if row["portal"] not in divisions:
            code = f"{990000 + len(divisions)}"
            name = row["portal"]
            Division.objects.create(code=code, name=name, short_name=name[:16], case_prefix="数")
            divisions[name] = code
        division = divisions[row["portal"]]
        key = (division, row["department"])
        if key not in departments:
            departments[key] = Department.objects.create(
                division_id=division, name=row["department"], short_name=row["department"][:32],
                credit_code=f"T{len(departments):017d}",
            ).id  # fmt: skip
        line = row["line"]
        identity, revision = entry_id(line), uuid.UUID(int=(7 << 76) | (2 << 62) | (line << 80) | 1)
        entries.append(
            Entry(
                id=identity, division_id=division, department_id=departments[key], code=f"307001/{line:08d}",
                published_id=revision, was_submitted=True, data_updated_on=row["updated"],
            )
        )  # fmt: skip
        revisions.append(
            Revision(
                id=revision, entry_id=identity, number=1, status="published", case_number=f"{line}",
                signed_on=date(2023, 6, 1), title=row["title"], summary=row["summary"], kind="department",
                classification="307001", theme=row["theme"], format_category=row["format"],
                update_cycle=row["cycle"], sharing_type=("unconditional", "conditional")[line % 3 == 0],
                opening_type=row["opening"], published_on=row["published"],
                search_text=normalized(f"{row['title']} {row['theme']} {row['summary']}"),
            )
        )  # fmt: skip
        count += 1
        if len(entries) == 5_000:
            flush()
    flush()
    return count
