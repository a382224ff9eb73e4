"""The rows of one resource, as an entry draft with everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from shuqiao.catalog import checking
from shuqiao.catalog.spreadsheet.cells import day_of, number_of
from shuqiao.catalog.spreadsheet.layout import (
    BY_KEY,
    CENSUS,
    ITEM_KEYS,
    RESOURCE_KEYS,
    SAID_BY,
    YES_NO,
    A,
    Layout,
)
from shuqiao.catalog.spreadsheet.unfolding import NO_CLASSES, ON_APPLICATION, Classes, unfold
from shuqiao.catalog.types import (
    EntryDraft,
    FormatCategory,
    ItemContent,
    Kind,
    OpeningType,
    RevisionContent,
    SharingType,
    SheetProblem,
    cell_name,
)

CONTENT_FIELDS = frozenset(field.name for field in fields(RevisionContent))
# Required of the sheet as columns, but a cell may stay empty: codes are given on publication, and entries
# that are no tables have no items.
MAY_BE_EMPTY = frozenset({"code", "to_public"})
FLAGS = ("secrecy_assessed", "personal_information_assessed", "collected")
# Layout B marks these as required; no text and no rule of the catalogue does.
FORM_ONLY = frozenset({"update_note", "priority_domains"})
MAX_PER_ENTRY = 30
WORDS_FOR_NOTHING = frozenset({"无", "无条件", "/", "-", "—"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the sheet, and the text of every cell that is not empty, by column key."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """All rows of one resource, in the order of the sheet."""

    sheet: str
    letters: Mapping[str, str]
    rows: list[Row]
    layout: Layout = A
    classes: Classes = NO_CLASSES
    # What whoever read the rows has to say of them: row, column, what, whether it keeps the entry out.
    notes: list[tuple[Row, str, str, bool]] = field(default_factory=list)

    def keeps_out(self, key: str) -> bool:
        """Whether what a reviewer finds in this value keeps the entry out: the layout can say it, not leniently."""
        if self.layout.lenient:
            return key in {"title", "code"}
        return key in self.layout.by_key or SAID_BY.get(key) in self.layout.by_key

    def named(self, key: str) -> str:
        """What the sheet calls the column."""
        column = self.layout.by_key.get(key) or self.layout.by_key.get(SAID_BY.get(key, "")) or BY_KEY[key]
        return column.heading


class Collector:
    """Gathers problems by cell."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.title = block.rows[0].cells.get("title", "")
        self.found: list[SheetProblem] = []
        self.said: set[str] = set()

    def add(self, key: str, what: str, row: Row | None = None, *, blocks: bool = True) -> None:
        """A problem in the column of `key`, in the resource's first row unless another is given."""
        if len(self.found) >= MAX_PER_ENTRY:
            return
        at = row or self.block.rows[0]
        self.said |= {key, SAID_BY.get(key, key)}
        letters = self.block.letters
        letter = letters.get(key) or letters.get(SAID_BY.get(key, "")) or letters["title"]
        self.found.append(
            SheetProblem(self.block.sheet, cell_name(letter, at.number), what, self.title, blocks)
        )

    def required(self, key: str, row: Row | None = None) -> None:
        """A column the layout demands is empty; where the layout is lenient, the draft may come in without it."""
        name = self.block.named(key)
        is_said = key in self.said or SAID_BY.get(key) in self.said
        if is_said and (row is None or row.number == self.block.rows[0].number):
            return  # what stands there could not be read, which has been said
        if self.block.layout.lenient and key != "title":
            self.add(key, f"没有“{name}”：可先导入为草稿，报送前须补齐", row, blocks=False)
        else:
            self.add(key, f"“{name}”必填", row)


def draft_of(block: Block) -> EntryDraft:
    """Read the rows of one resource. The draft carries all problems; `is_good` says whether it may go in."""
    problems = Collector(block)
    for row, key, what, blocks in block.notes:
        problems.add(key, what, row, blocks=blocks)
    block = replace(block, rows=[_unfolded(row, block, problems) for row in block.rows])
    first = block.rows[0]
    _check_repeated(block, problems)
    values = _resource(first, block, problems)
    items = _items(block, problems)
    content = RevisionContent(items=items, **values)
    if "item.to_public" in block.layout.by_key:
        content = replace(content, items=tuple(_as_entry(item, content) for item in items))
    _check_content(content, block, problems)
    return EntryDraft(
        content=content,
        code=first.cells.get("code", ""),
        provider=first.cells.get("provider", ""),
        provider_code=first.cells.get("provider_code", ""),
        sheet=block.sheet,
        first_row=first.number,
        last_row=block.rows[-1].number,
        letters=block.letters,
        problems=tuple(problems.found),
    )


