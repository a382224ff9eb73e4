"""Pages of the open platform."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from shuqiao.accounts.access import Request, public
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFilters, OpeningType
from shuqiao.kernel.time import today
from shuqiao.opening import queries
from shuqiao.opening.feedback import queries as feedback
from shuqiao.opening.models.feedback import STARS
from shuqiao.opening.works import queries as works
from shuqiao.organizations import queries as organizations

PAGE = 20
FACETS = (("opening", "开放属性"), ("divisions", "区划"), ("departments", "提供部门"), ("themes", "主题"),
          ("formats", "格式"), ("cycles", "更新周期"), ("freshness", "新鲜度"))  # fmt: skip


@public
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Search first, the figures of what is open, and why some data is not."""
    context = queries.home()
    context["priority"] = organizations.articles_anywhere("opening.priority", on=today())
    return render(request, "opening/home.html", context)


@public
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The public catalogue, searched and narrowed."""
    given = request.GET
    filters = EntryFilters(
        words=given.get("q", "").strip()[:100],
        opening=tuple(given.getlist("opening"))[:50],
        divisions=tuple(given.getlist("divisions"))[:50],
        departments=tuple(given.getlist("departments"))[:50],
        themes=tuple(given.getlist("themes"))[:50],
        formats=tuple(given.getlist("formats"))[:50],
        cycles=tuple(given.getlist("cycles"))[:50],
        freshness=tuple(given.getlist("freshness"))[:50],
        order=given.get("order", ""),
    )
    answer = catalog.public_page(filters, number=given.get("page"), per_page=PAGE)
    facets = [
        {"name": name, "label": label, "values": answer.facets[name], "chosen": set(given.getlist(name))}
        for name, label in FACETS
    ]
    context = {
        "page": answer.page,
        "filters": filters,
        "facets": facets,
        "narrowed": any(facet["chosen"] for facet in facets),
        "loose": answer.found.loose,
        "meant": answer.meant,
        "meant_query": _with_words(given, answer.meant),
    }
    return render(request, "opening/search.html", context)


def _with_words(query: QueryDict, words: str) -> str:
    """The address of the same search with other words, from its first page on."""
    changed = query.copy()
    changed["q"] = words
    changed.pop("page", None)
    return changed.urlencode()


@public
@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """Titles for what is being typed, as far as the public may see them."""
    titles = catalog.public_suggestions(request.GET.get("q", ""))
    context = {"titles": titles, "address": reverse("opening:search")}
    return render(request, "catalog/_suggestions.html", context)


@public
@require_GET
def entry(request: Request, entry_id: UUID) -> HttpResponse:
    """One entry: its items, its open tables with downloads; for one that is not open, the legal basis."""
    if kept := catalog.merge_target(entry_id):
        return redirect("opening:entry", kept.pk)
    found = queries.entry(entry_id)
    facts = found.facts
    division = organizations.get_department(facts.department_id).division
    regime = organizations.regime_of(facts.division, today())
    context = {
        "facts": facts,
        "tables": found.tables,
        "withheld": found.withheld,
        "division": division,
        "opening_name": regime.open_type_names.get(facts.opening_type, ""),  # type: ignore[call-overload]
        "closed": facts.opening_type == OpeningType.CLOSED,
        "conditional": facts.opening_type == OpeningType.CONDITIONAL,
        "reply": regime.term("opening.reply"),
        "outside": regime.rule("sharing.outside") and facts.sharing_type != "none",
        "on": today(),
        "voices": feedback.voices_of(facts.id),
        "works": works.works_of_entry(facts.id),
        "may_rate": request.actor.party_id is not None,
        "own_stars": feedback.stars_of(request.actor, facts.id),
        "stars_offered": STARS,
    }
    return render(request, "opening/entry.html", context)


@public
@require_GET
def basis(request: HttpRequest) -> HttpResponse:
    """The legal basis of every entry that is not open, or open on application (Yingkou 30, Shenyang 27)."""
    page = Paginator(queries.not_open(), PAGE * 2).get_page(request.GET.get("page"))
    articles = organizations.articles_anywhere("opening.basis.public", on=today())
    return render(request, "opening/basis.html", {"page": page, "articles": articles})
