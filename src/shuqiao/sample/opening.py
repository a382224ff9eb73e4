"""What the sample city opens: reviewed by provider and bureau like everything else, personal columns masked."""

from __future__ import annotations

from datetime import date

from shuqiao.law import PRIORITY_DOMAINS
from shuqiao.opening.review import queries, services
from shuqiao.opening.review.types import ColumnChoice, ReviewDraft, ReviewedColumn
from shuqiao.resources import queries as resources
from shuqiao.sample.specs import EntrySpec
from shuqiao.sample.world import World
from shuqiao.store import ColumnType, Mask

_NOTE = "已按单位保密审查和个人信息保护制度逐列审查（示例）"


def open_reviewed(world: World, entry: EntrySpec, on: date) -> None:
    """The review of a published table whose entry is open, at once or on application; nothing when it is closed, when
    none of its columns may open, or when what was reviewed still holds."""
    resource_id = world.resources[entry.key]
    table = resources.published_table(resource_id)
    columns = queries.columns_now(resource_id)
    choices = {one.name: _choice(one) for one in columns if one.may_open}
    opens = any(choice.treatment != "drop" for choice in choices.values())
    if table.offer is not None or entry.open == "closed" or not opens:
        return
    review = services.begin_review(actor=world.clerk(entry.dept), resource_id=resource_id, on=on)
    draft = ReviewDraft(
        columns=choices,
        licence="open-attribution",
        domains=_domains(entry),
        secrecy_checked=True,
        secrecy_note=_NOTE,
        personal_checked=True,
        personal_note=_NOTE,
    )
    services.submit_review(actor=world.clerk(entry.dept), review_id=review.id, draft=draft, on=on)
    if entry.review == "waiting":
        return
    services.pass_review(actor=world.reviewer(entry.dept), review_id=review.id, on=on)


def _choice(column: ReviewedColumn) -> ColumnChoice:
    """As it stands; masked when personal, left out when it cannot be masked."""
    if not column.personal:
        return ColumnChoice("keep")
    kind = column.type
    fits = kind in set(ColumnType) and Mask.KEEP_ENDS.fits(ColumnType(kind))
    return ColumnChoice("mask", Mask.KEEP_ENDS.value) if fits else ColumnChoice("drop")


def _domains(entry: EntrySpec) -> tuple[str, ...]:
    """The priority domains whose word stands in the title."""
    return tuple(domain for domain, label in PRIORITY_DOMAINS.items() if label in entry.title)