def _unfolded(row: Row, block: Block, problems: Collector) -> Row:
    if not block.layout.folds:
        return row

    def report(key: str, what: str, blocks: bool) -> None:
        problems.add(key, what, row, blocks=blocks)

    return Row(row.number, unfold(row.cells, block.classes, report))


def _check_repeated(block: Block, problems: Collector) -> None:
    """All rows of one resource carry the same values; an empty cell repeats the one above."""
    first = block.rows[0]
    for row in block.rows[1:]:
        for key in RESOURCE_KEYS:
            value = row.cells.get(key)
            if value is not None and value != first.cells.get(key, ""):
                above = first.cells.get(key, "") or "（空）"
                problems.add(
                    key, f"同一资源各行应一致：第 {first.number} 行是“{above}”，这里是“{value}”", row
                )


def _resource(row: Row, block: Block, problems: Collector) -> dict[str, Any]:
    cells = row.cells
    values: dict[str, Any] = {}
    demanded = block.layout.demanded - MAY_BE_EMPTY
    for key in RESOURCE_KEYS:
        text = cells.get(key, "")
        if not text:
            if key in FORM_ONLY and key in demanded:
                what = f"“{block.named(key)}”是本表的必填列，平台不要求：可以留空，以后再补"
                problems.add(key, what, blocks=False)
            elif key in demanded:
                problems.required(key)
            continue
        if key in CENSUS:
            values[key] = _number(key, text, problems)
        elif key == "published_on":
            values[key] = _day(text, problems)
        else:
            values[key] = _chosen(key, text, problems)
    values["title"] = values.get("title", "")
    for key in FLAGS:
        values[key] = bool(values.get(key))
    values["format_category"] = values.get("format_category", "")
    values["method_category"] = values.get("method_category", "")
    values["method_type"] = values.get("method_type", "")
    values["sharing_type"] = values.get("sharing_type", "")
    _classify(values, cells, block, problems)
    _attributes(values, cells, problems, lenient=block.layout.lenient)
    if "sharing_basis" not in block.layout.by_key and values.get("sharing_basis"):
        values["sharing_condition"] = ""  # the one column said the basis, as the form wants it
    return {key: value for key, value in values.items() if key in CONTENT_FIELDS}


def _chosen(key: str, text: str, problems: Collector, row: Row | None = None) -> str:
    """The value a cell means; off its list it is named, with the list."""
    column = BY_KEY[key]
    if not column.choices:
        return text
    value = column.choices.get(text)
    if value is None:
        value = column.choices.get(text.lower())
    if value is None:
        problems.add(key, f"“{text}”不在列表中，可选：{'、'.join(column.offered)}", row)
        return ""
    return value


def _number(key: str, text: str, problems: Collector) -> Decimal:
    value = number_of(text)
    if value is None:
        problems.add(key, f"“{text}”不是纯数字：只填数字，不写单位，不清楚填 0")
    return value or Decimal(0)


def _day(text: str, problems: Collector) -> Any:
    day = day_of(text)
    if day is None:
        problems.add("published_on", f"“{text}”不是日期，请写作 2026-11-21")
    return day


def _classify(values: dict[str, Any], cells: Mapping[str, str], block: Block, problems: Collector) -> None:
    """The front part of the code says the classification where its own column does not. A class the division does not
    keep is not taken over: said in a column of the sheet, it has to be put right there."""
    codes = block.classes.codes
    said = values.get("classification", "")
    if said and codes and said not in codes and checking.CLASSIFICATION.fullmatch(said):
        keeps_out = block.keeps_out("classification")
        problems.add("classification", f"分类代码“{said}”不在分类表中", blocks=keeps_out)
        values["classification"] = said if keeps_out else ""
    front = cells.get("code", "").partition("/")[0]
    if not said and checking.CLASSIFICATION.fullmatch(front):
        if not codes or front in codes:
            values["classification"] = front
        else:
            problems.add("code", f"代码前段“{front}”不在分类表中，分类留空待选", blocks=False)
    if not values.get("kind"):
        values["kind"] = Kind.of_code(values.get("classification", "")) or ""


