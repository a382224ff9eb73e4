"""From a built version to a published one: the provider submits, the bureau re-checks (复核)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import services as catalog
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.resources import previews, queries, rules
from shuqiao.resources.models import Resource, Version
from shuqiao.resources.services.naming import next_step
from shuqiao.resources.types import PersonalDecision, Status


@dataclass(frozen=True, slots=True)
class PersonalChoice:
    """What the publisher decides on one suspected column; keeping it as it is wants a reason."""

    decision: PersonalDecision
    reason: str = ""


@transaction.atomic
def submit_version(
    *,
    actor: Actor,
    version_id: UUID,
    personal: Mapping[str, PersonalChoice],
    secrecy_checked: bool,
    personal_checked: bool,
    note: str,
    on: date,
) -> Version:
    """The provider confirms the secrecy and personal-data check and hands the version to the bureau.

    Every suspected column is decided: kept as it is, with the reason, or marked sensitive. Raises InvalidInput
    for a decision on a column that is not suspected or without reason; RuleRefused when something is lacking.
    """
    version = queries.get_version_for(actor, version_id, P.RESOURCES_RESOURCE_EDIT, lock=True)
    _decide(version, personal)
    version.secrecy_checked, version.personal_checked = secrecy_checked, personal_checked
    version.check_note = note.strip()[:300]
    version.move_to(Status.SUBMITTED)
    department = version.resource.department
    regime = organizations.regime_of(department.division_id, on)
    decision = rules.may_submit_version(queries.facts_for_rules(version), regime).or_raise()
    version.submitted_by_id, version.submitted_on = actor.user_id, on
    version.decided_by, version.decided_on, version.return_reason = None, None, ""
    version.save()
    next_step(
        version,
        "复核数据版本",
        f"{department.short_name}提交，{_what(version)}",
        at_bureau=True,
    )
    events.record(
        E.VERSION_SUBMITTED,
        actor=actor,
        case=version.case,
        department_id=department.id,
        on=on,
        decision=decision,
        data={"personal": version.personal, "store_version": version.store_version},
    )
    return version


def _what(version: Version) -> str:
    """What the bureau is to re-check, in a word: rows of a table, the name of a file."""
    return f"文件“{version.content['filename']}”" if version.content else f"{version.rows:,} 行"


def _decide(version: Version, personal: Mapping[str, PersonalChoice]) -> None:
    suspected = {one["column"]: one for one in version.personal}
    problems = [Problem(name, "不是疑似个人信息的列") for name in personal if name not in suspected]
    for name, choice in personal.items():
        if name not in suspected:
            continue
        reason = choice.reason.strip()
        if choice.decision is PersonalDecision.KEEP and not reason:
            problems.append(Problem(name, "如实提供须写明理由"))
        suspected[name]["decision"], suspected[name]["reason"] = choice.decision.value, reason[:300]
    if problems:
        raise InvalidInput(problems)


@transaction.atomic
def publish_version(*, actor: Actor, version_id: UUID, on: date) -> Version:
    """The bureau's re-check is passed: the version is what everybody reads from now on (Yingkou 18).

    One pointer moves; the version before stays readable by its id.
    """
    seen = queries.get_version_for(actor, version_id, P.RESOURCES_VERSION_REVIEW)
    # The resource before its version, as an upload locks them: two steps at once wait, and never for each other.
    resource = Resource.objects.select_for_update().get(id=seen.resource_id)
    version = queries.get_version_for(actor, version_id, P.RESOURCES_VERSION_REVIEW, lock=True)
    regime = organizations.regime_of(version.resource.department.division_id, on)
    facts = queries.facts_for_rules(version)
    decision = rules.may_publish_version(facts, regime, by=actor.user_id).or_raise()
    version.move_to(Status.PUBLISHED)
    if resource.current_version_id:
        old = Version.objects.select_for_update().get(id=resource.current_version_id)
        old.move_to(Status.SUPERSEDED)
        old.superseded_on = on
        old.save(update_fields=["status", "superseded_on"])
    version.decided_by_id, version.decided_on, version.published_on = actor.user_id, on, on
    version.save()
    resource.current_version = version
    keys = previews.recipe_from_json(version.recipe).keys if version.recipe else ()
    resource.lookup_keys = [list(key) for key in keys]
    resource.save(update_fields=["current_version", "lookup_keys"])
    catalog.note_data(entry_id=resource.entry_id, on=on, rows=version.rows)
    next_step(version, "", "")
    procedures.notify(
        case=version.case,
        department_id=resource.department_id,
        text=f"“{resource.name}”第 {version.number} 版已复核发布",
    )
    events.record(
        E.VERSION_PUBLISHED,
        actor=actor,
        case=version.case,
        on=on,
        decision=decision,
        data={"store_version": version.store_version, "rows": version.rows},
    )
    return version


@transaction.atomic
def return_version(*, actor: Actor, version_id: UUID, reason: str, on: date) -> Version:
    """The bureau sends a version back and says why."""
    version = queries.get_version_for(actor, version_id, P.RESOURCES_VERSION_REVIEW, lock=True)
    if not reason.strip():
        raise InvalidInput.one("退回理由", "必填")
    version.move_to(Status.RETURNED)
    version.decided_by_id, version.decided_on = actor.user_id, on
    version.return_reason = reason.strip()[:500]
    version.save()
    next_step(version, "按退回理由改正", version.return_reason)
    procedures.notify(
        case=version.case,
        department_id=version.resource.department_id,
        text=f"“{version}”被退回：{version.return_reason}",
    )
    events.record(
        E.VERSION_RETURNED, actor=actor, case=version.case, on=on, data={"reason": version.return_reason}
    )
    return version
