"""The public lists: open to everybody, open on application, priority domains; each as a page and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shuqiao.accounts.access import Request, public
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFilters, OpeningType
from shuqiao.kernel.time import today
from shuqiao.law import PRIORITY_DOMAINS
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.review import queries
from shuqiao.opening.review.types import LICENCES
from shuqiao.organizations import queries as organizations

PAGE = 50
KINDS = {OpeningType.UNCONDITIONAL: "无条件开放清单", OpeningType.CONDITIONAL: "有条件开放清单"}
# What is published as a list, and how it is got: a text that sets no list still says that.
RULES = {
    OpeningType.UNCONDITIONAL: ("opening.lists", "opening.unconditional.no_login"),
    OpeningType.CONDITIONAL: ("opening.lists", "opening.application"),
}
HEAD = ("目录代码", "名称", "提供部门", "区划", "开放属性", "优先领域", "开放许可", "数据", "依据")
FORMULA = "=+-@\t\r"


def _entries(request: Request, kinds: tuple[str, ...], domain: str = "", *, marked: bool = False) -> Any:
    """Public entries of these kinds, narrowed by what the address says."""
    given = request.GET
    filters = EntryFilters(
        words=given.get("q", "").strip()[:100],
        opening=kinds,
        divisions=tuple(one for one in given.getlist("division") if one)[:50],
        departments=tuple(one for one in given.getlist("department") if one)[:50],
        order="title",
    )
    entries = catalog.list_public_entries(filters)
    return queries.with_domain(entries, domain) if domain or marked else entries


def _lines(entries: Any) -> list[dict[str, Any]]:
    """Entries with what their reviews say of them."""
    found = list(entries)
    reviews = queries.of_entries([entry.pk for entry in found])
    return [_line(entry, reviews.get(entry.pk, [])) for entry in found]


def _line(entry: Any, reviews: list[OpeningReview]) -> dict[str, Any]:
    return {
        "entry": entry,
        "domains": list(dict.fromkeys(str(one) for review in reviews for one in review.domains.all())),
        "licences": [LICENCES[one].name for one in dict.fromkeys(review.licence for review in reviews)],
        "ready": bool(reviews),
    }


def _page(request: Request, entries: Any, **context: Any) -> HttpResponse:
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    shown = {
        "page": page,
        "lines": _lines(page),
        "divisions": organizations.list_divisions(),
        "division": request.GET.get("division", ""),
        "words": request.GET.get("q", ""),
        "query": query.urlencode(),
        "domains": list(PRIORITY_DOMAINS.items()),
        **context,
    }
    return render(request, "opening/lists.html", shown)


@public
@require_GET
def open_list(request: Request, kind: str) -> HttpResponse:
    """One of the two lists (Dongchangfu 23)."""
    if kind not in KINDS:
        raise Http404(kind)
    entries = _entries(request, (kind,), _domain(request))
    articles = organizations.articles_anywhere(*RULES[OpeningType(kind)], on=today())
    title = KINDS[OpeningType(kind)]
    return _page(
        request, entries, title=title, kind=kind, domain=_domain(request), articles=articles, kinds=KINDS
    )


@public
@require_GET
def priority(request: Request) -> HttpResponse:
    """What is open, at once or on application, in the priority domains (Yingkou 31, Shenyang 28)."""
    entries = _entries(request, tuple(KINDS), _domain(request), marked=True)
    articles = organizations.articles_anywhere("opening.priority", on=today())
    return _page(
        request,
        entries,
        title="优先开放的领域",
        kind="",
        domain=_domain(request),
        articles=articles,
        kinds=KINDS,
    )


def _domain(request: Request) -> str:
    found = request.GET.get("domain", "")
    return found if found in PRIORITY_DOMAINS else ""


@public
@require_GET
def open_list_csv(request: Request, kind: str) -> StreamingHttpResponse:
    """The list as CSV, with the filters of the page."""
    if kind not in KINDS:
        raise Http404(kind)
    return _csv(_entries(request, (kind,), _domain(request)), f"{kind}.csv")


@public
@require_GET
def priority_csv(request: Request) -> StreamingHttpResponse:
    """The priority domains as CSV, with the filters of the page."""
    return _csv(_entries(request, tuple(KINDS), _domain(request), marked=True), "priority.csv")


def _csv(entries: Any, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_rows(entries), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(entries: Any) -> Iterator[str]:
    """A mark for spreadsheet programs, the head, and a line an entry; read in pages."""
    yield "\ufeff" + _text(HEAD)
    for number in range(1, (pages := Paginator(entries, 500)).num_pages + 1):
        for line in _lines(pages.page(number)):
            revision = line["entry"].published
            yield _text(
                (
                    line["entry"].code or "",
                    revision.title,
                    line["entry"].department.name,
                    line["entry"].division_id,
                    KINDS[OpeningType(revision.opening_type)].removesuffix("清单"),
                    "、".join(line["domains"]),
                    "、".join(line["licences"]),
                    "已提供" if line["ready"] else "待提供",
                    revision.opening_basis,
                )
            )


def _text(cells: tuple[str, ...]) -> str:
    """One line of CSV; a cell that a spreadsheet program would calculate is marked as text."""
    kept = StringIO()
    csv.writer(kept).writerow([f"'{cell}" if cell[:1] and cell[0] in FORMULA else cell for cell in cells])
    return kept.getvalue()
