"""The one command line: `shuqiao`. Each part brings its own sub-commands; this module only mounts them."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuqiao.settings")

from shuqiao.cli import (  # the settings module must be named first
    catalog,
    docs,
    founding,
    journal_archive,
    law,
    run,
    store,
)
from shuqiao.law import use_packs_of

use_packs_of(os.environ.get("SHUQIAO_PACKS"))  # for the commands that do without Django
app = typer.Typer(no_args_is_help=True, add_completion=False, help="数桥：政务数据共享平台与开放平台")
app.add_typer(law.app, name="law", help="规则包：查看、比较、条文覆盖")
app.add_typer(journal_archive.app, name="journal", help="存证：校验、查找")
app.add_typer(catalog.app, name="catalog", help="目录：重建检索索引")
app.add_typer(store.app, name="store", help="数据版本：列出、校验、清理、与对象存储往来")
app.command("up")(run.up)
app.command("worker")(run.worker)
app.command("sample")(run.sample)
app.command("found")(founding.found)
app.command("anchors")(run.anchors)
app.command("migrate")(run.migrate)
app.command("docs")(docs.docs)


@app.command(
    "manage",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def manage(context: Annotated[typer.Context, typer.Argument()]) -> None:
    """Django's own commands, e.g. `shuqiao manage check --deploy`."""
    from django.core.management import execute_from_command_line

    execute_from_command_line([sys.argv[0], *context.args])
