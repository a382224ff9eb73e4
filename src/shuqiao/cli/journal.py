"""`shuqiao journal`: verify the evidence, look up and prove a receipt, show reads. Needs no database and no Django.

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

WORTH_PROCESSES = 64 << 20
"""Bytes on disk from which several processes are worth their start."""

Dir = Annotated[Path | None, typer.Option("--dir", help="存证目录，缺省为 $SHUQIAO_HOME/journal")]


def root_folder(given: Path | None) -> Path:
    """The evidence folder asked for, or the installation's; says so and ends where there is none."""
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
    key: Annotated[list[Path] | None, typer.Option(help="另处保存的封存公钥（PEM），可给多个")] = None,
    processes: Annotated[int, typer.Option(min=0, help="同时校验的进程数，0 为本机的核数")] = 0,
) -> None:
    """Walk every segment and seal; name each change, removal, insertion or reordering. Exit code 1 on any."""
    root = root_folder(directory)
    known = _read_anchors(anchors)
    keys = {one.id: one for one in map(read_key, key)} if key else None
    report = _walk(root, node, known, keys, processes)
    if not report.nodes:
        typer.echo(f"没有可校验的节点：{root}", err=True)
        raise typer.Exit(1)
    for one in report.nodes:
        writing = "，正在写入" if one.being_written else ""
        typer.echo(
            f"{one.node}：{one.segments} 段，{one.records} 条，链头 {one.seq} {one.hash}，"
            f"{one.seals} 次封存至 {one.sealed}{writing}"
        )
    for finding in report.findings:
        typer.echo(str(finding), err=True)
    if not report.ok:
        typer.echo(f"发现 {report.found} 处问题", err=True)
        raise typer.Exit(1)
    typer.echo(f"完整：{report.records} 条存证逐条相符")


