"""`shuqiao catalog`: the search index of this node, and entries that may be one."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="目录：重建检索索引、查找疑似重复")


@app.callback()
def catalog() -> None:
    """目录：重建检索索引、查找疑似重复"""


@app.command()
def reindex() -> None:
    """Make this node's search index anew beside the one in use, then switch to it. Never needed in ordinary work."""
    import django

    django.setup()
    from shuqiao.catalog.search import catching_up, index

    with typer.progressbar(length=1_000, label="索引") as bar:
        shown = 0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            now = done * 1_000 // max(total, 1)
            bar.update(now - shown)
            shown = now

        try:
            count = catching_up.rebuild(progress)
        except index.Busy:
            typer.echo("\n另一个进程正在写索引，请稍后再试", err=True)
            raise typer.Exit(1) from None
    typer.echo(f"已重建：{count} 个条目，位于 {index.root()}")


@app.command()
def duplicates() -> None:
    """Compare all published entries anew; decisions people have made are kept."""
    import time

    import django

    django.setup()
    from shuqiao.catalog import services
    from shuqiao.kernel.time import now

    start = time.perf_counter()
    found = services.find_all_duplicates(at=now())
    items = services.count_spread()
    typer.echo(
        f"疑似重复 {found} 对，多部门共有的数据项 {items} 个，用时 {time.perf_counter() - start:.1f} 秒"
    )
