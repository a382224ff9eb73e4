"""`shuqiao journal`: verify the evidence, look up a receipt, show reads. Needs no database and no Django.

Exit codes: 0 nothing wrong; 1 a finding, or nothing found; 2 misuse.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from shuqiao import journal
from shuqiao.kernel import ShuqiaoError

app = typer.Typer(no_args_is_help=True, help="存证日志：校验、按回执查找、列出使用记录")

Dir = Annotated[Path | None, typer.Option("--dir", help="存证目录，缺省为 $SHUQIAO_HOME/journal")]


def _root(given: Path | None) -> Path:
    root = given or Path(os.environ.get("SHUQIAO_HOME", "var")) / "journal"
    if not root.is_dir():
        typer.echo(f"没有存证目录：{root}", err=True)
        raise typer.Exit(2)
    return root


def _read_anchors(file: Path | None) -> list[journal.Head]:
    if file is None:
        return []
    try:
        lines = [line for line in file.read_bytes().splitlines() if line.strip()]
        return [msgspec.json.decode(line, type=journal.Head) for line in lines]
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        typer.echo(f"锚点文件读不出来：{file}：{error}", err=True)
        raise typer.Exit(2) from None


@app.command()
def verify(
    directory: Dir = None,
    node: Annotated[str | None, typer.Option(help="只校验这个节点")] = None,
    anchors: Annotated[Path | None, typer.Option(help="另处保存的链头，每行一个 JSON（见 heads）")] = None,
) -> None:
    """Walk every segment; name each change, removal, insertion or reordering. Exit code 1 on any."""
    root = _root(directory)
    known = _read_anchors(anchors)
    report = _walk(root, node, known)
    if not report.nodes:
        typer.echo(f"没有可校验的节点：{root}", err=True)
        raise typer.Exit(1)
    for one in report.nodes:
        writing = "，正在写入" if one.being_written else ""
        typer.echo(f"{one.node}：{one.segments} 段，{one.records} 条，链头 {one.seq} {one.hash}{writing}")
    for finding in report.findings:
        typer.echo(str(finding), err=True)
    if not report.ok:
        typer.echo(f"发现 {report.found} 处问题", err=True)
        raise typer.Exit(1)
    typer.echo(f"完整：{report.records} 条存证逐条相符")


def _walk(root: Path, node: str | None, anchors: list[journal.Head]) -> journal.Report:
    with typer.progressbar(length=100, label="校验") as bar:

        def show(progress: journal.Progress) -> None:
            if progress.bytes_total:
                bar.update(min(100, progress.bytes_done * 100 // progress.bytes_total) - bar.pos)

        return journal.verify(root, node=node, progress=show, anchors=anchors)


@app.command()
def heads(directory: Dir = None) -> None:
    """Print each node's durable head as JSON, to be kept elsewhere and given to `verify --anchors`."""
    for one in journal.heads(_root(directory)):
        typer.echo(msgspec.json.encode(one).decode())


@app.command()
def find(receipt: Annotated[str, typer.Argument(help="回执编号")], directory: Dir = None) -> None:
    """Print the record of a receipt, its link to the chain checked. Exit code 1 when there is none."""
    try:
        entry = journal.find_entry(_root(directory), receipt)
    except ShuqiaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if entry is None:
        typer.echo(f"没有这份回执：{receipt}", err=True)
        raise typer.Exit(1)
    typer.echo(msgspec.json.format(msgspec.json.encode(entry), indent=2).decode())


@app.command()
def show(
    *,
    directory: Dir = None,
    grant: Annotated[str | None, typer.Option(help="授权编号")] = None,
    key: Annotated[str | None, typer.Option(help="应用密钥编号")] = None,
    resource: Annotated[str | None, typer.Option(help="资源编号")] = None,
    case: Annotated[str | None, typer.Option(help="办件编号")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多几条")] = 20,
) -> None:
    """Print the newest records, one JSON a line. Exit code 1 when the log does not hold."""
    root = _root(directory)
    try:
        entries = journal.search(root, grant=grant, key=key, resource=resource, case=case, limit=limit)
    except ShuqiaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for entry in entries:
        typer.echo(msgspec.json.encode(entry).decode())
