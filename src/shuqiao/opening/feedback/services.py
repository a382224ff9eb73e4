"""Steps of what the public says: say it, deal with it, decide what everybody reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, NotAllowed, NotFound, Problem
from shuqiao.kernel.decision import allow
from shuqiao.kernel.moves import label_of
from shuqiao.opening.feedback import queries, rules, telling
from shuqiao.opening.feedback.types import FeedbackKind, FeedbackStatus, Ground, Step, steps_from
from shuqiao.opening.models import Feedback, Rating
from shuqiao.opening.models.feedback import STARS
from shuqiao.organizations import parties
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import events, owning
from shuqiao.procedures import queries as cases
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E


@dataclass(frozen=True, slots=True)
class Words:
    """What a visitor sends. `once` comes with the form: sent twice, it is taken once."""

    kind: FeedbackKind
    text: str
    once: UUID
    entry_id: UUID | None = None
    division: str = ""
    title: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken, and the code its author reads its course with. Shown once."""

    feedback: Feedback
    code: str


@transaction.atomic
def say(*, actor: Actor, words: Words, on: date) -> Taken:
    """The public says something: it gets a number, a code, somebody who has to deal with it, and the clock of the
    regime where there is one (Yingkou 4, 23; Shenyang 6; Dongchangfu 21)."""
    title, division, department, entry_id = _addressed(words)
    said = rules.Said(words.kind, words.text, actor.party_id is not None, entry_id is not None, title)
    found = rules.problems_of(said)
    if words.contact and (problem := parties.email_problem(words.contact)):
        found.append(Problem("接收答复的邮箱", problem))
    if found:
        raise InvalidInput(found)
    regime = organizations.regime_of(division, on)
    decision = rules.may_say(said, regime).or_raise()
    try:
        with transaction.atomic():
            return _receive(
                actor,
                replace(words, title=title, entry_id=entry_id, division=division),
                department,
                decision,
                on,
            )
    except IntegrityError:  # the same form was sent twice: whoever came first has made the case
        return _again(words.once, actor, on)


def _receive(actor: Actor, words: Words, department: Department, decision: Decision, on: date) -> Taken:
    """The case of something said that may be said: number, code, clock, next action, event."""
    entry_id, division = words.entry_id, words.division
    if Feedback.objects.filter(once=words.once).exists():
        return _again(words.once, actor, on)
    edition = queries.edition_of(entry_id)
    feedback = Feedback.objects.create(
        number=procedures.next_case_number(kind=CaseKind.FEEDBACK, division=division, on=on),
        kind=words.kind,
        entry_id=entry_id,
        division_id=division,
        department=department,
        party_id=actor.party_id,
        title=words.title[:200],
        text=words.text.strip(),
        contact=words.contact,
        edition={"revision": edition.revision, "versions": dict(edition.versions)},
        once=words.once,
        received_on=on,
    )
    case = feedback.case()
    code = owning.own_case(case=case, party_id=actor.party_id, on=on)
    regime = organizations.regime_of(division, on)
    resolved = regime.term(rules.CORRECTION) if words.kind == FeedbackKind.CORRECTION else None
    if resolved is not None:
        procedures.open_term(case=case, resolved=resolved, received_on=on, department=department)
    _put_before(feedback, decision)
    events.record(
        E.FEEDBACK_RECEIVED, actor=actor, case=case, on=on, decision=decision, data={"kind": words.kind}
    )
    return Taken(feedback, code)


def _addressed(words: Words) -> tuple[str, str, Department, UUID | None]:
    """Title, division and the department that deals with it. Only published entries can be spoken of."""
    if words.entry_id is not None and words.kind != FeedbackKind.DEMAND:
        facts = catalog.public_facts_of(words.entry_id)
        return facts.title, facts.division, organizations.get_department(facts.department_id), words.entry_id
    if words.kind != FeedbackKind.DEMAND:
        raise NotFound("数据条目")
    if not organizations.list_divisions().filter(code=words.division).exists():
        raise InvalidInput.one("区划", "请选择向哪个区划提出")
    return words.title.strip(), words.division, organizations.bureau_of(words.division), None


def _again(once: UUID, actor: Actor, on: date) -> Taken:
    """The same form came twice: nothing new is taken, and whoever sent it gets a code that works."""
    earlier = Feedback.objects.select_for_update().get(once=once)
    if earlier.party_id != actor.party_id:
        raise NotFound("这份表单")
    return Taken(earlier, owning.own_case(case=earlier.case(), party_id=earlier.party_id, on=on))


def _put_before(feedback: Feedback, decision: Decision) -> None:
    """The next action goes to the provider (corrections, questions) or to the bureau."""
    kind = FeedbackKind(feedback.kind)
    first = next(step for step in steps_from(kind, FeedbackStatus(feedback.status)) if step.permission)
    bureau = first.permission == P.OPENING_FEEDBACK_MODERATE
    procedures.assign(
        case=feedback.case(),
        department=organizations.bureau_of(feedback.division_id) if bureau else feedback.department,
        permission=first.permission or P.OPENING_FEEDBACK_ANSWER,
        action={"accept": "核实纠错", "correct": "发布更正版本", "answer": "答复提问"}.get(
            first.name, "审核公众意见"
        ),
        detail=feedback.text[:100],
        basis=decision.basis,
        term=cases.open_term_of(feedback.case()),
    )


