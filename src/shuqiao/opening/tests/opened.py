"""Published tables in the small world, and reviews of them in every state: what the tests of opening begin with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from shuqiao.catalog.models import DataItem
from shuqiao.delivery.tests import factories as tables
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.review import queries, services
from shuqiao.opening.review.types import ColumnChoice, ReviewDraft
from shuqiao.organizations.models import Department
from shuqiao.organizations.tests.factories import City
from shuqiao.resources.models import Resource
from shuqiao.resources.tests import factories as mounted

MONDAY = date(2026, 3, 2)
PLACES: dict[str, tuple[str, str]] = {
    "yingkou": ("provider-approver", "bureau-reviewer"),
    "shenyang": ("shenyang-approver", "shenyang-bureau"),
    "dongchangfu": ("dongchangfu-approver", "dongchangfu-bureau"),
}


def department_of(city: City, place: str) -> Department:
    """The department that provides, in one of the three places."""
    return city.provider if place == "yingkou" else getattr(city, f"{place}_provider")


def table_in(
    city: City, place: str = "yingkou", *, opening: str = "conditional", **entry: object
) -> Resource:
    """A published table of five columns, 联系电话 marked personal, of an entry open in this way."""
    if opening == "conditional":
        entry = {
            "opening_method": "download",
            "opening_condition": "说明用途",
            "opening_basis": "统计法 第二十五条",
            "opening_basis_level": "law",
        } | entry
    made = tables.make_entry(department_of(city, place), opening=opening, **entry)
    DataItem.objects.filter(revision=made.published).update(opening_type="")
    return tables.make_table(made)


def draft_of(resource: Resource, **changes: object) -> ReviewDraft:
    """A review that lacks nothing: what is personal is masked, everything else opens."""
    columns = {
        one.name: ColumnChoice("mask", "keep_ends") if one.personal else ColumnChoice("keep")
        for one in queries.columns_now(resource.id)
        if one.may_open
    }
    values: dict[str, object] = {
        "columns": columns,
        "licence": "open-attribution",
        "domains": ("credit",),
        "secrecy_checked": True,
        "personal_checked": True,
    } | changes
    return ReviewDraft(**values)  # type: ignore[arg-type]


def submitted(
    city: City, resource: Resource, place: str = "yingkou", on: date = MONDAY, **changes: object
) -> OpeningReview:
    """A review that waits for the bureau."""
    actor = city.actor(PLACES[place][0])
    review = services.begin_review(actor=actor, resource_id=resource.id, on=on)
    draft = draft_of(resource, **changes)
    return services.submit_review(actor=actor, review_id=review.id, draft=draft, on=on)


def opened(
    city: City, resource: Resource, place: str = "yingkou", on: date = MONDAY, **changes: object
) -> OpeningReview:
    """A review that was passed: the table is open, or offered on application."""
    review = submitted(city, resource, place, on, **changes)
    return services.pass_review(actor=city.actor(PLACES[place][1]), review_id=review.id, on=on)


def real_table(city: City, folder: Path, text: str = mounted.SMALL, **entry: object) -> Resource:
    """A table whose rows are really there, published and not reviewed: 代码, 名称, 联系手机."""
    resource = mounted.mount(city, name="真实的表", **{"opening": "unconditional", **entry})
    version = mounted.upload_text(city, resource, text, folder)
    mounted.submit(city, mounted.build(city, version))
    mounted.services.publish_version(
        actor=city.actor("bureau-reviewer"), version_id=version.id, on=mounted.TODAY
    )
    return resource
