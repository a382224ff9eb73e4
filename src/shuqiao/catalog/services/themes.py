"""A theme catalogue: put together by the lead, submitted as a whole, established by the bureau (Yingkou 12, 19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.life import rules, themes
from shuqiao.catalog.models import Entry, ThemeCatalogue, ThemeMember
from shuqiao.catalog.types import THEME_MOVES, ThemeStatus
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E

NAME_MAX, PURPOSE_MAX, REASON_MAX = 100, 1000, 500
CHANGEABLE = {ThemeStatus.DRAFT, ThemeStatus.RETURNED, ThemeStatus.ESTABLISHED}


@transaction.atomic
def create_theme(*, actor: Actor, department_id: UUID, name: str, purpose: str, on: date) -> ThemeCatalogue:
    """A department begins a theme catalogue that it leads."""
    department = organizations.get_department(department_id)
    actor.demand(P.CATALOG_ENTRY_EDIT, department_id=department.id)
    name = _checked(name, purpose, division=department.division_id)
    theme = ThemeCatalogue.objects.create(
        division_id=department.division_id, lead=department, name=name, purpose=purpose.strip()
    )
    _record(E.THEME_DRAFTED, actor, theme, on)
    return theme


@transaction.atomic
def rename_theme(*, actor: Actor, theme_id: UUID, name: str, purpose: str, on: date) -> ThemeCatalogue:
    """The lead writes name and purpose anew, before it is submitted."""
    theme = themes.get_theme_for(actor, theme_id, P.CATALOG_ENTRY_EDIT, lock=True)
    if theme.status not in {ThemeStatus.DRAFT, ThemeStatus.RETURNED}:
        raise IllegalMove(f"主题目录“{theme.name}”", ThemeStatus(theme.status).label, "改名")
    theme.name = _checked(name, purpose, division=theme.division_id, but=theme.pk)
    theme.purpose = purpose.strip()
    theme.save(update_fields=["name", "purpose"])
    _record(E.THEME_CHANGED, actor, theme, on, name=theme.name)
    return theme


def _checked(name: str, purpose: str, *, division: str, but: UUID | None = None) -> str:
    name, problems = name.strip(), []
    if not name:
        problems.append(Problem("主题目录名称", "必填"))
    if len(name) > NAME_MAX:
        problems.append(Problem("主题目录名称", f"最多 {NAME_MAX} 字"))
    if len(purpose.strip()) > PURPOSE_MAX:
        problems.append(Problem("用途说明", f"最多 {PURPOSE_MAX} 字"))
    taken = ThemeCatalogue.objects.filter(division=division, name=name).exclude(status=ThemeStatus.DISSOLVED)
    if name and (taken.exclude(pk=but) if but else taken).exists():
        problems.append(Problem("主题目录名称", f"本区划已有名为“{name}”的主题目录"))
    if problems:
        raise InvalidInput(problems)
    return name


@transaction.atomic
def change_members(
    *,
    actor: Actor,
    theme_id: UUID,
    add: Sequence[UUID] = (),
    remove: Sequence[UUID] = (),
    reason: str = "",
    on: date,
) -> ThemeCatalogue:
    """Entries, of any department of the division, come into the theme or leave it.

    Once it is established every change wants its reason, is recorded, and the bureau is told.
    """
    theme = themes.get_theme_for(actor, theme_id, P.CATALOG_ENTRY_EDIT, lock=True)
    if theme.status not in CHANGEABLE:
        raise IllegalMove(f"主题目录“{theme.name}”", ThemeStatus(theme.status).label, "调整条目")
    established = theme.status == ThemeStatus.ESTABLISHED
    if established and not reason.strip():
        raise InvalidInput.one("调整理由", "已设立的主题目录，调整条目须写明理由")
    wanted = Entry.objects.filter(pk__in=add, division=theme.division_id).published()
    fresh = list(wanted.exclude(themes__theme=theme).select_related("published")[: themes.MEMBERS_MAX])
    if missing := len(set(add)) - wanted.count():
        raise InvalidInput.one("所选条目", f"{missing} 个条目不在本区划的已发布目录中")
    _add(theme, fresh)
    gone = ThemeMember.objects.filter(theme=theme, entry__in=remove).exclude(entry__in=add)
    removed = [str(pk) for pk in gone.values_list("entry_id", flat=True)]
    gone.delete()
    added = [str(entry.pk) for entry in fresh]
    if added or removed:
        _record(
            E.THEME_CHANGED,
            actor,
            theme,
            on,
            added=added,
            removed=removed,
            reason=reason.strip()[:REASON_MAX],
        )
    if established and (added or removed):
        text = (
            f"主题目录“{theme.name}”调整：增加 {len(added)} 个、移出 {len(removed)} 个条目。{reason.strip()}"
        )
        bureau = organizations.bureau_of(theme.division_id)
        procedures.notify(case=theme.case(), department_id=bureau.id, text=text)
    return theme


def _add(theme: ThemeCatalogue, entries: Sequence[Entry]) -> None:
    present = theme.members.count()
    if present + len(entries) > themes.MEMBERS_MAX:
        raise InvalidInput.one("所选条目", f"一个主题目录最多 {themes.MEMBERS_MAX} 个条目")
    last = theme.members.aggregate(last=Max("order"))["last"] or 0
    ThemeMember.objects.bulk_create(
        ThemeMember(theme=theme, entry=entry, order=order) for order, entry in enumerate(entries, last + 1)
    )


@transaction.atomic
def submit_theme(*, actor: Actor, theme_id: UUID, on: date) -> ThemeCatalogue:
    """The head of the lead's sharing body signs, and the whole goes to the bureau. Raises RuleRefused."""
    theme = themes.get_theme_for(actor, theme_id, P.CATALOG_ENTRY_SIGN, lock=True)
    _demand_move(theme, ThemeStatus.SUBMITTED)
    regime = organizations.regime_of(theme.division_id, on)
    titles, gone = _titles(theme)
    decision = rules.may_submit_theme(titles, gone, regime).or_raise()
    theme.move_to(ThemeStatus.SUBMITTED)
    theme.case_number = theme.case_number or procedures.next_case_number(
        kind=CaseKind.THEME_CATALOGUE, division=theme.division_id, on=on
    )
    theme.submitted_by_id, theme.submitted_on, theme.return_reason = actor.user_id, on, ""
    theme.save()
    procedures.settle(case=theme.case())
    procedures.assign(
        case=theme.case(),
        department=organizations.bureau_of(theme.division_id),
        permission=P.CATALOG_ENTRY_REVIEW,
        action="审核主题目录",
        detail=f"{theme.lead.name}牵头，{len(titles)} 个条目",
        basis=rules.theme_articles(regime),
        stage="rule",
    )
    events.record(
        E.THEME_SUBMITTED,
        actor=actor,
        case=theme.case(),
        department_id=theme.lead_id,
        on=on,
        decision=decision,
    )
    return theme


