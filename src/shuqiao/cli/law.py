"""`shuqiao law`: look at rule packs and regimes, compare them, see which articles carry tests."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from shuqiao import law
from shuqiao.cli.run import setup
from shuqiao.cli.screens import addresses
from shuqiao.kernel.time import today
from shuqiao.law import coverage as marks
from shuqiao.law import reports

app = typer.Typer(no_args_is_help=True, help="规则包：查看、比较、条文覆盖")

Packs = Annotated[list[str], typer.Argument(help="规则包编号，如 yingkou-2022；多个表示一个区划的全部规则")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="哪一天，默认今天")]
HouseRule = Annotated[list[str] | None, typer.Option(help="届满后仍作为自定规则适用的规则包")]


@app.command("show")
def show(packs: Packs, on: Day = None, house_rule: HouseRule = None) -> None:
    """一个规则包的全部内容；给出日期或多个规则包时，显示当天合并后的规则和来源。"""
    if len(packs) == 1 and on is None and not house_rule:
        typer.echo(reports.show(_pack(packs[0])), nl=False)
        return
    typer.echo(reports.show(_regime(packs, house_rule, _day(on))), nl=False)


@app.command("diff")
def diff(
    packs: Packs,
    before: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="前一天")] = None,
    after: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="后一天")] = None,
    house_rule: HouseRule = None,
) -> None:
    """两个规则包之间的差别；给出 --before 和 --after 时，同样的规则包在两天之间的变化。"""
    if before is None and after is None:
        if len(packs) != 2:
            raise typer.BadParameter("请给两个规则包，或用 --before 和 --after 给两个日期")
        typer.echo(reports.diff(_pack(packs[0]), _pack(packs[1])), nl=False)
        return
    if before is None or after is None:
        raise typer.BadParameter("--before 和 --after 要一起给")
    one, two = (_regime(packs, house_rule, _day(day)) for day in (before, after))
    typer.echo(reports.diff(one, two), nl=False)


@app.command("coverage")
def coverage(
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON：pack、article、kind、parts、due、tests")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="刷新覆盖清单和条文对照页")] = False,
    gate: Annotated[bool, typer.Option("--gate", help="只看缺口：已建部分的系统条文缺测试就失败")] = False,
) -> None:
    """每一条条文和守着它的测试。--write 只增不减：有条文丢了测试就拒绝。

    --gate 逐条列出已建部分缺测试的系统条文、留待后续部分的系统条文；前者不为零时以 1 退出。
    """
    try:
        root = marks.project_root()
        found = marks.scan(root)
    except marks.CoverageError as error:
        raise typer.BadParameter(str(error)) from None
    rows = marks.coverage(found)
    if write:
        _write(root, rows, found)
    if gate:
        typer.echo(reports.gate_text(rows), nl=False)
        raise typer.Exit(1 if marks.owed(rows) else 0)
    typer.echo(reports.coverage_json(rows) if as_json else reports.coverage_text(rows), nl=False)


def _write(root: Path, rows: tuple[marks.CoverageRow, ...], found: tuple[marks.Mark, ...]) -> None:
    ratchet = root / marks.RATCHET
    if ratchet.exists():
        lost = marks.lost_articles(rows, ratchet.read_text(encoding="utf-8"))
        if lost:
            typer.echo(f"没有写入：这些条文不再有测试：{'、'.join(lost)}", err=True)
            raise typer.Exit(1)
    setup()
    pages = {root / "docs" / name: text for name, text in reports.reference_pages(addresses(), found).items()}
    for path, text in ({ratchet: marks.ratchet_text(rows)} | pages).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@app.command("check")
def check(pack_id: Annotated[str, typer.Argument(help="规则包编号")]) -> None:
    """读一个规则包，指出它没有回答的期限和规则。读不通的，说明文件、位置和原因。"""
    try:
        pack = _pack(pack_id)
    except law.PackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    open_ids = [name for name, term in pack.terms.items() if term.note == law.NOT_ANSWERED]
    open_ids += [name for name, rule in pack.rules.items() if rule.note == law.NOT_ANSWERED]
    answered = len(pack.terms) + len(pack.rules) - len(open_ids)
    typer.echo(f"{pack.title}（{pack.id}）：{len(pack.articles)} 条，回答了 {answered} 项期限和规则")
    if open_ids:
        typer.echo(f"没有回答：{'、'.join(open_ids)}")


def _pack(pack_id: str) -> law.Pack:
    packs = law.load_packs()
    if pack_id not in packs:
        raise typer.BadParameter(f"没有规则包 {pack_id}；现有：{'、'.join(packs)}")
    return packs[pack_id]


def _regime(packs: list[str], house_rule: list[str] | None, on: date) -> law.Regime:
    kept = set(house_rule or ())
    bindings = [law.Binding(_pack(pack).id, pack in kept) for pack in dict.fromkeys([*packs, *sorted(kept)])]
    return law.regime_of(bindings, on)


def _day(value: datetime | None) -> date:
    return value.date() if value is not None else today()
