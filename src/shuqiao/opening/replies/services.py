"""Issuing a written reply. Its words are those of the signed answer, frozen on the day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.time import in_chinese
from shuqiao.opening.applications import queries, rules
from shuqiao.opening.applications.types import ANSWERED, ApplicationStatus, Given, Purpose
from shuqiao.opening.models import OfficialReply, OpenApplication
from shuqiao.opening.replies.words import Reply
from shuqiao.procedures import events
from shuqiao.procedures.types import E
from shuqiao.store import Mask


@transaction.atomic
def ask_reply(*, actor: Actor, application_id: UUID, on: date) -> OfficialReply:
    """The applicant (or the provider for it) wants the answer in writing: issued at once, and once (Shenyang 26)."""
    application = queries.get_application_for(actor, application_id, lock=True)
    if not queries.is_applicant(actor, application):
        actor.demand(P.OPENING_APPLICATION_ANSWER, department_id=application.provider_id)
    answered = application.status in ANSWERED
    rules.may_have_reply(answered=answered, regime=queries.regime_for(application, on)).or_raise()
    return _issue(actor, application, on)


def issue_if_wanted(*, actor: Actor, application: OpenApplication, on: date) -> None:
    """Part of the answer: with it goes the written reply that was asked for beforehand."""
    if application.written_reply:
        _issue(actor, application, on)


def _issue(actor: Actor, application: OpenApplication, on: date) -> OfficialReply:
    words = words_of(application)
    reply, made = OfficialReply.objects.get_or_create(
        application=application, defaults={"content": words.to_json(), "issued_on": on}
    )
    if made:
        decision = rules.may_have_reply(answered=True, regime=queries.regime_for(application, on))
        events.record(
            E.APPLICATION_REPLY_ISSUED, actor=actor, case=application.case_ref(), on=on, decision=decision
        )
    return reply


def words_of(application: OpenApplication) -> Reply:
    """The reply to an application that has been answered."""
    decision = application.decision()
    given = application.given()
    answered_on = application.answered_on or application.submitted_on
    asked = "、".join(one["item"] for one in application.items)
    you = "你" if application.party.kind == "person" else "你单位"
    opening = (
        f"{you}于{in_chinese(application.submitted_on)}提出的政务数据开放申请（受理号 {application.number}）收悉。"
        f"申请的数据为“{application.title}”的下列信息项：{asked}；"
        f"用途为{Purpose(application.purpose_kind).label}，{application.purpose}。经审查，现答复如下："
    )
    said = _no(application) if application.status == ApplicationStatus.REFUSED else _yes(application, given)
    lines = [opening, *said, *_basis(decision)]
    lines.append("对本答复有异议的，可以向本机关或者本级政务数据主管部门提出。")
    return Reply(
        application.provider.name, application.number, application.party.name, tuple(lines), answered_on
    )


def _yes(application: OpenApplication, given: Given | None) -> list[str]:
    if given is None:
        return []
    labels = {one["name"]: one["item"] for one in application.items}
    items = "、".join(
        labels.get(name, name) + ("" if mask == Mask.NONE else f"（{Mask(mask).label}）")
        for name, mask in given.items
    )
    lines = [f"一、同意开放下列信息项：{items}，使用期限至{in_chinese(given.valid_until)}。"]
    lines.append(f"二、理由：{application.answer_reason}。")
    if given.conditions:
        lines.append(f"利用条件：{given.conditions}。")
    return [*lines, "双方在平台上确认开放协议后，数据按协议开放。"]


def _no(application: OpenApplication) -> list[str]:
    return [
        "一、不同意开放所申请的数据。",
        f"二、理由：{application.answer_reason}。",
        f"三、不同意开放的依据：{application.answer_ground}。",
    ]


def _basis(decision: Decision | None) -> list[str]:
    if decision is None or not decision.basis:
        return []
    titles = "、".join(_title(article) for article in decision.basis)
    return [f"本答复依照{titles}作出。"]


def _title(article: Article) -> str:
    pack = law.load_packs()[article.pack]
    return f"《{pack.title}》{law.number_in_words(article.number)}"


def files_of(application: OpenApplication) -> Reply | None:
    """The frozen words; None when no written reply was issued."""
    reply = OfficialReply.objects.filter(application=application).first()
    return Reply.from_json(reply.content) if reply else None
