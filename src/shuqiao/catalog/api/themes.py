"""REST of theme catalogues: put together by the lead, established as a whole."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.catalog import services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.duties import DutyReasonIn
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.life import themes
from shuqiao.catalog.models import ThemeCatalogue
from shuqiao.catalog.types import ThemeStatus
from shuqiao.kernel.time import today

router = Router()


class ThemeOut(Schema):
    """A theme catalogue, the department that leads it, and where it stands."""

    id: UUID
    name: str
    purpose: str
    division: str
    lead: str
    lead_id: UUID
    status: ThemeStatus
    case_number: str
    submitted_on: date | None
    decided_on: date | None
    return_reason: str


class CountedThemeOut(ThemeOut):
    """With the number of its entries in force."""

    entries: int


class WholeThemeOut(ThemeOut):
    """With what the person can do next."""

    actions: list[str]


class MemberOut(Schema):
    """An entry of a theme in its place; one withdrawn since has no title."""

    entry: UUID
    order: int
    code: str
    title: str
    department: str


class NamedIn(Body):
    """Name and purpose."""

    name: str
    purpose: str = ""


class ThemeIn(NamedIn):
    """A new theme, and the department that leads it."""

    department: UUID


class MembersIn(Body):
    """Entries that come in and that leave; the reason is wanted once the theme is established."""

    add: list[UUID] = []
    remove: list[UUID] = []
    reason: str = ""


class ThemesIn(PageIn):
    """Themes in one state."""

    status: ThemeStatus | None = None


def _theme(theme: ThemeCatalogue) -> dict[str, Any]:
    names = (
        "id", "name", "purpose", "status", "case_number", "submitted_on", "decided_on", "return_reason", "lead_id"
    )  # fmt: skip
    return {name: getattr(theme, name) for name in names} | {
        "division": theme.division_id,
        "lead": theme.lead.name,
    }


@router.get("/themes", response=PageOut[CountedThemeOut], url_name="catalog-themes", summary="主题目录")
def list_themes(request: Request, asked: Query[ThemesIn]) -> dict[str, Any]:
    """Theme catalogues the person may see, by name."""
    rows, after = page_of(themes.list_themes_for(request.actor, asked.status), ("name", "id"), asked)
    return {"items": [_theme(one) | {"entries": one.entries} for one in rows], "next": after}  # type: ignore[attr-defined]


@router.post("/themes", response={201: ThemeOut}, url_name="catalog-themes", summary="新编主题目录")
def create_theme(request: Request, body: ThemeIn) -> Status[dict[str, Any]]:
    """A department begins a theme that it leads."""
    made = services.create_theme(
        actor=request.actor, department_id=body.department, name=body.name, purpose=body.purpose, on=today()
    )
    return Status(201, _theme(made))


@router.get(
    "/themes/{uuid:theme_id}", response=WholeThemeOut, url_name="catalog-theme", summary="一个主题目录"
)
def get_theme(request: Request, theme_id: UUID) -> dict[str, Any]:
    """One theme catalogue."""
    theme = themes.get_theme_for(request.actor, theme_id)
    return _theme(theme) | {"actions": sorted(themes.actions_for(request.actor, theme))}


@router.put("/themes/{uuid:theme_id}", response=ThemeOut, url_name="catalog-theme", summary="改名")
def rename(request: Request, theme_id: UUID, body: NamedIn) -> dict[str, Any]:
    """Another name and purpose, before it is submitted."""
    return _theme(
        services.rename_theme(
            actor=request.actor, theme_id=theme_id, name=body.name, purpose=body.purpose, on=today()
        )
    )


@router.get(
    "/themes/{uuid:theme_id}/entries",
    response=PageOut[MemberOut],
    url_name="catalog-theme-entries",
    summary="主题目录的条目",
)
def theme_entries(request: Request, theme_id: UUID, asked: Query[PageIn]) -> dict[str, Any]:
    """The entries of a theme in their order."""
    theme = themes.get_theme_for(request.actor, theme_id)
    rows, after = page_of(themes.places_of(theme, request.actor), ("order", "id"), asked)
    items = [
        {
            "entry": row.entry_id,
            "order": row.order,
            "code": row.entry.code or "",
            "title": row.entry.published.title if row.entry.published else "",
            "department": row.entry.department.name,
        }
        for row in rows
    ]
    return {"items": items, "next": after}


@router.post(
    "/themes/{uuid:theme_id}/members",
    response=ThemeOut,
    url_name="catalog-theme-members",
    summary="调整条目",
)
def members(request: Request, theme_id: UUID, body: MembersIn) -> dict[str, Any]:
    """Entries come into the theme or leave it."""
    theme = services.change_members(
        actor=request.actor,
        theme_id=theme_id,
        add=body.add,
        remove=body.remove,
        reason=body.reason,
        on=today(),
    )
    return _theme(theme)


@router.post(
    "/themes/{uuid:theme_id}/submit", response=ThemeOut, url_name="catalog-theme-submit", summary="整体报送"
)
def submit(request: Request, theme_id: UUID) -> dict[str, Any]:
    """The lead's head signs, and the whole goes to the bureau."""
    return _theme(services.submit_theme(actor=request.actor, theme_id=theme_id, on=today()))


@router.post(
    "/themes/{uuid:theme_id}/establish", response=ThemeOut, url_name="catalog-theme-establish", summary="设立"
)
def establish(request: Request, theme_id: UUID) -> dict[str, Any]:
    """The bureau establishes it; everybody sees it."""
    return _theme(services.establish_theme(actor=request.actor, theme_id=theme_id, on=today()))


@router.post(
    "/themes/{uuid:theme_id}/return", response=ThemeOut, url_name="catalog-theme-return", summary="退回"
)
def send_back(request: Request, theme_id: UUID, body: DutyReasonIn) -> dict[str, Any]:
    """The bureau sends the whole back and says why."""
    return _theme(
        services.return_theme(actor=request.actor, theme_id=theme_id, reason=body.reason, on=today())
    )


@router.post(
    "/themes/{uuid:theme_id}/dissolve", response=ThemeOut, url_name="catalog-theme-dissolve", summary="撤销"
)
def dissolve(request: Request, theme_id: UUID, body: DutyReasonIn) -> dict[str, Any]:
    """The theme is given up; its entries stay."""
    return _theme(
        services.dissolve_theme(actor=request.actor, theme_id=theme_id, reason=body.reason, on=today())
    )
