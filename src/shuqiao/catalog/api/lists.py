"""REST of the lists the catalogue is kept by: synonyms, the classification, column mappings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import classification, intake, queries, services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.paging import PageIn, PageOut, slice_of
from shuqiao.catalog.models import Classification, ColumnMapping, Synonyms
from shuqiao.kernel import NotAllowed
from shuqiao.kernel.time import now

router = Router()


class GroupOut(Schema):
    """Words that a search takes for one another."""

    id: UUID
    words: list[str]
    by: str
    at: datetime


class SynonymsOut(Schema):
    """The groups the bureau keeps, the newest first, and those that come with the platform."""

    kept: list[GroupOut]
    built_in: list[list[str]]


class WordsIn(Body):
    """Two to twenty words that mean the same."""

    words: list[str]


class ClassOut(Schema):
    """A class: its code, its name, and the code above it (empty: none)."""

    code: str
    name: str
    above: str


class OwnClassIn(Body):
    """A class of the division's own below `above`; its code is built."""

    division: str
    above: str
    name: str


class OwnClassOut(ClassOut):
    """A class a division added. `used`: whether entries may be given it."""

    id: UUID
    used: bool


class ClassUseIn(Body):
    """Whether a class is in use."""

    used: bool


class ClassesIn(PageIn):
    """Of which division, by default the person's own; below which code, by default all."""

    division: str = ""
    above: str | None = None


class MappingOut(Schema):
    """One version of a column mapping. `rules`: for each element the columns it comes from and how their words are
    understood."""

    id: UUID
    division: str
    name: str
    version: int
    retired: bool
    at: datetime
    rules: dict[str, Any]


class MappingIn(Body):
    """Rules under a name of a division: a new mapping, or the next version of the one that has this name."""

    division: str
    name: str
    rules: dict[str, Any]


def _group(group: Synonyms) -> dict[str, Any]:
    return {"id": group.pk, "words": group.words, "by": group.by.name if group.by else "", "at": group.at}


@router.get("/synonyms", response=SynonymsOut, url_name="catalog-synonyms", summary="同义词")
def list_synonyms(request: Request) -> dict[str, Any]:
    """What a search takes for one another."""
    request.actor.demand(P.CATALOG_ENTRY_REVIEW)
    kept = [_group(one) for one in queries.list_synonyms()]
    return {"kept": kept, "built_in": [list(one) for one in queries.built_in_synonyms()]}


@router.post(
    "/synonyms", response={201: GroupOut}, url_name="catalog-save-synonyms", summary="保存一组同义词"
)
def save_synonyms(request: Request, body: WordsIn) -> Status[dict[str, Any]]:
    """Keep a group; it holds from the next search on."""
    group = services.save_synonyms(actor=request.actor, words=body.words, at=now())
    return Status(201, _group(group))


@router.delete(
    "/synonyms/{uuid:group_id}",
    response={204: None},
    url_name="catalog-remove-synonyms",
    summary="删除一组同义词",
)
def remove_synonyms(request: Request, group_id: UUID) -> Status[None]:
    """Take a group off."""
    services.remove_synonyms(actor=request.actor, group_id=group_id)
    return Status(204, None)


@router.get("/classes", response=PageOut[ClassOut], url_name="catalog-classes", summary="信息资源分类")
def list_classes(request: Request, asked: Query[ClassesIn]) -> dict[str, Any]:
    """The four levels of the classification in use in a division: the national list and what the division adds."""
    post = request.actor.first_post
    division = asked.division[:12] or (post.division if post else "")
    nodes = [
        {"above": above, "code": code, "name": name}
        for above, code, name in classification.nodes_of(division)
        if asked.above in {None, above}
    ]
    rows, after = slice_of(nodes, asked)
    return {"items": rows, "next": after}


def _own_class(one: Classification) -> dict[str, Any]:
    above = one.parent.code if one.parent else ""
    return {"id": one.pk, "code": one.code, "name": one.name, "above": above, "used": not one.retired}


@router.post(
    "/classes", response={201: OwnClassOut}, url_name="catalog-add-class", summary="增加一个本地分类"
)
def add_class(request: Request, body: OwnClassIn) -> Status[dict[str, Any]]:
    """A class below another, under the next free code."""
    made = services.add_class(actor=request.actor, division=body.division, above=body.above, name=body.name)
    return Status(201, _own_class(made))


@router.put(
    "/classes/{uuid:class_id}",
    response=OwnClassOut,
    url_name="catalog-use-class",
    summary="停用或恢复本地分类",
)
def use_class(request: Request, class_id: UUID, body: ClassUseIn) -> dict[str, Any]:
    """Out of use, or into use again; entries that carry it keep it."""
    return _own_class(services.use_class(actor=request.actor, class_id=class_id, used=body.used))


def _mapping(mapping: ColumnMapping) -> dict[str, Any]:
    names = ("id", "name", "version", "retired", "at", "rules")
    return {name: getattr(mapping, name) for name in names} | {"division": mapping.division_id}


@router.get("/mappings", response=PageOut[MappingOut], url_name="catalog-mappings", summary="列对应方案")
def list_mappings(request: Request, asked: Query[PageIn]) -> dict[str, Any]:
    """The newest version of every mapping in use in the person's divisions."""
    if not intake.mapping_divisions(request.actor):
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有“编制目录条目”的权限")
    rows, after = slice_of(intake.list_mappings_for(request.actor), asked)
    return {"items": [_mapping(one) for one in rows], "next": after}


@router.post(
    "/mappings", response={201: MappingOut}, url_name="catalog-save-mapping", summary="保存列对应方案"
)
def save_mapping(request: Request, body: MappingIn) -> Status[dict[str, Any]]:
    """Save rules; every one that is none is named (400). Saving what is already so makes no new version."""
    saved = services.save_mapping(
        actor=request.actor, division=body.division, name=body.name, rules=body.rules, at=now()
    )
    return Status(201, _mapping(saved))


@router.get(
    "/mappings/{uuid:mapping_id}", response=MappingOut, url_name="catalog-mapping", summary="一个列对应方案"
)
def get_mapping(request: Request, mapping_id: UUID) -> dict[str, Any]:
    """One version."""
    return _mapping(intake.get_mapping_for(request.actor, mapping_id))


@router.post(
    "/mappings/{uuid:mapping_id}/retire",
    response=MappingOut,
    url_name="catalog-mapping-retire",
    summary="停用列对应方案",
)
def retire_mapping(request: Request, mapping_id: UUID) -> dict[str, Any]:
    """No longer offered for new imports, in any version of its name."""
    mapping = intake.get_mapping_for(request.actor, mapping_id)
    return _mapping(services.retire_mapping(actor=request.actor, mapping_id=mapping.pk))
