"""`shuqiao found`: the first division, its bureau and its administrator. Everything after that is done in pages."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from shuqiao.cli.run import migrate
from shuqiao.law import Binding


def found(
    *,
    code: Annotated[str, typer.Option(help="区划代码，如 210800")],
    name: Annotated[str, typer.Option(help="区划名称，如 营口市")],
    short: Annotated[str, typer.Option(help="简称，如 营口")],
    prefix: Annotated[str, typer.Option(help="案号字头，如 营")],
    packs: Annotated[str, typer.Option(help="规则包，逗号分隔；期满后继续执行的加 !，如 dongchangfu-2020!")],
    bureau: Annotated[str, typer.Option(help="政务数据主管部门全称")],
    bureau_short: Annotated[str, typer.Option(help="主管部门简称")],
    credit_code: Annotated[str, typer.Option(help="主管部门的统一社会信用代码")],
    admin: Annotated[str, typer.Option(help="系统管理员账号")],
    admin_name: Annotated[str, typer.Option(help="系统管理员姓名")],
    parent: Annotated[str, typer.Option(help="上级区划代码")] = "",
) -> None:
    """Found a division with its bureau and first administrator; prints the initial password once."""
    migrate()
    from shuqiao.kernel import ShuqiaoError

    division = {
        "code": code,
        "name": name,
        "short_name": short,
        "case_prefix": prefix,
        "parent": parent or None,
    }
    bindings = [Binding(one.rstrip("!"), one.endswith("!")) for one in packs.split(",") if one]
    try:
        password = _found(division, bindings, (bureau, bureau_short, credit_code), (admin, admin_name))
    except ShuqiaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{name}已建立。系统管理员 {admin} 的初始口令（只显示这一次）：{password or '沿用原口令'}")


def _found(
    division: dict[str, Any], packs: list[Binding], bureau: tuple[str, str, str], admin: tuple[str, str]
) -> str:
    """All of it in one transaction. Answers the administrator's initial password."""
    from django.db import transaction

    from shuqiao.accounts.types import PLATFORM, Role
    from shuqiao.kernel.time import today
    from shuqiao.organizations import services
    from shuqiao.organizations.types import DepartmentKind

    with transaction.atomic():
        services.create_division(actor=PLATFORM, packs=packs, **division)
        made = services.create_department(
            actor=PLATFORM,
            division=division["code"],
            name=bureau[0],
            short_name=bureau[1],
            credit_code=bureau[2],
            kind=DepartmentKind.BUREAU,
        )
        _, password = services.engage(
            actor=PLATFORM,
            department_id=made.id,
            username=admin[0],
            name=admin[1],
            phone="",
            role=Role.SYSTEM_ADMIN,
            on=today(),
        )
    return password
