"""Pages that only show: the list, one request, the way to an entry's data."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.delivery import queries as delivery
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind
from shuqiao.sharing import acting, queries, rules, telling
from shuqiao.sharing.disputes import telling as disputes
from shuqiao.sharing.forms import ExtendForm
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.returning import queries as returning
from shuqiao.sharing.types import JointStatus

PAGE = 50
TABS = {"all": "全部", "by_us": "我们申请的", "of_us": "向我们申请的", "consent": "待同意延长"}


@require_GET
def index(request: Request) -> HttpResponse:
    """Requests by us, of us, and those whose extension waits for our consent."""
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    found = queries.list_requests_for(request.actor, which=tab)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    terms = procedures.open_terms_of_many(CaseKind.SHARING_REQUEST, [one.id for one in page])
    lines = [{"request": one, "term": terms.get(one.id)} for one in page]
    shown = [name for name in TABS if name != "consent" or request.actor.may(P.SHARING_EXTENSION_CONSENT)]
    tabs = [{"id": name, "label": TABS[name], "current": name == tab} for name in shown]
    context = {
        "page": page,
        "lines": lines,
        "tabs": tabs,
        "on": today(),
        "baskets": queries.baskets_for(request.actor),
    }
    return render(request, "sharing/list.html", context)


def departments_of(request: Request) -> list[tuple[str, str]]:
    """Departments for which the reader may ask, with their names."""
    drafting = request.actor.departments_with(P.SHARING_REQUEST_DRAFT)
    posts = {p.department_id: p.department_name for p in request.actor.posts if p.department_id in drafting}
    return [(str(department_id), name) for department_id, name in posts.items()]


@require_GET
def show(request: Request, request_id: UUID) -> HttpResponse:
    """One request: what was asked, where it stands, what can be done next and by whom."""
    case = queries.get_request_for(request.actor, request_id, P.SHARING_REQUEST_READ)
    disputed = disputes.raising_on(request.actor, case, today())
    return render(request, "sharing/request.html", page_of(request, case) | _acts(request, case) | disputed)


def page_of(request: Request, case: SharingRequest) -> dict[str, Any]:
    """What the pages about one request share."""
    on = today()
    listing = queries.listing_for(case)
    regime = queries.regime_for(case, on)
    facts = queries.facts_of(case, listing)
    terms = procedures.terms_of(case.case_ref())
    reply = next((term for term in terms if term.term_id.startswith("sharing.reply")), None)
    grants = delivery.grants_of_case(case.case_ref())
    resolved = reply.clock().rule if reply else regime.term(rules.reply_term(case.sharing_type))
    cases = [case.case_ref(), *(grant.case_ref() for grant in grants)]
    visible = {grant.id for grant in delivery.list_grants_for(request.actor).filter(case_id=case.id)}
    decided = case.decided_scope()
    delivery_term = next((t for t in terms if t.term_id == rules.DELIVERY and not t.closed_on), None)
    return {
        "case": case,
        "delivery_term": delivery_term,
        "on": on,
        "listing": listing,
        "gone": listing.gone,
        "labels": listing.labels(),
        "chain": telling.chain_of(case, regime, reply, [g for g in grants if g.id in visible], on),
        "checks": telling.checks_of(case, facts, regime),
        "rows": telling.read_rows(case, decided or case.scope()),
        "where": list((decided or case.scope()).where),
        "decided": decided,
        "term": reply,
        "resolved": resolved,
        "term_words": telling.term_in_words(resolved),
        "timeline": telling.timeline_of(procedures.histories_of(cases), reply, on),
        "grants": [grant for grant in grants if grant.id in visible],
        "decision": case.decision(),
        "regime": regime,
    }


def _acts(request: Request, case: SharingRequest) -> dict[str, Any]:
    """What this person may do next with this request."""
    acts = acting.acts_of(request.actor, case, today())
    return {
        "may_edit": "edit" in acts,
        "may_sign": "submit" in acts,
        "may_submit": acts.get("submit"),
        "may_supplement": "supplement" in acts and acts["supplement"].allowed,
        "may_withdraw": "withdraw" in acts,
        "may_answer": "answer" in acts,
        "may_deliver": "deliver" in acts and acts["deliver"].allowed,
        "may_lapse": acts.get("lapse"),
        "may_consent": "consent" in acts,
        "may_remind": acts.get("remind"),
        "may_renew": acts.get("renew"),
        "in_basket": bool(case.joint and case.joint.status == JointStatus.DRAFT),
        "extend_form": ExtendForm(),
    }


@require_GET
def of_entry(request: Request, entry_id: UUID) -> HttpResponse:
    """A part of the entry's page: how to get its data, and by when the provider has to answer. What a check before
    collecting asked for is carried on to the form."""
    way = queries.way_to(entry_id, today())
    own = [post.department_id for post in request.actor.posts]
    context = {
        **way,
        "term_words": telling.term_in_words(way["term"]),
        "is_own": way["entry"].department_id in own,
        "may_draft": request.actor.may(P.SHARING_REQUEST_DRAFT),
        "may_return": bool(returning.lower_departments(request.actor, way["entry"].division)),
        "level_label": _level(way["entry"].sharing_basis_level),
        "mine": queries.requests_of_entry(request.actor, entry_id)[:5],
        "drafting": departments_of(request),
        "carried": _carried(request),
    }
    return render(request, "sharing/_of_entry.html", context)


def _carried(request: Request) -> str:
    given = [(name, value[:300]) for name in ("purpose", "item") for value in request.GET.getlist(name)[:50]]
    return f"&{urlencode(given)}" if given else ""


def _level(value: str) -> str:
    return law.BasisLevel(value).label if value else ""
