"""Pages about doubles and source departments."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import services
from shuqiao.catalog.models import DuplicatePair, Entry
from shuqiao.catalog.onesource import items, pairs, rules
from shuqiao.catalog.queries import get_entry_for, items_of, open_revision_of
from shuqiao.catalog.types import PairStatus, SharingType
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations

PAGE = 50
TABS = (("", "全部"), ("formats", "同一数据的两种格式"), ("other", "其他"))


@require_GET
def pair_list(request: Request) -> HttpResponse:
    """Pairs that may be one, the likeliest first; departments see those of their own."""
    request.actor.demand(P.CATALOG_ENTRY_READ)
    given = request.GET
    status = given.get("status", PairStatus.FOUND)
    status = status if status in PairStatus.values else PairStatus.FOUND.value
    rows = pairs.list_pairs_for(
        request.actor, status=status, words=given.get("q", "")[:100], kind=given.get("kind", "")
    )
    counts = pairs.counts_of_pairs(request.actor)
    context = {
        "page": Paginator(rows, PAGE).get_page(given.get("page")),
        "status": status,
        "kind": given.get("kind", ""),
        "kinds": TABS,
        "words": given.get("q", ""),
        "states": [(one.value, one.label, counts.get(one.value, 0)) for one in PairStatus],
    }
    return render(request, "catalog/pairs.html", context)


@require_GET
def pair_detail(request: Request, pair_id: UUID) -> HttpResponse:
    """Two entries side by side, why they may be one, and what can be decided."""
    pair = pairs.get_pair_for(request.actor, pair_id)
    return render(request, "catalog/pair.html", _pair_context(request, pair))


def _pair_context(request: Request, pair: DuplicatePair) -> dict[str, object]:
    sides = [_side(pair.first), _side(pair.second)]
    one, other = ({item.name for item in side["items"]} for side in sides)  # type: ignore[attr-defined]
    regime = organizations.regime_of(pair.first.division_id, today())
    return {
        "pair": pair,
        "sides": sides,
        "shared": one & other,
        "open": pair.status == PairStatus.FOUND,
        "may_decide": pair.status == PairStatus.FOUND and pairs.may_decide(request.actor, pair),
        "articles": rules.articles(regime, rules.MERGE),
    }


def _side(entry: Entry) -> dict[str, object]:
    shown = entry.published or entry.revisions.order_by("-number").first()
    listed = items_of(shown) if shown else ()
    return {"entry": entry, "revision": shown, "items": listed, "draft": open_revision_of(entry.pk)}


@require_POST
def keep_both(request: Request, pair_id: UUID) -> HttpResponse:
    """Not the same, and why."""
    services.keep_both(actor=request.actor, pair_id=pair_id, note=request.POST.get("note", ""), on=today())
    messages.success(request, "已记录：不是重复。内容有大的变动时会再提出。")
    return redirect("catalog:pairs")


@require_POST
def merge(request: Request, pair_id: UUID) -> HttpResponse:
    """One entry is merged into the other."""
    try:
        keep = UUID(request.POST.get("keep", ""))
    except ValueError:
        raise InvalidInput.one("保留的条目", "选择保留哪一个") from None
    kept = services.merge_entries(
        actor=request.actor, pair_id=pair_id, keep_id=keep, note=request.POST.get("note", ""), on=today()
    )
    messages.success(request, f"已合并，保留 {kept.code}。挂载的资源和已有授权照常运行，两个部门已收到通知。")
    return redirect("catalog:entry", kept.pk)


@require_POST
def separate(request: Request, entry_id: UUID) -> HttpResponse:
    """A merged entry is to stand for itself again."""
    revision = services.separate_entry(
        actor=request.actor, entry_id=entry_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已起草新版。签署并审核发布后，这个条目恢复为单独的条目。")
    return redirect("catalog:revision", revision.pk)


@require_GET
def entry_sources(request: Request, entry_id: UUID) -> HttpResponse:
    """Part of an entry's page: source departments of its items, codes merged into it, open doubts."""
    entry = get_entry_for(request.actor, entry_id)
    mine = pairs.list_pairs_for(request.actor).filter(pairs.touches(entry.pk))
    context = {
        "entry": entry,
        "lines": items.sources_of_entry(entry),
        "merged": pairs.merged_codes(entry.pk),
        "doubts": list(mine[:5]),
    }
    return render(request, "catalog/_sources.html", context)