def _attributes(
    values: dict[str, Any], cells: Mapping[str, str], problems: Collector, *, lenient: bool
) -> None:
    """Conditions as the form words them: 无条件 for none at all, the legal basis for 不予共享."""
    condition = values.get("sharing_condition", "")
    if condition in WORDS_FOR_NOTHING:
        values["sharing_condition"] = condition = ""
    if values["sharing_type"] == SharingType.NONE and condition and not values.get("sharing_basis"):
        values["sharing_basis"] = condition[:500]
    if values.get("opening_condition") in WORDS_FOR_NOTHING:
        values["opening_condition"] = ""
    values["opening_type"] = _opening(values, cells, problems, lenient=lenient)
    if values.get("opening_condition") == ON_APPLICATION:
        values["opening_condition"] = ""


def _opening(values: dict[str, Any], cells: Mapping[str, str], problems: Collector, *, lenient: bool) -> str:
    said = str(values.get("opening_type", ""))
    answer = cells.get("to_public", "")
    if not answer:
        if not said and lenient:
            problems.add("opening_type", "没有开放属性：可先导入为草稿，报送前须补齐", blocks=False)
        elif not said:
            problems.add("to_public", "“是否向社会开放”必填，填“是”或“否”")
        return said
    if answer not in YES_NO:
        return said
    is_open = bool(YES_NO[answer])
    if said and is_open == (said == OpeningType.CLOSED):
        problems.add("opening_type", f"开放类型与“是否向社会开放：{answer}”不一致")
    if said:
        return said
    if not is_open:
        return OpeningType.CLOSED
    return OpeningType.CONDITIONAL if values.get("opening_condition") else OpeningType.UNCONDITIONAL


def _items(block: Block, problems: Collector) -> tuple[ItemContent, ...]:
    items: list[ItemContent] = []
    seen: dict[str, int] = {}
    for row in block.rows:
        cells = {key: row.cells[key] for key in ITEM_KEYS if key in row.cells}
        if not cells:
            continue
        name = cells.get("item.name", "")
        if not name:
            problems.add("item.name", "信息项要有名称", row)
            continue
        if name in seen:
            problems.add("item.name", f"信息项“{name}”与第 {seen[name]} 行重复", row)
            continue
        seen[name] = row.number
        items.append(_item(cells, row, block, problems))
    return tuple(items)


def _item(cells: Mapping[str, str], row: Row, block: Block, problems: Collector) -> ItemContent:
    values: dict[str, Any] = {
        key.removeprefix("item."): _chosen(key, text, problems, row) for key, text in cells.items()
    }
    for key in block.layout.demanded_of_items:
        if key not in cells:
            problems.required(key, row)
    for flag in ("is_key", "base_item"):
        values[flag] = bool(values.get(flag))
    values["nullable"] = bool(values["nullable"]) if "nullable" in values else not values["is_key"]
    if values.get("opening_condition") == ON_APPLICATION:
        values["opening_condition"] = ""
    for name, limit in checking.ITEM_LIMITS.items():
        if len(values.get(name, "")) > limit:
            problems.add(f"item.{name}", f"最多 {limit} 字", row)
    return ItemContent(**values)


def _as_entry(item: ItemContent, content: RevisionContent) -> ItemContent:
    """An item whose attributes a layout had to repeat says nothing of its own where they are those of its entry."""
    same: dict[str, str] = {}
    for pair in (
        ("sharing_type", "sharing_condition"),
        ("method_category", "method_type"),
        ("opening_type", "opening_condition"),
    ):
        if all(getattr(item, name) == getattr(content, name) for name in pair):
            same |= dict.fromkeys(pair, "")
    return replace(item, **same) if same else item  # type: ignore[arg-type]


def _check_content(content: RevisionContent, block: Block, problems: Collector) -> None:
    for problem in checking.unstorable(content):
        if not problem.where.startswith("items.") and problem.what != "必填":
            problems.add(problem.where, problem.what)
    for finding in (
        *checking.reviewed(content),
        *checking.code_findings(block.rows[0].cells.get("code", "")),
    ):
        # A layout without the column cannot be corrected in the sheet: the draft is completed on the platform.
        problems.add(finding.column, finding.what, blocks=finding.blocks and block.keeps_out(finding.column))
    category = content.format_category
    is_table = category in checking.CHOICES["format_category"] and FormatCategory(category).is_table
    if is_table and not content.items and block.layout.has_items:
        problems.add("item.name", "没有信息项：可先导入为草稿，报送前须补齐", blocks=False)
