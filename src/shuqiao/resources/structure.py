"""From what was seen in a file to how it is read: proposals per column, and the recipe of what was chosen.

Pure: previews, recipes and the entry's data items come in, nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from shuqiao.catalog.types import ItemFacts
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.resources.changes import renames
from shuqiao.resources.types import PERSONAL_KINDS
from shuqiao.store.types import ColumnPlan, ColumnPreview, ColumnType, Preview, Recipe


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """What the publisher chose for one column of the file."""

    source: str
    keep: bool
    name: str
    item: str
    type: ColumnType
    form: str = ""
    scale: int = 0
    nulls: bool = True
    check: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything chosen on the preview page. `keys`: each a set of columns by name, looked up together."""

    columns: tuple[ColumnChoice, ...]
    keys: tuple[tuple[str, ...], ...] = ()


class Items:
    """The entry's data items, found by name or field name whatever their case; of several the first."""

    def __init__(self, items: Iterable[ItemFacts]) -> None:
        self._by_name: dict[str, str] = {}
        self.names = set[str]()
        for item in items:
            self.names.add(item.name)
            for name in (item.name, item.column):
                if known := name.strip().casefold():
                    self._by_name.setdefault(known, item.name)

    def match(self, name: str) -> str:
        """The data item a column carries; "" when there is none."""
        return self._by_name.get(name.strip().casefold(), "")

    def keeps(self, item: str) -> bool:
        """Whether a column with this match is kept: one for which no item stands is not, unless there are none."""
        return bool(item) or not self.names


def propose(
    preview: Preview,
    items: Sequence[ItemFacts],
    before: Recipe | None = None,
    items_before: Mapping[str, str] | None = None,
) -> Choices:
    """The proposal shown first: types as seen, items by name; what was confirmed last time comes first.

    A column that no data item stands for is left out until the publisher matches it.
    """
    known = {plan.source: plan for plan in before.columns} if before else {}
    for new, old in (renames(before, preview) if before else {}).items():
        known[new] = known[old]
    listed = Items(items)
    columns = tuple(
        _again(column, known[column.source], listed, items_before or {})
        if column.source in known
        else _fresh(column, listed)
        for column in preview.columns
    )
    kept = {column.name for column in columns if column.keep}
    wanted = before.keys if before else preview.keys[:1]
    keys = tuple(key for key in wanted if set(key) <= kept)
    return Choices(columns, keys)


def _fresh(column: ColumnPreview, items: Items) -> ColumnChoice:
    item = items.match(column.source)
    return ColumnChoice(
        source=column.source,
        keep=items.keeps(item),
        name=column.source,
        item=item,
        type=column.type,
        form=column.form,
        scale=column.scale,
        nulls=column.takes_marks or not column.marks,
        check=column.checks[0] if column.checks else "",
    )


def _again(column: ColumnPreview, plan: ColumnPlan, items: Items, before: Mapping[str, str]) -> ColumnChoice:
    item = before.get(plan.name, "")
    if item not in items.names:
        item = items.match(plan.name)
    return ColumnChoice(
        source=column.source,
        keep=plan.keep and items.keeps(item),
        name=plan.name,
        item=item,
        type=plan.type,
        form=plan.form,
        scale=plan.scale,
        nulls=len(plan.null_markers) > 1 or not column.null_markers,
        check=plan.checks[0] if plan.checks else "",
    )


def recipe_of(preview: Preview, choices: Choices, items: Sequence[ItemFacts]) -> Recipe:
    """The recipe the publisher confirmed. Raises InvalidInput naming everything that cannot be."""
    seen = {column.source for column in preview.columns}
    problems = [Problem(c.source, "文件里没有这一列") for c in choices.columns if c.source not in seen]
    problems += _item_problems(choices, items)
    chosen = {choice.source: choice for choice in choices.columns}
    plans = tuple(
        _plan(column, chosen[column.source]) if column.source in chosen else _dropped(column)
        for column in preview.columns
    )
    recipe = msgspec.structs.replace(preview.recipe(), columns=plans, keys=choices.keys)
    try:
        recipe.validate()
    except InvalidInput as error:
        problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return recipe


def choice_problems(preview: Preview, choices: Choices, items: Sequence[ItemFacts]) -> tuple[Problem, ...]:
    """What stands against the choices, for a page that shows it beside them."""
    try:
        recipe_of(preview, choices, items)
    except InvalidInput as error:
        return error.problems
    return ()


