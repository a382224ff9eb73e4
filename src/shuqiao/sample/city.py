"""`load_city`: the whole sample city in one transaction, or nothing of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from django.db import transaction

from shuqiao.delivery import jobs as delivery_jobs
from shuqiao.kernel.time import now, today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import jobs as procedures_jobs
from shuqiao.sample import beyond, cases, catalogue, correcting, mounting, places, procedures, public, reads
from shuqiao.sample.places import PASSWORD
from shuqiao.sample.specs import city_spec
from shuqiao.sample.world import World

ACCOUNTS = (
    ("yk-market-clerk", "市市场监管局目录编制员", "编目、挂载数据、起草共享申请"),
    ("yk-hrss-head", "市人社局共享工作机构负责人", "审签目录，答复申请、校核、需求和争议（有逾期件）"),
    ("yk-housing-clerk", "市住建局目录编制员", "检索目录、起草共享申请"),
    ("yk-housing-head", "市住建局共享工作机构负责人", "签署共享申请"),
    ("yk-housing-developer", "市住建局系统对接人", "管理应用凭证，按授权读取"),
    ("yk-bureau-reviewer", "市大数据局审核员", "审核目录、复核数据、审查开放、分办需求"),
    ("yk-bureau-supervisor", "市大数据局监督员", "期限督办、催办、协调争议、工作日安排"),
    ("yk-bureau-auditor", "市大数据局审计员", "查存证，不改任何东西"),
    ("yk-bureau-admin", "市大数据局系统管理员", "管机构与人员，不看数据"),
    ("dsq-civil-head", "大石桥市民政局共享工作机构负责人", "县级部门：沿用营口的规定"),
    ("sy-land-head", "沈阳市自然资源局共享工作机构负责人", "沈阳条例下的答复"),
    ("dcf-civil-head", "东昌府区民政局共享工作机构负责人", "东昌府：本地办法已过期，按内部规则继续执行"),
    ("dsq-market-head", "大石桥市市场监管局共享工作机构负责人", "回流到本区域的数据"),
    ("dcf-bureau-reviewer", "东昌府区大数据局审核员", "机关以外单位的申请和协议"),
    (public.CITIZEN, "公民（开放平台注册用户）", "申请数据、提意见、看自己的事项"),
    (public.COMPANY, "企业（开放平台注册用户）", "已签协议的开放申请、应用成果"),
)


def load_city(*, seed: int, say: Callable[[str], object], on: date | None = None) -> Iterable[str]:
    """Build the sample city through the services of every app, unless departments are there already.

    `say` hears what is going on. Deterministic by `seed`, ids, keys and moments aside; days are counted back from
    `on` (today). Returns the lines that list the sample accounts, also when nothing had to be done.
    """
    if organizations.list_departments().exists():
        return account_lines()
    with tempfile.TemporaryDirectory() as files:
        world = World(city_spec(), seed, on or today(), Path(files), say)
        with transaction.atomic():
            _build(world)
        delivery_jobs.reconcile_book(now())
        say("应用系统按授权读取……")
        answered = reads.read_as_granted(world)
        with transaction.atomic():
            correcting.correct_after_reading(world)
    delivery_jobs.reconcile_book(now())
    while procedures_jobs.seal_events(now()):
        pass
    say(f"示例城市已建成：{len(world.entries)} 个目录条目，{len(world.resources)} 个数据资源，"
        f"{len(world.spec.cases)} 件共享申请，{answered} 次读取。")  # fmt: skip
    return account_lines()


def _build(world: World) -> None:
    """In the order in which a city comes to be."""
    world.say("建立区划、部门和人员……")
    places.found_places(world)
    places.appoint_people(world)
    places.file_contacts(world)
    world.say(f"编制、审核 {len(world.spec.entries)} 个目录条目……")
    catalogue.list_entries(world)
    world.say("生成并挂载示例数据……")
    mounting.mount_tables(world)
    world.say(f"办理 {len(world.spec.cases)} 件共享申请……")
    cases.play_cases(world)
    world.say("办理校核、争议、需求和开放申请……")
    procedures.play_procedures(world)
    public.play_public(world)
    beyond.play_beyond(world)


def account_lines() -> list[str]:
    """The sample accounts with what each can do; all share one known password."""
    known = set(_usernames())
    lines = ["", f"示例账号（口令都是 {PASSWORD}；部门、人员、数据均为虚构）："]
    lines += [f"  {name:<22}{who}：{can}" for name, who, can in ACCOUNTS if name in known]
    return lines if len(lines) > 2 else []


def _usernames() -> list[str]:
    from shuqiao.accounts.models import User

    return list(
        User.objects.filter(username__in=[name for name, _, _ in ACCOUNTS]).values_list("username", flat=True)
    )
