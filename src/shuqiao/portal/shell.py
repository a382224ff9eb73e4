"""The page shell: who reads, on which platform, and the places they may go to. The places are plain data below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import queries as procedures

OPEN_NAME = "公共数据开放平台"
SHARE_NAME = "政务数据共享平台"


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of a navigation. `needs`: shown to who holds one of these permissions; empty: to everybody.

    `own`: only where the permission comes from a post in a department, not from one over a whole division.
    `count` names a number of `counts_for`; `late` draws it in vermilion.
    """

    label: str
    url_name: str
    query: str = ""
    needs: frozenset[P] = field(default=frozenset())
    own: bool = False
    count: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Places under one heading."""

    label: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A place resolved for one request, as templates read it."""

    label: str
    url: str
    current: bool
    count: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """A group resolved for one request."""

    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """The reader as the top line names them; a phone shows the name alone."""

    name: str
    post: str = ""


OPEN_NAV = (
    Place("数据目录", "opening:home"),
    Place("开放依据", "opening:basis"),
    Place("应用成果", "opening:works"),
    Place("查询事项", "opening:lookup"),
    Place("核验回执", "delivery:receipts"),
)
PARTY_NAV = (
    Place("数据目录", "opening:home"),
    Place("我的事项", "opening:mine"),
    Place("应用成果", "opening:works"),
    Place("我的资料", "opening:account"),
)
WORK_NAV = (
    Place("待办", "portal:inbox"),
    Place("目录", "catalog:list"),
    Place("资源", "resources:list", needs=frozenset({P.RESOURCES_RESOURCE_READ})),
    Place("共享", "sharing:list", needs=frozenset({P.SHARING_REQUEST_READ})),
    Place("授权与存证", "delivery:grants", needs=frozenset({P.DELIVERY_GRANT_READ})),
    Place("开放平台", "opening:home"),
)
SIDE = (
    Group(
        "要我办",
        (
            Place("待办", "portal:inbox", count="open"),
            Place("已逾期", "portal:inbox", query="?late=1", count="late", late=True),
            Place("已办结", "portal:done"),
            Place("通知", "portal:notices", count="notices"),
            Place("代理", "portal:substitutes"),
            Place("我的设置", "portal:settings"),
        ),
    ),
    Group(
        "我部门的数据",
        (
            Place("目录条目", "catalog:mine", needs=frozenset({P.CATALOG_ENTRY_READ}), own=True),
            Place("挂载资源", "resources:list", needs=frozenset({P.RESOURCES_RESOURCE_READ}), own=True),
        ),
    ),
    Group(
        "目录维护",
        (
            Place("目录更新", "catalog:duties", needs=frozenset({P.CATALOG_ENTRY_READ})),
            Place("季度维护", "catalog:campaigns", needs=frozenset({P.CATALOG_ENTRY_READ})),
            Place("逾期数据", "catalog:stale", needs=frozenset({P.CATALOG_ENTRY_READ})),
            Place("主题目录", "catalog:themes"),
        ),
    ),
    Group(
        "一数一源",
        (
            Place("疑似重复", "catalog:pairs", needs=frozenset({P.CATALOG_ENTRY_READ})),
            Place("数源部门", "catalog:spread", needs=frozenset({P.CATALOG_ENTRY_READ})),
            Place("采集前查询", "sharing:collecting", needs=frozenset({P.SHARING_REQUEST_READ})),
            Place("应急采集", "catalog:emergencies", needs=frozenset({P.CATALOG_ENTRY_READ})),
        ),
    ),
    Group(
        "审核与复核",
        (
            Place("目录审核", "catalog:review", needs=frozenset({P.CATALOG_ENTRY_REVIEW})),
            Place("批量导入", "catalog:upload", needs=frozenset({P.CATALOG_ENTRY_REVIEW})),
            Place("分类表", "catalog:classification", needs=frozenset({P.CATALOG_ENTRY_REVIEW})),
            Place("同义词", "catalog:synonyms", needs=frozenset({P.CATALOG_ENTRY_REVIEW})),
            Place(
                "资源复核", "resources:list", "?state=review", needs=frozenset({P.RESOURCES_VERSION_REVIEW})
            ),
        ),
    ),
    Group(
        "共享",
        (
            Place("共享申请", "sharing:list", needs=frozenset({P.SHARING_REQUEST_READ})),
            Place("授权", "delivery:grants", needs=frozenset({P.DELIVERY_GRANT_READ})),
            Place("数据校核", "sharing:verifications", needs=frozenset({P.SHARING_VERIFICATION_READ})),
            Place("争议", "sharing:disputes", needs=frozenset({P.SHARING_DISPUTE_READ})),
            Place("数据需求", "sharing:demands", needs=frozenset({P.SHARING_DEMAND_READ})),
            Place("数据回流", "sharing:returns", needs=frozenset({P.SHARING_REQUEST_READ})),
            Place("机关以外单位", "sharing:outside-list", needs=frozenset({P.SHARING_OUTSIDE_READ})),
            Place("应急共享", "sharing:emergencies", needs=frozenset({P.DELIVERY_GRANT_READ})),
        ),
    ),
    Group(
        "公众",
        (
            Place("开放审查", "opening:reviews", needs=frozenset({P.OPENING_CASE_READ})),
            Place("开放申请", "opening:applications", needs=frozenset({P.OPENING_CASE_READ})),
            Place("公众意见", "opening:feedback-list", needs=frozenset({P.OPENING_CASE_READ})),
            Place("应用成果", "opening:work-list", needs=frozenset({P.OPENING_FEEDBACK_MODERATE})),
        ),
    ),
    Group(
        "监督",
        (
            Place("期限督办", "portal:supervision", needs=frozenset({P.PROCEDURES_SUPERVISE})),
            Place("按期统计", "portal:statistics", needs=frozenset({P.PROCEDURES_SUPERVISE})),
            Place("工作日安排", "portal:working-days", needs=frozenset({P.PROCEDURES_CALENDAR})),
            Place("邮件", "portal:mails", needs=frozenset({P.ORGANIZATIONS_ADMIN})),
            Place("联络人备案", "organizations:filings", needs=frozenset({P.ORGANIZATIONS_FILING_READ})),
            Place("部门与人员", "organizations:departments", needs=frozenset({P.ORGANIZATIONS_ADMIN})),
        ),
    ),
    Group("凭证", (Place("核验回执", "delivery:receipts"),)),
)
FOOT = (
    Group("使用", (Place("数据目录", "opening:search"), Place("首页", "opening:home"))),
    Group(
        "权利",
        (
            Place("开放依据", "opening:basis"),
            Place("优先开放的领域", "opening:priority"),
            Place("提出数据需求", "opening:demand"),
            Place("查询事项", "opening:lookup"),
            Place("核验回执", "delivery:receipts"),
        ),
    ),
    Group("部门", (Place("工作台", "portal:inbox"),)),
)