def _item_problems(choices: Choices, items: Sequence[ItemFacts]) -> list[Problem]:
    names = {item.name for item in items}
    taken: dict[str, str] = {}
    problems = []
    for choice in choices.columns:
        if not choice.keep or not items:
            continue
        if not choice.item:
            problems.append(Problem(choice.source, "没有对应的信息项；对应一个信息项，或者不取这一列"))
        elif choice.item not in names:
            problems.append(Problem(choice.source, f"目录里没有信息项“{choice.item}”"))
        elif choice.item in taken:
            problems.append(Problem(choice.source, f"信息项“{choice.item}”已由“{taken[choice.item]}”列对应"))
        taken.setdefault(choice.item, choice.source)
    return problems


def _plan(column: ColumnPreview, choice: ColumnChoice) -> ColumnPlan:
    marks = [mark for mark in sorted(column.null_markers) if mark] if choice.nulls else []
    return ColumnPlan(
        source=column.source,
        name=choice.name.strip(),
        type=choice.type,
        form=choice.form,
        scale=choice.scale,
        null_markers=("", *marks),
        keep=choice.keep,
        checks=(choice.check,) if choice.check else (),
    )


def _dropped(column: ColumnPreview) -> ColumnPlan:
    return ColumnPlan(source=column.source, name=column.source, keep=False)


def suspects(
    preview: Preview, recipe: Recipe, matched: Mapping[str, str], items: Sequence[ItemFacts]
) -> list[dict[str, Any]]:
    """Kept columns that may hold personal data: by what was seen in them, or because the catalogue says so."""
    seen = {column.source: column.personal for column in preview.columns}
    declared = {item.name: item.sensitive for item in items}
    found = []
    for plan in recipe.kept:
        kind = seen.get(plan.source, "") or declared.get(matched.get(plan.name, ""), "")
        if kind:
            label = PERSONAL_KINDS.get(kind, "个人信息")
            found.append({"column": plan.name, "kind": kind, "label": label, "decision": "", "reason": ""})
    return found


def carry_decisions(found: list[dict[str, Any]], before: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was decided about a column of the same name and suspicion stays proposed the next time."""
    known = {(one["column"], one["kind"]): one for one in before}
    for one in found:
        earlier = known.get((one["column"], one["kind"]))
        if earlier:
            one["decision"], one["reason"] = earlier["decision"], earlier["reason"]
    return found


def differences(before: Recipe, after: Recipe) -> list[str]:
    """What a recipe does otherwise than the one before, one sentence each."""
    old = {plan.source: plan for plan in before.columns}
    new = {plan.source: plan for plan in after.columns}
    said = [f"“{source}”列不再有" for source in old if source not in new and old[source].keep]
    for source, plan in new.items():
        was = old.get(source)
        if was is None:
            said.append(f"新有“{source}”列" if plan.keep else f"新有“{source}”列，不取")
        elif was != plan:
            said += _of_plan(was, plan)
    if before.keys != after.keys:
        said.append(f"查询键由“{_keys_in_words(before)}”改为“{_keys_in_words(after)}”")
    for word, one, other in (
        ("格式", before.format.value.upper(), after.format.value.upper()),
        ("编码", before.encoding, after.encoding),
        ("分隔符", before.delimiter, after.delimiter),
        ("引号", before.quote, after.quote),
        ("表头行", str(before.header_row), str(after.header_row)),
        ("工作表", before.sheet, after.sheet),
        ("记录列表", before.path, after.path),
    ):
        if one != other:
            said.append(f"{word}由“{one}”改为“{other}”")
    return said


def _of_plan(was: ColumnPlan, plan: ColumnPlan) -> list[str]:
    name = plan.source
    if was.keep != plan.keep:
        return [f"“{name}”改为{'取' if plan.keep else '不取'}"]
    said = []
    if was.name != plan.name:
        said.append(f"“{name}”的列名由“{was.name}”改为“{plan.name}”")
    if (was.type, was.form, was.scale) != (plan.type, plan.form, plan.scale):
        said.append(f"“{name}”的类型由{was.type.label} {was.form}改为{plan.type.label} {plan.form}".rstrip())
    if was.checks != plan.checks:
        said.append(f"“{name}”的校验有变")
    if was.null_markers != plan.null_markers:
        said.append(f"“{name}”表示缺值的写法有变")
    return said


def _keys_in_words(recipe: Recipe) -> str:
    return "；".join("＋".join(key) for key in recipe.keys) or "无"
