"""What pages and REST say of an application: its course, what was given, and what its reader may do next."""

from __future__ import annotations

from datetime import date
from typing import Any

from shuqiao import law
from shuqiao.accounts.types import Actor
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import Decision, NotFound
from shuqiao.opening.applications import queries, rules
from shuqiao.opening.applications.services.signing import still_offered
from shuqiao.opening.applications.types import (
    ANSWERED,
    APPLICATION_MOVES,
    ApplicationStatus,
    FollowUpStatus,
    Offer,
    Purpose,
)
from shuqiao.opening.citations import Source, citation
from shuqiao.opening.models import OfficialReply, OpenAgreement, OpenApplication
from shuqiao.opening.review.telling import Act
from shuqiao.resources import conditions
from shuqiao.resources import queries as resources
from shuqiao.store import Mask

S = ApplicationStatus
# Step, label, the state it leads to, whose it is.
MOVING = (
    ("agree", "同意", S.AGREED, "provider"),
    ("refuse", "不同意", S.REFUSED, "provider"),
    ("ask-supplement", "一次性告知补正", S.SUPPLEMENT_ASKED, "provider"),
    ("revoke", "收回开放", S.REVOKED, "provider"),
    ("lapse", "因目录撤下办结", S.LAPSED, "provider"),
    ("supplement", "补正", S.SUBMITTED, "applicant"),
    ("withdraw", "撤回申请", S.WITHDRAWN, "applicant"),
)


def acts_for(actor: Actor, application: OpenApplication, on: date) -> list[Act]:
    """What this actor may do next: the moves that may follow, on the side that may make them, each with its rule."""
    sides = set()
    if queries.may_answer(actor, application):
        sides.add("provider")
    if queries.is_applicant(actor, application):
        sides.add("applicant")
    following = APPLICATION_MOVES[S(application.status)]
    regime = queries.regime_for(application, on)
    offer = queries.offer_now(application)
    acts = [
        Act(name, label, _decided(application, name, offer, regime))
        for name, label, wanted, side in MOVING
        if side in sides and wanted in following and (name != "lapse" or offer.gone)
    ]
    return [*acts, *_others(application, sides, offer, regime, on)] if sides else []


def _decided(application: OpenApplication, name: str, offer: Offer, regime: law.Regime) -> Decision:
    """What the rule of a step says before it is filled in: its articles, and what it will ask for."""
    if name in {"agree", "supplement"}:
        return rules.may_ask(queries.facts_of(application), regime)
    if name == "ask-supplement":
        return rules.may_ask_supplement(
            asked_before=bool(application.supplements), points=("—",), regime=regime, gone=offer.gone
        )
    if name == "lapse":
        return rules.may_lapse(gone=offer.gone, note="写明对申请人的说明", regime=regime)
    if name == "refuse":
        return rules.may_refuse(reason="写明理由和依据", ground="—", regime=regime)
    if name == "revoke":
        return rules.may_revoke(breach="写明违反约定的情况和依据", ground="—", regime=regime)
    return rules.may_withdraw(reason="写明原因，答复前可以撤回", regime=regime)


def _others(
    application: OpenApplication, sides: set[str], offer: Offer, regime: law.Regime, on: date
) -> list[Act]:
    """Steps that do not move the application by themselves."""
    acts = []
    agreement = OpenAgreement.objects.filter(application=application).first()
    if application.status == S.AGREED and agreement:
        unsigned = ("applicant" in sides and not agreement.party_at) or (
            "provider" in sides and not agreement.department_at
        )
        if unsigned:
            ready = not offer.gone and still_offered(application, on)
            acts.append(
                Act("confirm", "确认协议", rules.may_confirm(already=False, ready=ready, regime=regime))
            )
    if application.status == S.OPENED and "applicant" in sides:
        said = rules.may_report(usage="写明利用情况", regime=regime)
        acts.append(Act("report", "报告利用情况", said))
    if "provider" in sides and queries.follow_up_of(application, FollowUpStatus.REPORTED):
        acts.append(Act("seen", "已查阅利用情况", rules.follow_up(regime)))
    answered = application.status in ANSWERED
    if answered and not OfficialReply.objects.filter(application=application).exists():
        acts.append(Act("reply", "制发书面答复", rules.may_have_reply(answered=True, regime=regime)))
    return acts


def rows_of(application: OpenApplication) -> list[dict[str, str]]:
    """Items asked for, and how each is given."""
    given = application.given()
    masks = dict(given.items) if given else {}
    return [
        {
            "name": one["name"],
            "item": one["item"],
            "offered": Mask(one["mask"]).label,
            "mask": one["mask"],
            "given": (Mask(masks[one["name"]]).label if one["name"] in masks else "不给") if given else "",
        }
        for one in application.items
    ]


def where_in_words(application: OpenApplication) -> str:
    """Of which rows the data is given; nothing when of all, or before a yes."""
    given = application.given()
    labels = {one["name"]: one["item"] for one in application.items}
    return conditions.in_words(given.where, labels) if given else ""


def citation_of(application: OpenApplication, on: date) -> str:
    """The sentence for a product; empty when the table is not published any more."""
    try:
        table = resources.published_table(application.resource_id)
        entry = catalog.facts_of(application.entry_id)
    except NotFound:
        return ""
    source = Source(
        department=entry.department_name,
        title=entry.title,
        version=table.version_number,
        published_on=table.published_on,
        division=application.division.name,
        code=entry.code,
    )
    return citation(source, on=on, number=application.number)


def purpose_choices(regime: Any) -> list[tuple[str, str]]:
    """The kinds of purpose that the regime knows."""
    return [(one.value, Purpose(one).label) for one in rules.purposes_of(regime)]
