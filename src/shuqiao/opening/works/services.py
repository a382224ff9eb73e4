"""Steps of a work: submit, look at it, show it, take it down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, Problem
from shuqiao.kernel.moves import label_of
from shuqiao.opening.models import Work, WorkEntry, WorkPicture
from shuqiao.opening.works import queries, rules
from shuqiao.opening.works.pictures import Picture
from shuqiao.opening.works.types import STEPS, WorkStatus, WorkStep
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Party
from shuqiao.procedures import events, mailing, owning
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E


@dataclass(frozen=True, slots=True)
class WorkContent:
    """What a maker writes of a work. `once` comes with the form: sent twice, it is taken once."""

    title: str
    description: str
    once: UUID
    address: str = ""
    entries: tuple[UUID, ...] = field(default=())
    picture: Picture | None = None


def _check(content: WorkContent) -> list[UUID]:
    """The entries it may name, in the order given. Raises InvalidInput."""
    facts = catalog.facts_of_many(content.entries)
    problems = rules.problems_of(content.title, content.description, content.address, len(content.entries))
    if any(one not in facts or facts[one].opening_type not in queries.USABLE for one in content.entries):
        problems.append(Problem("使用的数据", "只能选已发布的开放数据条目"))
    if problems:
        raise InvalidInput(problems)
    return list(dict.fromkeys(content.entries))


def _write(work: Work, content: WorkContent, entries: list[UUID]) -> None:
    work.title = content.title.strip()[:100]
    work.description = content.description.strip()[:2000]
    work.address = content.address.strip()
    work.save()
    work.uses.all().delete()
    WorkEntry.objects.bulk_create(WorkEntry(work=work, entry_id=entry) for entry in entries)
    if content.picture is not None:
        found = content.picture
        WorkPicture.objects.update_or_create(
            work=work,
            defaults={
                "media_type": found.media_type,
                "width": found.width,
                "height": found.height,
                "content": found.content,
            },
        )


@transaction.atomic
def submit_work(*, actor: Actor, content: WorkContent, on: date) -> tuple[Work, str]:
    """A party submits a work; the bureau of the division whose data it uses first looks at it (Dongchangfu 26).
    Returns the work and the code of the case."""
    party = Party.objects.filter(id=actor.party_id, closed_at=None).first() if actor.party_id else None
    if party is None:
        raise NotAllowed("opening:work:submit", "提交应用成果请先以注册用户登录")
    entries = _check(content)
    try:
        with transaction.atomic():
            return _submit(actor, party, content, entries, on)
    except IntegrityError:  # the same form was sent twice: whoever came first has made the case
        earlier = Work.objects.select_for_update().get(once=content.once)
    if earlier.party_id != party.id:
        raise NotFound("这份表单")
    return earlier, owning.own_case(case=earlier.case(), party_id=party.id, on=on)


def _submit(
    actor: Actor, party: Party, content: WorkContent, entries: list[UUID], on: date
) -> tuple[Work, str]:
    division = catalog.facts_of(entries[0]).division
    work = Work(
        number=procedures.next_case_number(kind=CaseKind.WORK, division=division, on=on),
        party=party,
        maker=party.name,
        division_id=division,
        once=content.once,
        submitted_on=on,
    )
    _write(work, content, entries)
    code = owning.own_case(case=work.case(), party_id=party.id, on=on)
    _put_before_bureau(work)
    events.record(E.WORK_SUBMITTED, actor=actor, case=work.case(), on=on, data={"entries": len(entries)})
    return work, code


def _put_before_bureau(work: Work) -> None:
    procedures.assign(
        case=work.case(),
        department=organizations.bureau_of(work.division_id),
        permission=P.OPENING_FEEDBACK_MODERATE,
        action="审核应用成果",
        detail=work.title,
    )


@transaction.atomic
def resubmit_work(*, actor: Actor, work_id: UUID, content: WorkContent, on: date) -> Work:
    """The maker changes what was sent back, and submits it again."""
    work, step = _locked(actor, work_id, "resubmit")
    entries = _check(content)
    work.move_to(step.target)
    work.submitted_on = on
    _write(work, content, entries)
    _put_before_bureau(work)
    events.record(E.WORK_SUBMITTED, actor=actor, case=work.case(), on=on, data={"again": True})
    return work


@transaction.atomic
def take_step(*, actor: Actor, work_id: UUID, step: str, reason: str = "", on: date) -> Work:
    """One step of the table: publish, return, remove, withdraw."""
    work, taken = _locked(actor, work_id, step)
    if taken.wants_reason and not reason.strip():
        raise InvalidInput.one("理由", "必填：写给作者看")
    regime = organizations.regime_of(work.division_id, on)
    decision = rules.decided(shown=not taken.wants_reason, reason=reason.strip(), regime=regime)
    work.move_to(taken.target)
    if taken.permission:
        work.decision_json = decision.as_json()
    if taken.target == WorkStatus.PUBLISHED:
        work.published_on = on
    work.save()
    procedures.settle(case=work.case())
    if taken.permission is None:
        events.record(E.WORK_WITHDRAWN, actor=actor, case=work.case(), on=on)
        return work
    data = {"step": taken.name}
    events.record(E.WORK_MODERATED, actor=actor, case=work.case(), on=on, decision=decision, data=data)
    status = WorkStatus(work.status)
    if work.party.email:
        basis = law.article_titles(decision.basis)
        said = f"{decision.reason}\n依据：{basis}" if basis else decision.reason
        mailing.queue_mail(
            to=work.party.email,
            subject=f"应用成果{status.label}：{work.number}",
            text=f"“{work.title}”：{status.label}。\n\n{said}\n\n{settings.PUBLIC_URL}{work.get_absolute_url()}",
            case=work.case(),
        )
    return work


def _locked(actor: Actor, work_id: UUID, name: str) -> tuple[Work, WorkStep]:
    """The work and the step of this name from its present state; permission is answered before state."""
    work = queries.get_work_for(actor, work_id, lock=True)
    named = [step for step in STEPS if step.name == name]
    if not named:
        raise InvalidInput.one("步骤", f"没有“{name}”这一步")
    queries.demand_step(actor, work, named[0])
    possible = next((step for step in named if step.source == work.status), None)
    if possible is None:
        raise IllegalMove(
            f"应用成果 {work.number}", label_of(WorkStatus(work.status)), label_of(named[0].target)
        )
    return work, possible


@transaction.atomic
def forget_maker(*, party_id: UUID, name: str) -> None:
    """A registration ends: its works stay without the maker's name."""
    Work.objects.filter(party=party_id).update(maker=name)
