"""The quarter's full maintenance: every department confirms its entries one by one or all of a filter (Yingkou 15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.life import campaigns, rules
from shuqiao.catalog.models import Campaign, CampaignEntry, Entry
from shuqiao.catalog.types import CAMPAIGN_MOVES, CampaignStatus, Confirmation
from shuqiao.kernel import Article, IllegalMove, InvalidInput, NotAllowed, Problem
from shuqiao.kernel.decision import allow
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department, Division
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E


@transaction.atomic
def open_campaign(
    *, actor: Actor, division: str, quarter: str, due_on: date | None = None, on: date
) -> Campaign:
    """A quarter's maintenance begins over all entries in force; every department finds its part in the inbox.

    Until `due_on`, by default the quarter's last day. An older one of the division is closed with what was left.
    By the bureau, or by the platform where the regime asks for it. Raises InvalidInput for an odd quarter or day,
    or when nothing is published; IllegalMove when the quarter has its campaign already.
    """
    actor.demand(P.CATALOG_ENTRY_REVIEW, division=division)
    bureau = organizations.bureau_of(division)
    due = due_on or max(_last_day(quarter), on)
    entries = list(Entry.objects.published().filter(division=division).only("id", "department_id"))
    _demand_openable(quarter, due, on, entries)
    if Campaign.objects.filter(division=division, quarter=quarter).exists():
        raise IllegalMove(f"季度维护 {quarter}", "已开始", "再次开始")
    for older in Campaign.objects.select_for_update().filter(
        division=division, status=CampaignStatus.RUNNING
    ):
        _close(older, actor, on)
    number = procedures.next_case_number(kind=CaseKind.CAMPAIGN, division=division, on=on)
    campaign = Campaign.objects.create(
        division_id=division, quarter=quarter, opened_on=on, due_on=due, case_number=number,
        opened_by_id=actor.user_id,
    )  # fmt: skip
    CampaignEntry.objects.bulk_create(
        (
            CampaignEntry(campaign=campaign, entry=entry, department_id=entry.department_id)
            for entry in entries
        ),
        batch_size=1_000,
    )
    basis = rules.quarterly_articles(organizations.regime_of(division, on))
    _assign_each(campaign, basis)
    events.record(
        E.CAMPAIGN_OPENED, actor=actor, case=campaign.case(), department_id=bureau.pk, on=on,
        decision=allow(rules.QUARTERLY, f"{quarter} 目录全面维护，{due} 截止", *basis),
        data={"entries": len(entries)},
    )  # fmt: skip
    return campaign


def _demand_openable(quarter: str, due: date, on: date, entries: Sequence[Entry]) -> None:
    """Raise InvalidInput for everything that keeps a campaign from beginning."""
    problems = []
    if rules.last_day_of(rules.quarter_of(on)) != _last_day(quarter):
        problems.append(Problem("季度", f"只能开始本季度（{rules.quarter_of(on)}）的维护"))
    if due < on:
        problems.append(Problem("截止", "不能早于今天"))
    if not entries:
        problems.append(Problem("目录", "还没有已发布的条目，不需要维护"))
    if problems:
        raise InvalidInput(problems)


def _assign_each(campaign: Campaign, basis: Sequence[Article]) -> None:
    """Every department finds its part in the inbox."""
    for row in campaigns.by_department(campaign):
        procedures.assign(
            case=campaign.case(), department=Department(pk=row["id"]), permission=P.CATALOG_ENTRY_EDIT,
            action="确认目录条目", detail=f"{row['total']} 个条目，{campaign.due_on} 前逐条确认", basis=basis,
            stage="rule",
        )  # fmt: skip


def _last_day(quarter: str) -> date:
    try:
        return rules.last_day_of(quarter)
    except ValueError:
        raise InvalidInput.one("季度", "写作 2026-Q4") from None


@transaction.atomic
def confirm_entries(
    *,
    actor: Actor,
    campaign_id: UUID,
    entry_ids: Sequence[UUID] | None = None,
    words: str = "",
    on: date,
) -> int:
    """The department says of its entries that they still hold: of those chosen, or (None) of all that the words find.

    Only undecided entries of the actor's own departments count. Returns how many were confirmed.
    """
    campaign = campaigns.get_campaign_for(actor, campaign_id, lock=True)
    mine = campaigns.confirmable(actor, campaign)
    if not any(
        actor.departments_with(permission) for permission in (P.CATALOG_ENTRY_EDIT, P.CATALOG_ENTRY_SIGN)
    ):
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有“编制目录条目”的权限")
    if campaign.status != CampaignStatus.RUNNING:
        raise IllegalMove(f"季度维护 {campaign.quarter}", CampaignStatus(campaign.status).label, "确认条目")
    found = campaigns.entries_for(actor, campaign, words=words)
    rows = mine.filter(pk__in=found.order_by().values("pk"))
    if entry_ids is not None:
        rows = rows.filter(entry__in=entry_ids)
    counted = list(rows.values_list("pk", "department_id"))
    if not counted:
        raise InvalidInput.one("所选条目", "请选择本部门尚未确认的条目")
    for start in range(0, len(counted), 500):
        CampaignEntry.objects.filter(pk__in=[pk for pk, _ in counted[start : start + 500]]).update(
            outcome=Confirmation.UNCHANGED, by_id=actor.user_id, on=on
        )
    for department_id in {department for _, department in counted}:
        number = sum(department == department_id for _, department in counted)
        events.record(
            E.CAMPAIGN_CONFIRMED, actor=actor, case=campaign.case(), department_id=department_id, on=on,
            data={"entries": number, "words": words},
        )  # fmt: skip
    settle_done(campaign)
    return len(counted)


def settle_done(campaign: Campaign) -> None:
    """Departments with nothing left are done in the inbox."""
    for row in campaigns.by_department(campaign):
        if not row["pending"]:
            procedures.settle(case=campaign.case(), department_id=row["id"])


@transaction.atomic
def remind_campaign(*, actor: Actor, campaign_id: UUID, on: date) -> int:
    """Departments that have entries left are reminded, at most once a day. Returns how many."""
    campaign = campaigns.get_campaign_for(actor, campaign_id, P.CATALOG_ENTRY_REVIEW, lock=True)
    if campaign.status != CampaignStatus.RUNNING:
        raise IllegalMove(f"季度维护 {campaign.quarter}", CampaignStatus(campaign.status).label, "催办")
    if campaign.reminded_on == on:
        raise IllegalMove(f"季度维护 {campaign.quarter}", "今天已催办", "再次催办")
    left = [row for row in campaigns.by_department(campaign) if row["pending"]]
    for row in left:
        late = "已截止" if on > campaign.due_on else f"{campaign.due_on} 截止"
        procedures.notify(
            case=campaign.case(), department_id=row["id"],
            text=f"催办：{campaign.quarter} 目录全面维护还有 {row['pending']} 个条目没有确认，{late}",
        )  # fmt: skip
    campaign.reminded_on = on
    campaign.save(update_fields=["reminded_on"])
    events.record(E.TERM_REMINDED, actor=actor, case=campaign.case(), on=on, data={"departments": len(left)})
    return len(left)


@transaction.atomic
def close_campaign(*, actor: Actor, campaign_id: UUID, on: date) -> Campaign:
    """The bureau ends the quarter's maintenance; what each department did and left is written down for good."""
    campaign = campaigns.get_campaign_for(actor, campaign_id, P.CATALOG_ENTRY_REVIEW, lock=True)
    if CampaignStatus.CLOSED not in CAMPAIGN_MOVES[CampaignStatus(campaign.status)]:
        raise IllegalMove(f"季度维护 {campaign.quarter}", CampaignStatus(campaign.status).label, "结束")
    return _close(campaign, actor, on)


