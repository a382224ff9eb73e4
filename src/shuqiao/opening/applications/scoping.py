"""What a yes to an open application narrows further than the review: masks laid on, rows limited; and how it looks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.opening.applications import queries, rules
from shuqiao.opening.applications.types import Given
from shuqiao.opening.models import OpenApplication
from shuqiao.resources import previewing
from shuqiao.resources import queries as resources
from shuqiao.store import Column, ColumnScope, ColumnType, Condition, Mask, Page, Scope
from shuqiao.store.binding import bind_predicate

PREDICATES_MAX, VALUES_MAX, VALUE_LENGTH = 30, 1000, 200
LAID_ON = (Mask.KEEP_ENDS, Mask.HASH, Mask.YEAR)


def kinds_of(resource_id: UUID) -> dict[str, ColumnType]:
    """The type of each column of the published table; none when nothing is published."""
    found = resources.list_published([resource_id])
    return {one.name: ColumnType(one.type) for one in found[0].columns} if found else {}


def masks_for(application: OpenApplication) -> dict[str, list[tuple[str, str]]]:
    """For each item asked for, under which masks it may be given: as the review wants, or stricter."""
    kinds = kinds_of(application.resource_id)
    return {one["name"]: _masks(one["mask"], kinds.get(one["name"])) for one in application.items}


def _masks(offered: str, kind: ColumnType | None) -> list[tuple[str, str]]:
    found = [(offered, Mask(offered).label)]
    if offered == Mask.NONE and kind:
        found += [(mask.value, mask.label) for mask in LAID_ON if mask.fits(kind)]
    return found


def check(resource_id: UUID, given: Given) -> None:
    """Raises InvalidInput when a mask or a value of a row condition cannot be one of its column. Columns that the table
    does not have are the rules' business."""
    kinds, masks = kinds_of(resource_id), {mask.value for mask in Mask}
    problems = [
        Problem("信息项", f"“{name}”不能这样脱敏：{mask}")
        for name, mask in given.items
        if mask not in masks or (name in kinds and not Mask(mask).fits(kinds[name]))
    ]
    if problems:
        raise InvalidInput(problems)
    condition = Condition.from_json([dict(one) for one in given.where])
    if len(condition.all) > PREDICATES_MAX or any(
        len(one.values) > VALUES_MAX or any(len(str(value)) > VALUE_LENGTH for value in one.values)
        for one in condition.all
    ):
        most = f"最多 {PREDICATES_MAX} 行，每行最多 {VALUES_MAX} 个取值，每个最多 {VALUE_LENGTH} 字"
        raise InvalidInput.one("行条件", most)
    for place, predicate in enumerate(condition.all, 1):
        if predicate.column in kinds:
            bind_predicate(Column(predicate.column, f"c{place}", kinds[predicate.column]), predicate)


def preview(application: OpenApplication, given: Given, on: date) -> dict[str, Any] | None:
    """The first rows that the applicant would read, by item, and how many it would reach, for the provider; None when
    the rows are not on this node. Refused beyond what a yes may give: masks are not looked behind like this."""
    regime = queries.regime_for(application, on)
    rules.may_look(queries.facts_of(application), given, regime).or_raise()
    check(application.resource_id, given)
    scope = Scope(
        columns=tuple(ColumnScope(name, Mask(mask)) for name, mask in given.items),
        where=Condition.from_json([dict(one) for one in given.where]),
        hash_key=secrets.token_bytes(32),
    )
    page = previewing.rows_through(application.resource_id, scope)
    labels = {one["name"]: one["item"] for one in application.items}
    return _shown(page, labels) if page else None


def _shown(page: Page, labels: Mapping[str, str]) -> dict[str, Any]:
    names = list(page.rows[0]) if page.rows else []
    rows = [["" if row[name] is None else row[name] for name in names] for row in page.rows]
    return {"heads": [labels.get(name, name) for name in names], "rows": rows, "total": page.total}
