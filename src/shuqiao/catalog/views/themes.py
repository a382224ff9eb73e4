"""Pages of theme catalogues."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries, services
from shuqiao.catalog.life import rules, themes
from shuqiao.catalog.life.forms import ThemeForm
from shuqiao.catalog.views.choosing import ids_of
from shuqiao.catalog.views.duties import regime_here
from shuqiao.kernel import NotAllowed
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures

PAGE = 50


@require_http_methods(["GET", "POST"])
def theme_list(request: Request) -> HttpResponse:
    """Theme catalogues the reader may see; a cataloguer begins one."""
    departments = queries.editable_departments(request.actor)
    if request.method == "POST" and not departments:
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有“编制目录条目”的权限")
    form = ThemeForm(departments, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        theme = services.create_theme(
            actor=request.actor,
            department_id=UUID(said["department"]),
            name=said["name"],
            purpose=said["purpose"],
            on=today(),
        )
        messages.success(request, "已新编，请加入条目。")
        return redirect("catalog:theme", theme.id)
    regime = regime_here(request)
    context = {
        "page": Paginator(themes.list_themes_for(request.actor), PAGE).get_page(request.GET.get("page")),
        "departments": departments,
        "form": form,
        "articles": rules.theme_articles(regime) if regime else (),
    }
    return render(request, "catalog/themes.html", context, status=400 if form.is_bound else 200)


@require_GET
def theme_detail(request: Request, theme_id: UUID) -> HttpResponse:
    """One theme catalogue: its entries, and what can be done next."""
    theme = themes.get_theme_for(request.actor, theme_id)
    actions = themes.actions_for(request.actor, theme)
    words = request.GET.get("q", "").strip()[:100]
    context = {
        "theme": theme,
        "page": Paginator(themes.members_of(theme, request.actor), PAGE).get_page(request.GET.get("page")),
        "words": words,
        "candidates": themes.candidates_for(theme, words)[:PAGE] if words and "edit" in actions else [],
        "actions": actions,
        "articles": rules.theme_articles(organizations.regime_of(theme.division_id, today())),
        "history": procedures.history_of(theme.case()),
    }
    return render(request, "catalog/theme.html", context)


@require_POST
def rename(request: Request, theme_id: UUID) -> HttpResponse:
    """Another name or purpose, before it is submitted."""
    theme = services.rename_theme(
        actor=request.actor,
        theme_id=theme_id,
        name=request.POST.get("name", ""),
        purpose=request.POST.get("purpose", ""),
        on=today(),
    )
    messages.success(request, "已保存名称和用途。")
    return redirect("catalog:theme", theme.id)


@require_POST
def members(request: Request, theme_id: UUID) -> HttpResponse:
    """Put entries in or take them out."""
    services.change_members(
        actor=request.actor,
        theme_id=theme_id,
        add=ids_of(request, "add"),
        remove=ids_of(request, "remove"),
        reason=request.POST.get("reason", ""),
        on=today(),
    )
    messages.success(request, "已调整。")
    return redirect("catalog:theme", theme_id)


@require_POST
def submit(request: Request, theme_id: UUID) -> HttpResponse:
    """Sign and submit the whole."""
    theme = services.submit_theme(actor=request.actor, theme_id=theme_id, on=today())
    messages.success(request, f"已整体报送，案号 {theme.case_number}。")
    return redirect("catalog:theme", theme_id)


@require_POST
def establish(request: Request, theme_id: UUID) -> HttpResponse:
    """The bureau establishes it."""
    services.establish_theme(actor=request.actor, theme_id=theme_id, on=today())
    messages.success(request, "已设立。")
    return redirect("catalog:theme", theme_id)


@require_POST
def send_back(request: Request, theme_id: UUID) -> HttpResponse:
    """The bureau sends it back."""
    services.return_theme(
        actor=request.actor, theme_id=theme_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已退回牵头部门。")
    return redirect("catalog:theme", theme_id)


@require_POST
def dissolve(request: Request, theme_id: UUID) -> HttpResponse:
    """Give it up."""
    services.dissolve_theme(
        actor=request.actor, theme_id=theme_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已撤销。")
    return redirect("catalog:themes")