def _walk(
    root: Path,
    node: str | None,
    anchors: list[journal.Head],
    keys: dict[str, journal.PublicKey] | None,
    processes: int,
) -> journal.Report:
    size = sum(path.stat().st_size for path in root.glob("*/seg-*"))
    several = (processes or os.cpu_count() or 1) if size > WORTH_PROCESSES or processes else 1
    with typer.progressbar(length=1000, label="校验") as bar:

        def show(progress: journal.Progress) -> None:
            if progress.bytes_total:
                bar.update(min(1000, progress.bytes_done * 1000 // progress.bytes_total) - bar.pos)

        return journal.verify(root, node=node, progress=show, anchors=anchors, keys=keys, processes=several)


def read_key(file: Path) -> journal.PublicKey:
    """A public key given as a file; says what is wrong with it and ends."""
    try:
        return journal.read_public_key(file.read_bytes())
    except (OSError, ShuqiaoError) as error:
        typer.echo(f"公钥读不出来：{file}：{error}", err=True)
        raise typer.Exit(2) from None


@app.command()
def heads(directory: Dir = None) -> None:
    """Print each node's durable head as JSON, to be kept elsewhere and given to `verify --anchors`."""
    for one in journal.heads(root_folder(directory)):
        typer.echo(msgspec.json.encode(one).decode())


def archive_folder(given: Path | None) -> Path:
    """Where evidence goes that leaves the log."""
    return given or Path(os.environ.get("SHUQIAO_HOME", "var")) / "journal-archive"


def known_archive(given: Path | None) -> Path | None:
    """The archive, where there is one."""
    folder = archive_folder(given)
    return folder if folder.is_dir() else None


Into = Annotated[Path | None, typer.Option("--into", help="归档目录，缺省为 $SHUQIAO_HOME/journal-archive")]


@app.command()
def find(
    receipt: Annotated[str, typer.Argument(help="回执编号")], directory: Dir = None, into: Into = None
) -> None:
    """Print the record of a receipt, from the log or the archive, its link to the chain checked, and how a long answer
    ended. Exit code 1 when there is none."""
    root, archive = root_folder(directory), known_archive(into)
    try:
        entry = journal.find_entry(root, receipt, archive)
        ends = journal.ends_of(root, [receipt], archive)
    except ShuqiaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if entry is None:
        typer.echo(f"没有这份回执：{receipt}", err=True)
        raise typer.Exit(1)
    for one in (entry, *ends.values()):
        typer.echo(msgspec.json.format(msgspec.json.encode(one), indent=2).decode())


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
    root = root_folder(directory)
    try:
        entries = journal.search(root, grant=grant, key=key, resource=resource, case=case, limit=limit)
    except ShuqiaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for entry in entries:
        typer.echo(msgspec.json.encode(entry).decode())


def secrets_folder(given: Path | None) -> Path:
    """Where the sealing key is kept."""
    return given or Path(os.environ.get("SHUQIAO_HOME", "var")) / "secrets"


Secrets = Annotated[Path | None, typer.Option("--secrets", help="密钥目录，缺省为 $SHUQIAO_HOME/secrets")]


@app.command()
def key(secrets: Secrets = None) -> None:
    """Print the public key of the seals (PEM), to be kept by auditors; the key is made at first use."""
    try:
        typer.echo(journal.seal_key(secrets_folder(secrets)).public.pem, nl=False)
    except OSError as error:
        typer.echo(f"封存密钥不能使用：{error}", err=True)
        raise typer.Exit(1) from None


@app.command()
def seal(
    directory: Dir = None,
    secrets: Secrets = None,
    sm2: Annotated[bool, typer.Option("--sm2", help="同时用 SM2 签名（需要本机的 OpenSSL 3）")] = False,
) -> None:
    """Seal now what is not sealed yet; the worker does so every few minutes. Exit code 1 where a log does not hold."""
    root = root_folder(directory)
    try:
        own = journal.seal_key(secrets_folder(secrets))
        national = journal.sm2_key(secrets_folder(secrets)) if sm2 else None
        for node in journal.list_nodes(root):
            for one in journal.seal(root, node, own, sm2=national):
                said = one.statement
                typer.echo(f"{node}：第 {said.number} 次封存，序号 {said.seq_from} 至 {said.seq_to}")
    except (OSError, ShuqiaoError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def compress(directory: Dir = None) -> None:
    """Compress closed segments now; the worker does so by itself."""
    for path in journal.compress(root_folder(directory)):
        typer.echo(f"{path.parent.name}/{path.name}")


@app.command()
def prove(
    receipt: Annotated[str, typer.Argument(help="回执编号")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写入文件，缺省为屏幕")] = None,
    directory: Dir = None,
    into: Into = None,
    with_record: Annotated[bool, typer.Option(help="附上记录原文（可能含个人信息）")] = False,
) -> None:
    """Make the proof that a receipt's record is sealed. Exit code 1 when there is none, or not yet."""
    try:
        proof = journal.prove(
            root_folder(directory), receipt, with_record=with_record, archive=known_archive(into)
        )
    except ShuqiaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if proof is None:
        typer.echo(f"没有这份回执：{receipt}", err=True)
        raise typer.Exit(1)
    if output is None:
        typer.echo(proof.to_json().decode(), nl=False)
    else:
        output.write_bytes(proof.to_json())


@app.command("check-proof")
def check_proof(
    file: Annotated[Path, typer.Argument(help="证明文件")],
    key: Annotated[list[Path], typer.Option(help="封存公钥（PEM）；另有 SM2 签名的，可再给 SM2 公钥")],
) -> None:
    """Check a proof with the public keys alone, without log and network; the SM2 signature where its key is given
    (needs OpenSSL). Exit code 1 when it does not hold."""
    keys = {one.algorithm: one for one in map(read_key, key)}
    public, national = keys.get(journal.ED25519), keys.get(journal.SM2)
    if public is None:
        typer.echo("要给出 Ed25519 封存公钥", err=True)
        raise typer.Exit(2)
    try:
        proof = journal.read_proof(file.read_bytes())
        problems = journal.problems_of(proof, public, national)
    except (OSError, ShuqiaoError) as error:
        typer.echo(f"证明不能核验：{file}：{error}", err=True)
        raise typer.Exit(2) from None
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    sealed = journal.parse_seal(proof.seal.encode())
    assert sealed is not None  # it has just been read
    said = sealed.statement
    typer.echo(f"成立：回执 {proof.receipt} 的记录（杂凑值 {proof.hash}）")
    typer.echo(f"由 {said.node} 第 {said.number} 次封存签名，时间 {said.at}，公钥 {public.id}")
    if national:
        typer.echo(f"SM2 签名也成立，公钥 {national.id}")
    elif sealed.sm2:
        typer.echo(f"另有 SM2 签名（公钥 {said.sm2_key}），没有核对", err=True)