@require_GET
def item_list(request: Request) -> HttpResponse:
    """Data items held by several departments, the widest spread first."""
    request.actor.demand(P.CATALOG_ENTRY_READ)
    post = request.actor.first_post
    division = request.GET.get("division") or (post.division if post else "")
    page = Paginator(
        items.list_spread(division=division, words=request.GET.get("q", "")[:100]), PAGE
    ).get_page(request.GET.get("page"))
    named = items.sources_of_items(division, [row.datum for row in page]) if division else {}
    context = {
        "page": page,
        "lines": [(row, named.get(row.datum)) for row in page],
        "words": request.GET.get("q", ""),
    }
    return render(request, "catalog/spread.html", context)


@require_GET
def item_detail(request: Request, spread_id: UUID) -> HttpResponse:
    """One data item: which entries of which departments hold it, who is its source, and naming it."""
    request.actor.demand(P.CATALOG_ENTRY_READ)
    spread = items.get_spread(spread_id)
    rows = items.items_of_spread(spread)
    history = items.history_of_source(spread.division_id, spread.datum)
    source = next((row for row in history if row.ended_on is None), None)
    regime = organizations.regime_of(spread.division_id, today())
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "spread": spread,
        "page": page,
        "lines": [(row, _sharing(row)) for row in page],
        "source": source,
        "history": history,
        "holders": sorted(items.holders_of(spread.datum, spread.division_id).items(), key=lambda one: one[1]),
        "may_name": request.actor.may(P.CATALOG_ENTRY_REVIEW, division=spread.division_id),
        "articles": rules.articles(regime, rules.SOURCE),
    }
    return render(request, "catalog/spread_item.html", context)


def _sharing(row: object) -> str:
    kind = row.sharing_type or row.revision.sharing_type  # type: ignore[attr-defined]
    return kind if kind in SharingType.values else ""


@require_POST
def designate(request: Request, spread_id: UUID) -> HttpResponse:
    """The bureau names the source department of an item."""
    spread = items.get_spread(spread_id)
    try:
        department = UUID(request.POST.get("department", ""))
    except ValueError:
        request.actor.demand(P.CATALOG_ENTRY_REVIEW, division=spread.division_id)
        raise InvalidInput.one("数源部门", "选择一个部门") from None
    made = services.designate_source(
        actor=request.actor, division=spread.division_id, datum=spread.datum, department_id=department,
        reason=request.POST.get("reason", ""), on=today(),
    )  # fmt: skip
    messages.success(request, f"“{made.datum}”的数源部门是{made.department.name}，持有它的部门已收到通知。")
    return redirect("catalog:spread-item", spread_id)


@require_GET
def source_list(request: Request) -> HttpResponse:
    """All source departments that count now."""
    rows = items.designations(datum=request.GET.get("q", "")[:128])
    page = Paginator(rows.order_by("datum", "division"), PAGE).get_page(request.GET.get("page"))
    mine = request.actor.divisions_with(P.CATALOG_ENTRY_REVIEW)
    return render(
        request, "catalog/sources.html", {"page": page, "words": request.GET.get("q", ""), "mine": mine}
    )


@require_POST
def end_source(request: Request, designation_id: UUID) -> HttpResponse:
    """A designation is taken back."""
    services.end_designation(
        actor=request.actor, designation_id=designation_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已失效，原数源部门已收到通知。")
    return redirect("catalog:sources")