def context(request: HttpRequest) -> dict[str, Any]:
    """What every template may use; see the comment at the top of portal/base.html."""
    actor: Actor | None = (
        getattr(request, "actor", None) if getattr(request, "user_signed_in", False) else None
    )
    outside = actor is not None and actor.party_id is not None
    places = PARTY_NAV if outside else WORK_NAV if actor else OPEN_NAV
    known = getattr(request, "inbox_counts", None)
    counts = counts_for(actor, known) if actor and not outside else {}
    post = actor.first_post if actor else None
    department = organizations.get_department(post.department_id) if post else None
    return {
        "sample_city": settings.SAMPLE_CITY,
        "platform_name": platform_name(department),
        "home_url": url_of("portal:inbox" if actor and not outside else "opening:home") or "/",
        "nav": resolve(places, request, actor, counts),
        "side": resolve_groups(SIDE, request, actor, counts) if actor and not outside else (),
        "foot": resolve_groups(FOOT, request, actor, {}),
        "who": who(actor, department) if actor else None,
        "notices": counts.get("notices"),
        "notices_url": url_of("portal:notices"),
        "login_url": url_of("accounts:login"),
        "logout_url": url_of("accounts:logout"),
        "password_url": url_of("accounts:password"),
        "unified_url": url_of("opening:unified") if settings.OIDC_ISSUER else "",
        "unified_label": settings.OIDC_LABEL,
    }


def counts_for(actor: Actor, known: Mapping[str, int] | None = None) -> dict[str, int]:
    """The numbers beside places: open and late lines of the inbox (`known`, when the page has counted them already),
    unread notices. Two queries."""
    return {
        **(procedures.inbox_counts_for(actor, on=today()) if known is None else known),
        "notices": procedures.unread_notices_for(actor),
    }


def platform_name(department: Department | None) -> str:
    """营口市政务数据共享平台 for a person with a post there; the open platform's name for everybody else."""
    return f"{department.division.name}{SHARE_NAME}" if department else OPEN_NAME


def who(actor: Actor, department: Department | None) -> Who:
    """王敏, and 市人社局 共享工作机构负责人: the department in its short form and the post."""
    if department is None or actor.first_post is None:
        return Who(actor.name)
    return Who(actor.name, f"{department.short_name} {actor.first_post.role.label}")


@lru_cache(maxsize=256)
def url_of(url_name: str) -> str:
    """The address of a place; empty when no app answers there."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def resolve(
    places: Iterable[Place], request: HttpRequest, actor: Actor | None, counts: Mapping[str, int]
) -> tuple[Entry, ...]:
    """The places this actor may go to, with the one whose address is nearest to the page marked current."""
    found = [
        (place, url_of(place.url_name) + place.query)
        for place in places
        if url_of(place.url_name) and _may(actor, place)
    ]
    here = _nearest(request.get_full_path(), [url for _, url in found])
    return tuple(
        Entry(
            label=place.label,
            url=url,
            current=url == here,
            count=counts.get(place.count),
            late=place.late and counts.get(place.count, 0) > 0,
        )
        for place, url in found
    )


def resolve_groups(
    groups: Iterable[Group], request: HttpRequest, actor: Actor | None, counts: Mapping[str, int]
) -> tuple[Entries, ...]:
    """Groups with at least one place for this actor."""
    resolved = [Entries(group.label, resolve(group.places, request, actor, counts)) for group in groups]
    return tuple(group for group in resolved if group.entries)


def _may(actor: Actor | None, place: Place) -> bool:
    if not place.needs:
        return True
    if actor is None:
        return False
    if place.own:
        return any(actor.departments_with(need) for need in place.needs)
    return any(actor.may(need) for need in place.needs)


def _nearest(path: str, urls: list[str]) -> str:
    """The longest address that the path (with its query) begins with; "/" counts only for itself."""
    fitting = [url for url in urls if url == path or (url != "/" and path.startswith(url))]
    return max(fitting, key=len, default="")