@transaction.atomic
def take_step(
    *,
    actor: Actor,
    feedback_id: UUID,
    step: str,
    text: str = "",
    ground: str = "",
    forwarded_to: str = "",
    on: date,
) -> Feedback:
    """One step of the table: answer, accept, refute, correct, publish, keep, reject, forward, settle, withdraw."""
    feedback = queries.get_feedback_for(actor, feedback_id, lock=True)
    taken = _step_of(actor, feedback, step)
    _check_words(taken, text, ground)
    decision = _decide(feedback, taken, text.strip(), ground, on).or_raise_if_blocking()
    feedback.move_to(taken.target)
    if taken.wants_text:
        feedback.answer = text.strip()
    if taken.wants_ground:
        feedback.ground = ground
    if taken.name == "forward":
        feedback.forwarded_to = forwarded_to[:64]
    feedback.decision_json = decision.said.as_json()
    feedback.answered_on = on
    feedback.save()
    _settle(feedback, decision.said, on)
    events.record(
        taken.event,
        actor=actor,
        case=feedback.case(),
        on=on,
        decision=decision.said,
        data={"step": taken.name, "to": taken.target},
    )
    telling.tell_author(feedback, decision.said)
    if feedback.contact and not steps_from(FeedbackKind(feedback.kind), taken.target):
        feedback.contact = ""  # nothing more will be told: the address is not kept
        feedback.save(update_fields=["contact"])
    return feedback


def _step_of(actor: Actor, feedback: Feedback, name: str) -> Step:
    """The step of this name from the present state. Somebody who may never take it hears so before the state."""
    kind, status = FeedbackKind(feedback.kind), FeedbackStatus(feedback.status)
    named = [step for step in queries.all_steps(kind) if step.name == name]
    if not named:
        raise InvalidInput.one("步骤", f"{kind.label}没有“{name}”这一步")
    queries.demand_step(actor, feedback, named[0])
    possible = next((step for step in named if step.source == status), None)
    if possible is None:
        raise IllegalMove(f"{kind.label} {feedback.number}", label_of(status), label_of(named[0].target))
    return possible


def _check_words(step: Step, text: str, ground: str) -> None:
    if step.wants_text and not text.strip():
        raise InvalidInput.one("答复", "必填：写给提出人看的理由或者结果")
    if len(text) > 2000:
        raise InvalidInput.one("答复", "最多 2000 个字")
    if step.wants_ground and ground not in Ground.values:
        raise InvalidInput.one("依据", "请选择一项依据")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the step says to the author, and what might stop the step."""

    said: Decision
    gate: Decision | None = None

    def or_raise_if_blocking(self) -> _Outcome:
        if self.gate is not None:
            self.gate.or_raise()
        return self


def _decide(feedback: Feedback, step: Step, text: str, ground: str, on: date) -> _Outcome:
    """The decision of a step on the regime of its division."""
    regime = organizations.regime_of(feedback.division_id, on)
    rule = rules.rule_of(FeedbackKind(feedback.kind))
    basis = rules.articles(regime, rule)
    if step.name in {"accept", "refute"}:
        return _Outcome(rules.judged(text, wrong=step.name == "accept", regime=regime))
    if step.name == "correct":
        gate = rules.corrected(feedback.received_edition, queries.edition_of(feedback.entry_id), regime)
        return _Outcome(allow(rule, text, *basis), gate)
    if step.wants_ground:
        return _Outcome(rules.moderated(Ground(ground), text, basis, rule))
    return _Outcome(allow(rule, text or step.label, *basis))


def _settle(feedback: Feedback, decision: Decision, on: date) -> None:
    """The clock stops when the author has an answer; the next action goes to whoever has it, or nobody."""
    case = feedback.case()
    procedures.settle(case=case)
    term = cases.open_term_of(case)
    if term is not None:
        procedures.close_term(term_id=term.id, on=on)
    status = FeedbackStatus(feedback.status)
    if status == FeedbackStatus.PUBLISHED:
        return  # taking it down later stays possible, but nobody waits for it
    if any(step.permission for step in steps_from(FeedbackKind(feedback.kind), status)):
        _put_before(feedback, decision)


@transaction.atomic
def rate(*, actor: Actor, entry_id: UUID, stars: int, at: datetime) -> Rating:
    """A registered visitor gives an entry one to five stars; given again, they replace the earlier ones."""
    if actor.party_id is None:
        raise NotAllowed("opening:entry:rate", "评分请先以注册用户登录，每人对一项数据一个评分")
    if stars not in STARS:
        raise InvalidInput.one("评分", "请选一到五星")
    facts = catalog.public_facts_of(entry_id)
    rating, _ = Rating.objects.update_or_create(
        entry_id=facts.id, party_id=actor.party_id, defaults={"stars": stars, "at": at}
    )
    return rating


@transaction.atomic
def forget_author(*, party_id: UUID) -> None:
    """A registration ends: the addresses it left for answers go."""
    Feedback.objects.filter(party=party_id).exclude(contact="").update(contact="")
