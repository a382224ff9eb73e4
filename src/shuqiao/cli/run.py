"""Starting and stopping: `up` supervises web, gateway and worker; each may also run alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from shuqiao.cli.supervisor import Part, Supervisor, free_or_exit

HostOption = Annotated[str, typer.Option(help="监听地址")]
WebPort = Annotated[int, typer.Option(help="网页端口")]
GatewayPort = Annotated[int, typer.Option(help="数据网关端口")]
GatewayProcesses = Annotated[
    int,
    typer.Option(min=1, max=64, envvar="SHUQIAO_GATEWAY_PROCESSES", help="数据网关的进程数，共用一个端口"),
]


def setup() -> None:
    """Load Django, so that models can be used."""
    import django

    django.setup()


def migrate() -> None:
    """Bring the control database and the home folder to this release's form."""
    setup()
    from django.conf import settings
    from django.core.management import call_command

    from shuqiao.delivery.jobs import reconcile_book
    from shuqiao.gateway.sealing import ensure_master_key
    from shuqiao.kernel.time import now

    settings.HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not os.environ.get("SHUQIAO_MASTER_KEY"):
        ensure_master_key(settings.HOME)
    call_command("migrate", interactive=False, verbosity=0)
    reconcile_book(now())


def sample(
    seed: Annotated[int, typer.Option(help="随机种子：同一种子得到同一座城市")] = 809,
) -> None:
    """Load the sample city (示例数据). Does nothing when the database already holds departments."""
    os.environ["SHUQIAO_SAMPLE_CITY"] = "1"
    migrate()
    from shuqiao.sample.city import load_city

    for line in load_city(seed=seed, say=typer.echo):
        typer.echo(line)


def worker() -> None:
    """Do the work that waits: builds, sealing, expiry, clocks, the grant book."""
    setup()
    from shuqiao.worker import run_forever

    run_forever()


def anchors() -> None:
    """Print the heads of the evidence logs that the worker has kept, for `journal verify --anchors FILE`."""
    setup()
    import json

    from shuqiao.procedures.models import JournalAnchor

    for anchor in JournalAnchor.objects.order_by("node", "seq").iterator():
        typer.echo(json.dumps(anchor.head, ensure_ascii=False))


def name_addresses(host: str, port: int, gateway_port: int) -> None:
    """Links in mails, feeds and pages lead to the ports of this start, unless the environment says otherwise."""
    os.environ.setdefault("SHUQIAO_PUBLIC_URL", f"http://{host}:{port}")
    os.environ.setdefault("SHUQIAO_GATEWAY_URL", f"http://{host}:{gateway_port}")


def up(
    host: HostOption = "127.0.0.1",
    port: WebPort = 8000,
    gateway_port: GatewayPort = 8001,
    gateway_processes: GatewayProcesses = 1,
    with_sample: Annotated[bool, typer.Option("--sample", help="先装入示例城市")] = False,
) -> None:
    """Start web, gateway and worker under one supervisor. Ctrl-C stops all; a part that dies is started again."""
    free_or_exit(host, port, "--port")
    free_or_exit(host, gateway_port, "--gateway-port")
    name_addresses(host, port, gateway_port)
    os.environ["SHUQIAO_GATEWAY_PROCESSES"] = str(gateway_processes)
    accounts: list[str] = []
    if with_sample:  # before settings are read: marks every page, and lets plain http do
        os.environ["SHUQIAO_SAMPLE_CITY"] = "1"
    migrate()
    if with_sample:
        from shuqiao.sample.city import load_city

        accounts = list(load_city(seed=809, say=typer.echo))
    supervisor = Supervisor(parts(host, port, gateway_port, gateway_processes))
    supervisor.start()
    supervisor.wait_until_answering(
        {"web": f"http://{host}:{port}/healthz", "gateway": f"http://{host}:{gateway_port}/readyz"}
    )
    typer.echo(f"\n共享平台与开放平台  http://{host}:{port}/")
    typer.echo(f"数据网关            http://{host}:{gateway_port}/")
    for line in accounts:
        typer.echo(line)
    typer.echo("按 Ctrl-C 停止。")
    raise typer.Exit(supervisor.watch())


def parts(host: str, port: int, gateway_port: int, gateway_processes: int = 1) -> list[Part]:
    """The three parts and their commands, from the same environment as this one. The gateway's processes take turns
    on its port; each keeps a chain of evidence of its own."""
    here = Path(sys.executable)
    granian = [str(here.with_name("granian")), "--host", host, "--no-ws"]
    web = [*granian, "--interface", "wsgi", "--workers", "1", "--port", str(port), "--blocking-threads", "4"]
    workers = ["--workers", str(gateway_processes)]
    if (
        gateway_processes > 1
    ):  # a single one that dies ends its server, which the supervisor then starts again
        workers.append("--respawn-failed-workers")
    gateway = [*granian, "--interface", "asgi", "--factory", "--port", str(gateway_port), *workers]
    return [
        Part("web", [*web, "shuqiao.wsgi:application"]),
        Part("gateway", [*gateway, "shuqiao.gateway.serve:app"]),
        Part("worker", [str(here), "-m", "shuqiao.cli", "worker"]),
    ]