def _titles(theme: ThemeCatalogue) -> tuple[list[str], list[str]]:
    """Titles of the members in force, and names of those that are not."""
    titles, gone = [], []
    for member in theme.members.select_related("entry__published"):
        entry = member.entry
        if entry.published:
            titles.append(entry.published.title)
        else:
            gone.append(str(entry))
    return titles, gone


def _demand_move(theme: ThemeCatalogue, wanted: ThemeStatus) -> None:
    if wanted not in THEME_MOVES[ThemeStatus(theme.status)]:
        raise IllegalMove(f"主题目录“{theme.name}”", ThemeStatus(theme.status).label, wanted.label)


@transaction.atomic
def return_theme(*, actor: Actor, theme_id: UUID, reason: str, on: date) -> ThemeCatalogue:
    """The bureau sends the whole back and says why."""
    theme = themes.get_theme_for(actor, theme_id, P.CATALOG_ENTRY_REVIEW, lock=True)
    _demand_move(theme, ThemeStatus.RETURNED)
    if not reason.strip():
        raise InvalidInput.one("退回理由", "退回须写明全部理由，一次告知")
    theme.move_to(ThemeStatus.RETURNED)
    theme.return_reason = reason.strip()[:REASON_MAX]
    _decided(theme, actor, on)
    procedures.assign(
        case=theme.case(), department=theme.lead, permission=P.CATALOG_ENTRY_EDIT, action="修改主题目录",
        detail=theme.return_reason, stage="decision",
    )  # fmt: skip
    procedures.notify(
        case=theme.case(),
        department_id=theme.lead_id,
        text=f"主题目录“{theme.name}”被退回：{theme.return_reason}",
    )
    _record(E.THEME_RETURNED, actor, theme, on, reason=theme.return_reason)
    return theme