def _close(campaign: Campaign, actor: Actor, on: date) -> Campaign:
    rows = campaigns.by_department(campaign)
    campaign.move_to(CampaignStatus.CLOSED)
    campaign.closed_on = on
    campaign.summary = {
        "totals": campaigns.totals(rows),
        "departments": [row | {"id": str(row["id"])} for row in rows],
    }
    campaign.save()
    procedures.settle(case=campaign.case())
    for row in rows:
        if row["pending"]:
            procedures.notify(
                case=campaign.case(), department_id=row["id"],
                text=f"{campaign.quarter} 目录全面维护已结束，{row['pending']} 个条目没有确认",
            )  # fmt: skip
    events.record(
        E.CAMPAIGN_CLOSED, actor=actor, case=campaign.case(), on=on, data=campaign.summary["totals"]
    )
    return campaign


@transaction.atomic
def open_due_campaigns(*, actor: Actor, on: date) -> int:
    """Open the current quarter's maintenance in every division whose regime asks for it and that has none yet.
    Safe to run at any time, in several workers. Returns how many were opened."""
    opened, quarter = 0, rules.quarter_of(on)
    for division in organizations.list_divisions().order_by("code"):
        if not rules.campaign_due(organizations.regime_of(division.code, on)):
            continue
        Division.objects.select_for_update(no_key=True).get(pk=division.pk)
        busy = Campaign.objects.filter(division=division, quarter=quarter).exists()
        if busy or not Entry.objects.published().filter(division=division).exists():
            continue
        open_campaign(actor=actor, division=division.code, quarter=quarter, on=on)
        opened += 1
    return opened


REMIND_BEFORE = (14, 2)  # calendar days before the end


@transaction.atomic
def remind_due_campaigns(*, actor: Actor, on: date) -> int:
    """Remind in every running campaign whose end is near, once at each mark. Returns how many were reminded of."""
    reminded = 0
    for campaign in Campaign.objects.filter(status=CampaignStatus.RUNNING, due_on__gte=on):
        marks = [campaign.due_on - timedelta(days=days) for days in REMIND_BEFORE]
        passed = [mark for mark in marks if campaign.opened_on < mark <= on]
        if passed and (campaign.reminded_on is None or campaign.reminded_on < max(passed)):
            reminded += bool(remind_campaign(actor=actor, campaign_id=campaign.pk, on=on))
    return reminded
