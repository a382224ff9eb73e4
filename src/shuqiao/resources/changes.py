"""What is different in a new file from what the saved recipe expects, named column by column. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shuqiao.store import find_check
from shuqiao.store.types import ColumnPlan, ColumnPreview, ColumnType, Format, Key, Preview, Recipe

LABELS = {
    "missing": "缺少",
    "renamed": "改名",
    "type": "类型不符",
    "key": "键不再唯一",
    "key_lost": "键不再唯一",
    "check": "校验不过",
    "new": "新增",
    "order": "次序变动",
    "place": "位置",
    "nulls": "缺值写法",
}
# With these the recipe cannot be accepted unchanged: a column it names is not there as it was.
BLOCKING = frozenset({"missing", "renamed", "type", "key"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind` is one of LABELS; `column` the header in the file, or in the recipe when it is gone."""

    kind: str
    column: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """The form kept with the version."""
        return {"kind": self.kind, "column": self.column, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class RecipeBefore:
    """The recipe a file is held against. `unique_keys`: keys that named one row each when it was last built."""

    recipe: Recipe
    unique_keys: tuple[tuple[str, ...], ...] = ()


def compare(before: RecipeBefore, preview: Preview) -> list[Change]:
    """Every difference: columns missing, renamed, new, out of order, of a type or check that no longer fits, and
    keys that were unique and are not any more. Columns the recipe leaves out may come and go."""
    old = {plan.source: plan for plan in before.recipe.columns if plan.keep}
    ignored = {plan.source for plan in before.recipe.columns if not plan.keep}
    new = {column.source: column for column in preview.columns}
    renamed = renames(before.recipe, preview)
    gone = [source for source in old if source not in new and source not in renamed.values()]
    added = [source for source in new if source not in old and source not in ignored | renamed.keys()]
    changes = _place(before.recipe, preview)
    changes += [Change("renamed", was, f"“{was}”似乎改名为“{now}”") for now, was in renamed.items()]
    changes += [Change("missing", source, f"新文件里没有“{source}”列") for source in gone]
    changes += [Change("new", source, f"新文件多出“{source}”列") for source in added]
    changes += _order([source for source in new if source in old], list(old))
    for source, plan in old.items():
        column = new.get(source)
        if column is not None and column.nulls < preview.rows:
            changes += _of_values(plan, column)
    return changes + _keys(before, new)


def keys_lost(before: Collection[Key], now: Collection[Key]) -> list[Change]:
    """Lookup keys, of any number of columns, that named one row each in the version before and do not in this one.
    Only the built version can tell."""
    repeated = {key.columns for key in now if not key.unique}
    return [
        Change(
            "key_lost",
            "＋".join(key.columns),
            f"查询键“{'＋'.join(key.columns)}”在现行版本里每行不同，这一版有重复",
        )
        for key in before
        if key.unique and key.columns in repeated
    ]


def renames(before: Recipe, preview: Preview) -> dict[str, str]:
    """New header to old: a missing and a new column in the same place, with the same type, are one renamed."""
    old = {plan.source for plan in before.columns}
    new = {column.source for column in preview.columns}
    pairs = zip(before.columns, preview.columns, strict=False)
    return {
        column.source: plan.source
        for plan, column in pairs
        if plan.keep and plan.source not in new and column.source not in old and column.type is plan.type
    }


def fitting(before: RecipeBefore, preview: Preview) -> int:
    """How many kept columns of the recipe are in the file as it expects them."""
    touched = {change.column for change in compare(before, preview) if change.kind not in {"new", "order"}}
    return sum(1 for plan in before.recipe.kept if plan.source not in touched)


def elsewhere(given_up: str) -> list[Change]:
    """Why a file could not be read where the last one had its table, if it could not."""
    detail = f"这个文件不能照上次的读法读（{given_up}），已改按文件本身读取"
    return [Change("place", "读法", detail)] if given_up else []


def _place(before: Recipe, preview: Preview) -> list[Change]:
    """Another kind of file, sheet or list than last time."""
    found = []
    if before.format is not preview.format:
        was, now = before.format.value.upper(), preview.format.value.upper()
        found.append(Change("place", "格式", f"上次是 {was} 文件，这次是 {now}"))
    if before.member and preview.member and before.member != preview.member:
        was, now = before.member, preview.member
        found.append(Change("place", "压缩包里的文件", f"上次读“{was}”，这次是“{now}”"))
    if before.sheet and preview.sheet and before.sheet != preview.sheet:
        found.append(Change("place", "工作表", f"上次读“{before.sheet}”，这次是“{preview.sheet}”"))
    plain = [encoding.removesuffix("-sig") for encoding in (before.encoding, preview.encoding)]
    if before.format is preview.format is Format.CSV and plain[0] != plain[1]:
        found.append(Change("place", "编码", f"上次按 {plain[0].upper()} 读，这次是 {plain[1].upper()}"))
    if before.path and before.path != preview.path:
        found.append(
            Change("place", "记录列表", f"上次读“{before.path}”，这次是“{preview.path or '最外层'}”")
        )
    return found


def _order(now: Sequence[str], was: Sequence[str]) -> list[Change]:
    """The fewest columns that had to move from the old order to the new one."""
    rank = {source: place for place, source in enumerate(was)}
    stay = _longest_rising([rank[source] for source in now])
    return [
        Change("order", source, f"“{source}”从第 {rank[source] + 1} 列移到了别处")
        for place, source in enumerate(now)
        if place not in stay
    ]


def _longest_rising(values: Sequence[int]) -> set[int]:
    """Places of a longest rising run (not necessarily adjacent) of different numbers."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        at = bisect_left(tails, value)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [place]
        before.append(ends[at - 1] if at else -1)
    found: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        found.add(place)
        place = before[place]
    return found


def _of_values(plan: ColumnPlan, column: ColumnPreview) -> list[Change]:
    source = plan.source
    if not _fits(plan, column):
        was = f"{plan.type.label}{f' {plan.form}' if plan.form else ''}"
        now = f"{column.type.label}{f' {column.form}' if column.form else ''}"
        return [Change("type", source, f"“{source}”原为{was}，新文件看来是{now}")]
    # Signs for "nothing here" of which the recipe knows none are values like any other to the build.
    marks = 0 if len(plan.null_markers) > 1 else sum(n for mark, n in column.null_markers.items() if mark)
    found = []
    if marks and plan.type is not ColumnType.TEXT:
        words = "、".join(f"“{mark}”" for mark in sorted(column.null_markers) if mark)
        said = f"“{source}”有 {marks:,} 处写作{words}，读取方案没有把它当作缺值，这些行将被隔离"
        found.append(Change("nulls", source, said))
        marks = 0
    for name in plan.checks:
        failing = column.failing.get(name, 0) + marks
        if failing:
            check = find_check(name)
            label = check.label if check else name
            said = f"“{source}”有 {failing:,} 个值不符合{label}校验，这些行将被隔离"
            found.append(Change("check", source, said))
    return found


def _fits(plan: ColumnPlan, column: ColumnPreview) -> bool:
    """Text takes everything, a decimal column takes whole numbers; else the same type and form are wanted."""
    if plan.type is ColumnType.TEXT:
        return True
    if plan.type is ColumnType.DECIMAL and column.type in (ColumnType.INTEGER, ColumnType.DECIMAL):
        return column.type is ColumnType.INTEGER or column.scale <= plan.scale
    return (plan.type, plan.form) == (column.type, column.form)


def _keys(before: RecipeBefore, new: dict[str, ColumnPreview]) -> list[Change]:
    """Keys of one column that were unique. Of several columns together only the built version can tell."""
    source_of = {plan.name: plan.source for plan in before.recipe.kept}
    found = []
    for key in before.unique_keys:
        source = source_of.get(key[0], "") if len(key) == 1 else ""
        if source in new and not new[source].unique:
            found.append(Change("key", source, f"查询键“{key[0]}”原来每行不同，新文件里有重复或缺值"))
    return found