@transaction.atomic
def establish_theme(*, actor: Actor, theme_id: UUID, on: date) -> ThemeCatalogue:
    """The bureau establishes the theme catalogue; everybody sees it. Whoever signed it may not also decide."""
    theme = themes.get_theme_for(actor, theme_id, P.CATALOG_ENTRY_REVIEW, lock=True)
    _demand_move(theme, ThemeStatus.ESTABLISHED)
    if actor.user_id is not None and theme.submitted_by_id == actor.user_id:
        raise NotAllowed(P.CATALOG_ENTRY_REVIEW.value, "报送人不能审核自己报送的主题目录")
    regime = organizations.regime_of(theme.division_id, on)
    titles, gone = _titles(theme)
    decision = rules.may_submit_theme(titles, gone, regime).or_raise()
    theme.move_to(ThemeStatus.ESTABLISHED)
    _decided(theme, actor, on)
    for department_id in {theme.lead_id, *theme.members.values_list("entry__department_id", flat=True)}:
        procedures.notify(
            case=theme.case(),
            department_id=department_id,
            text=f"主题目录“{theme.name}”已设立，共 {len(titles)} 个条目",
        )
    events.record(E.THEME_ESTABLISHED, actor=actor, case=theme.case(), on=on, decision=decision)
    return theme


def _decided(theme: ThemeCatalogue, actor: Actor, on: date) -> None:
    theme.decided_by_id, theme.decided_on = actor.user_id, on
    theme.save()
    procedures.settle(case=theme.case())


@transaction.atomic
def dissolve_theme(*, actor: Actor, theme_id: UUID, reason: str, on: date) -> ThemeCatalogue:
    """The theme catalogue is given up by its lead's head, or by the bureau once established. Entries stay."""
    theme = themes.get_theme_for(actor, theme_id, lock=True)
    if not actor.may(P.CATALOG_ENTRY_SIGN, department_id=theme.lead_id):
        actor.demand(P.CATALOG_ENTRY_REVIEW, division=theme.division_id)
    _demand_move(theme, ThemeStatus.DISSOLVED)
    if not reason.strip():
        raise InvalidInput.one("撤销理由", "必填")
    theme.move_to(ThemeStatus.DISSOLVED)
    theme.return_reason = reason.strip()[:REASON_MAX]
    theme.save(update_fields=["status", "return_reason"])
    procedures.settle(case=theme.case())
    procedures.notify(
        case=theme.case(),
        department_id=theme.lead_id,
        text=f"主题目录“{theme.name}”已撤销：{theme.return_reason}",
    )
    _record(E.THEME_DISSOLVED, actor, theme, on, reason=theme.return_reason)
    return theme


def _record(kind: E, actor: Actor, theme: ThemeCatalogue, on: date, **data: object) -> None:
    mine = theme.lead_id if any(post.department_id == theme.lead_id for post in actor.posts) else None
    events.record(kind, actor=actor, case=theme.case(), department_id=mine, on=on, data=dict(data))
