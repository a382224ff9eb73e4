"""Entries that a sheet holds twice, on purpose or by drag-filling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from shuqiao.catalog.checking import stem_of
from shuqiao.catalog.searching import normalized
from shuqiao.catalog.types import EntryDraft


def mark_duplicates(drafts: Iterable[EntryDraft]) -> Iterator[EntryDraft]:
    """The drafts in their order; a later twin carries a problem that names the row of the first.

    Twins have title, provider, inner department and format in common. Titles that differ only in trailing digits,
    with the same summary, are pointed out: drag-filling makes them.
    """
    seen: dict[tuple[str, ...], EntryDraft] = {}
    codes: dict[str, EntryDraft] = {}
    stems: dict[tuple[str, ...], EntryDraft] = {}
    for draft in drafts:
        content = draft.content
        where = (draft.provider, content.inner_department, content.format_type)
        title = normalized(content.title)
        found = []
        first = seen.setdefault((title, *where), draft)
        if content.title and first is not draft:
            what = f"与第 {first.first_row} 行重复：同名、同提供单位、同格式。确是两项资源请在名称中写明区别"
            found.append(draft.problem("title", what))
        elif draft.code and (same := codes.setdefault(draft.code, draft)) is not draft:
            found.append(draft.problem("code", f"与第 {same.first_row} 行同一代码，却是另一项资源"))
        like = stems.setdefault((stem_of(content.title), content.summary, *where), draft)
        if like is not draft and normalized(like.content.title) != title:
            what = (
                f"与第 {like.first_row} 行“{like.content.title}”只差末尾的数字或标点，请核对是否拖拽填充所致"
            )
            found.append(draft.problem("title", what, blocks=False))
        yield replace(draft, problems=draft.problems + tuple(found)) if found else draft
