"""`shuqiao store`: list, verify, collect, push and pull versions. Needs no database and no Django.

The folder is `$SHUQIAO_HOME/store`, the object store `$SHUQIAO_OBJECTS`, unless they are given.
Exit codes: 0 nothing wrong; 1 a finding; 2 misuse, or the object store cannot be asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shuqiao.kernel import NotFound, ShuqiaoError

if TYPE_CHECKING:
    from shuqiao.store import Store

app = typer.Typer(no_args_is_help=True, help="数据版本：列出、校验、清理、与对象存储往来")

Dir = Annotated[Path | None, typer.Option("--dir", help="版本目录，缺省为 $SHUQIAO_HOME/store")]
Objects = Annotated[str | None, typer.Option("--objects", help="对象存储地址，缺省为 $SHUQIAO_OBJECTS")]
Versions = Annotated[list[str] | None, typer.Argument(help="版本编号；不写则全部")]


@contextmanager
def _opened(directory: Path | None, objects: str | None, *, remote: bool = False) -> Iterator[Store]:
    """The store; the errors of storage as lines and exit codes."""
    from shuqiao import store

    root = directory or Path(os.environ.get("SHUQIAO_HOME") or "var") / "store"
    url = objects if objects is not None else os.environ.get("SHUQIAO_OBJECTS", "")
    try:
        if remote and not url:
            typer.echo("没有对象存储：设置 SHUQIAO_OBJECTS 或 --objects", err=True)
            raise typer.Exit(2)
        yield store.open_store(root, url)
    except ShuqiaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1 if isinstance(error, NotFound | store.Damaged) else 2) from None


@app.command("list")
def list_(directory: Dir = None, objects: Objects = None) -> None:
    """Every version: where it is, its kind, rows, bytes, when it was built, and since when it is marked."""
    from shuqiao.store import retention, shipping

    with _opened(directory, objects) as here:
        local, marks = set(here.list_versions()), retention.marked(here)
        remote = set(shipping.remote_versions(here.objects)) if here.objects else set()
        for version_id in sorted(local | remote):
            meta = here.meta(version_id)
            places = "+".join(
                name for name, among in (("本机", local), ("对象存储", remote)) if version_id in among
            )
            size = sum(file.size for file in meta.files.values())
            mark = f"\t待清理 {marks[version_id]:%Y-%m-%d %H:%M}" if version_id in marks else ""
            typer.echo(
                f"{version_id}\t{places}\t{meta.kind}\t{meta.rows} 行\t{size} 字节\t{meta.built_at}{mark}"
            )


@app.command()
def verify(versions: Versions = None, directory: Dir = None, objects: Objects = None) -> None:
    """Hash every file of every version here, and with an object store look whether all its files are there.
    Exit code 1 and a line for each damaged version."""
    from shuqiao.store import shipping

    damaged = 0
    with _opened(directory, objects) as here:
        chosen = versions or here.list_versions()
        with typer.progressbar(chosen, label="校验") as bar:
            for version_id in bar:
                damaged += _say_damage(
                    version_id, here.damaged_files(version_id) if here.has(version_id) else []
                )
        if here.objects is not None:
            for version_id in versions or sorted(shipping.remote_versions(here.objects)):
                meta = shipping.remote_meta(here.objects, version_id)
                damaged += _say_damage(f"对象存储 {version_id}", shipping.missing_files(here.objects, meta))
    if damaged:
        raise typer.Exit(1)
    typer.echo(f"完整：{len(chosen)} 个版本的文件与登记相符")


def _say_damage(version: str, files: list[str]) -> int:
    if files:
        typer.echo(f"已损坏：{version}：{'、'.join(files)}", err=True)
    return bool(files)


@app.command()
def collect(
    *,
    keep: Annotated[Path, typer.Option(help="要保留的版本编号，每行一个（shuqiao worker 从数据库得出）")],
    days: Annotated[int, typer.Option(min=1, help="标记多少天之后才删除")] = 7,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说会怎样，不动任何东西")] = False,
    directory: Dir = None,
    objects: Objects = None,
) -> None:
    """Mark versions that the list does not name; remove those marked that many days ago. The worker does it by
    itself; this is for an installation whose database is gone or in doubt."""
    from shuqiao.store import retention

    named = frozenset(keep.read_text().split())
    with _opened(directory, objects) as here:
        if dry_run:
            marks = retention.marked(here)
            for version_id in sorted(set(_all(here)) - named):
                since = marks.get(version_id)
                typer.echo(f"{version_id}\t{f'已于 {since:%Y-%m-%d} 标记' if since else '会被标记'}")
            return
        for version_id in here.collect(named, timedelta(days=days)):
            typer.echo(f"已删除 {version_id}")


def _all(here: Store) -> list[str]:
    from shuqiao.store import shipping

    remote = list(shipping.remote_versions(here.objects)) if here.objects else []
    return [*here.list_versions(), *remote]


@app.command()
def push(versions: Versions = None, directory: Dir = None, objects: Objects = None) -> None:
    """Write versions of this folder into the object store, e.g. when one is set up. What is there stays."""
    from shuqiao.store import Damaged, shipping

    with _opened(directory, objects, remote=True) as here:
        assert here.objects is not None
        chosen = versions or here.list_versions()
        with typer.progressbar(chosen, label="上传") as bar:
            for version_id in bar:
                if not here.has(version_id):
                    raise NotFound(f"本机的数据版本 {version_id}")
                if damaged := here.damaged_files(version_id):
                    raise Damaged(version_id, damaged)
                shipping.push(here.objects, version_id, here.path_of(version_id))
    typer.echo(f"对象存储中有这 {len(chosen)} 个版本")


@app.command()
def pull(versions: Versions = None, directory: Dir = None, objects: Objects = None) -> None:
    """Fetch versions from the object store to this node, each file checked against its hash."""
    from shuqiao.store import shipping

    with _opened(directory, objects, remote=True) as here:
        assert here.objects is not None
        chosen = versions or sorted(shipping.remote_versions(here.objects))
        sizes = {one: sum(file.size for file in here.meta(one).files.values()) for one in chosen}
        with typer.progressbar(length=sum(sizes.values()), label="下载") as bar:
            for version_id in chosen:
                if here.has(version_id):
                    bar.update(sizes[version_id])
                else:
                    here.fetch(version_id, bar.update)
    typer.echo(f"本机有这 {len(chosen)} 个版本")


@app.command()
def check(objects: Objects = None) -> None:
    """Write, read and remove a probe in the object store. Exit code 2 saying what is wrong."""
    with _opened(None, objects, remote=True) as here:
        assert here.objects is not None
        here.objects.check()
    typer.echo("对象存储可以读写")
