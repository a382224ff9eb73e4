"""`shuqiao journal archive | verify-archive | who`: evidence that has left the log's folder, and asking both."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from shuqiao import journal
from shuqiao.cli.journal import (
    Dir,
    Into,
    Secrets,
    app,
    archive_folder,
    known_archive,
    read_key,
    root_folder,
    secrets_folder,
)
from shuqiao.kernel import ShuqiaoError
from shuqiao.kernel.time import today

__all__ = ["app"]

PREFIX = "journal"


def _upload(url: str) -> Callable[[str, Path], object] | None:
    if not url:
        return None
    from shuqiao.store.objects import open_objects

    objects = open_objects(url)
    return lambda name, path: objects.put_file(f"{PREFIX}/{name}", path)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        typer.echo(f"不是日期（年-月-日）：{text}", err=True)
        raise typer.Exit(2) from None


def _years() -> int:
    text = os.environ.get("SHUQIAO_JOURNAL_YEARS") or str(journal.LEAST_YEARS)
    if not text.isdigit():
        typer.echo(f"SHUQIAO_JOURNAL_YEARS 应是整数：{text}", err=True)
        raise typer.Exit(2)
    return int(text)


@app.command()
def archive(
    *,
    directory: Dir = None,
    into: Into = None,
    secrets: Secrets = None,
    through: Annotated[str | None, typer.Option(help="归档到这一天为止（年-月-日）")] = None,
    objects: Annotated[str, typer.Option(help="同时写入的对象存储地址，缺省为 $SHUQIAO_OBJECTS")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="移出超过保存年限、归档核验无误的分段")] = False,
) -> None:
    """Archive closed, sealed segments as Parquet; with --remove take those past the years to keep out of the log."""
    root, target = root_folder(directory), archive_folder(into)
    try:
        key = journal.seal_key(secrets_folder(secrets))
        put = _upload(objects or os.environ.get("SHUQIAO_OBJECTS", ""))
        for part in journal.archive(root, target, key, through=_day(through), put=put):
            typer.echo(f"已归档 {part.node} 序号 {part.first} 至 {part.last}，{part.bytes} 字节")
        if remove:
            for part in journal.remove_archived(root, target, key, on=today(), years=_years(), put=put):
                typer.echo(f"已移出 {part.node} 序号 {part.first} 至 {part.last}")
    except (OSError, ShuqiaoError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command("verify-archive")
def verify_archive(
    *,
    directory: Dir = None,
    into: Into = None,
    key: Annotated[list[Path] | None, typer.Option(help="另处保存的封存公钥（PEM），可给多个")] = None,
) -> None:
    """Check every file of the archive against its chain and the signed ledger. Exit code 1 on any finding."""
    target = archive_folder(into)
    if not target.is_dir():
        typer.echo(f"没有归档目录：{target}", err=True)
        raise typer.Exit(2)
    keys = {one.id: one for one in map(read_key, key)} if key else journal.public_keys(root_folder(directory))
    count, problems = journal.verify_archive(target, keys)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"完整：归档的 {count} 条存证逐条相符")


@app.command()
def who(
    *,
    resource: Annotated[str, typer.Option(help="资源编号")],
    key_value: Annotated[
        list[str], typer.Option("--key-value", help="这个人的键值，例如身份证号；组合键依次给出各列的值")
    ],
    year: Annotated[int, typer.Option(min=2000, max=9998, help="年份")],
    directory: Dir = None,
    into: Into = None,
    by: Annotated[str, typer.Option(help="键值所在的列，以逗号分隔；给出后只认这些列里的值")] = "",
    limit: Annotated[int, typer.Option(min=1, help="“可能包含”最多列出几条")] = 100,
) -> None:
    """List who read the row of a key in a year, from the log and the archive; reads that named the key come in full,
    pages and exports that may have contained it up to --limit."""
    columns = tuple(by.split(",")) if by else ()
    if columns and len(columns) != len(key_value):
        typer.echo(f"--by 有 {len(columns)} 列，键值有 {len(key_value)} 个", err=True)
        raise typer.Exit(2)
    told: Counter[journal.How] = Counter()
    try:
        for one in journal.who(
            root_folder(directory),
            resource=resource,
            value=tuple(key_value),
            by=columns,
            first=columns,
            year=year,
            archive=known_archive(into),
        ):
            told[one.how] += 1
            if one.how is not journal.How.MAY or told[one.how] <= limit:
                typer.echo(
                    f"{one.how.label}\t{one.at}\t{one.receipt}\t凭证 {one.key}\t授权 {one.grant}\t"
                    f"{one.action}\t{one.rows} 行\t{one.purpose}\t{one.client}"
                )
    except ShuqiaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo("，".join(f"{how.label} {told[how]} 次" for how in journal.How), err=True)
