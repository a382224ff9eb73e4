"""A file of any format the store reads, as entries by the rules of a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from shuqiao.catalog.mappings.applying import apply, items_of, wanted
from shuqiao.catalog.mappings.rules import Rules
from shuqiao.catalog.spreadsheet import layout_b, layout_c
from shuqiao.catalog.spreadsheet.cells import letter_of
from shuqiao.catalog.spreadsheet.duplicates import mark_duplicates
from shuqiao.catalog.spreadsheet.grouping import Grouping
from shuqiao.catalog.spreadsheet.layout import A, Layout
from shuqiao.catalog.spreadsheet.parsing import Block, Row, draft_of
from shuqiao.catalog.spreadsheet.reading import MAX_ROWS
from shuqiao.catalog.spreadsheet.unfolding import DERIVED, NO_CLASSES, Classes
from shuqiao.catalog.types import EntryDraft, Reading, SheetProblem
from shuqiao.kernel import InvalidInput
from shuqiao.store import Recipe, sniff
from shuqiao.store.reading import Source as StoreSource
from shuqiao.store.reading import open_reader

Record = tuple[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how it is read; `recipe` is the store's proposal, found once."""

    path: Path
    filename: str
    recipe: Recipe

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(plan.source for plan in self.recipe.columns)

    @property
    def sheet(self) -> str:
        """What stands before a place in it."""
        return self.recipe.sheet or self.filename

    def records(self) -> Iterator[Record]:
        """(line, what is not empty by column name) of every data row. Raises InvalidInput past `MAX_ROWS`."""
        names = self.columns
        counted = 0
        for chunk in open_reader(
            StoreSource(self.path, self.filename, self.recipe.member), self.recipe
        ).chunks():
            for index, cells in enumerate(chunk.rows):
                line = chunk.lines[index]
                if self.recipe.format.is_page and line <= self.recipe.header_row:
                    continue
                counted += 1
                if counted > MAX_ROWS:
                    raise InvalidInput.one("文件", f"最多 {MAX_ROWS:,} 行，请拆开导入")
                yield line, {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell}

    def first(self, count: int) -> list[dict[str, str]]:
        """The first records, for people to look at."""
        return [record for _, record in islice(self.records(), count)]

    def letters(self) -> dict[str, str]:
        """How people find a column: by its letter on a page, by its name elsewhere."""
        page = self.recipe.format.is_page
        return {name: letter_of(index) if page else f"“{name}”" for index, name in enumerate(self.columns)}


def look(path: Path, filename: str) -> Source:
    """Look at a file with the store's reader. Raises InvalidInput when it is no table that can be read."""
    return Source(path, filename, sniff(path, filename=filename).recipe())


def read_mapped(source: Source, rules: Rules, *, classes: Classes = NO_CLASSES) -> Reading:
    """Every entry the rules find in a file, and every problem with its place. Raises InvalidInput when the file lacks
    a column that the title comes from."""
    named = source.letters()
    if missing := [one for one in rules.fields["title"].sources if one not in named]:
        raise InvalidInput.one("列对应方案", f"文件里没有“{'”“'.join(missing)}”列，请选别的方案或修改方案")
    letters = {
        key: named[found]
        for key, rule in rules.fields.items()
        if (found := next((one for one in rule.sources if one in named), None))
    }
    if rules.items in named:
        letters.setdefault("item.name", named[rules.items])
    lost = [
        SheetProblem(source.sheet, "", f"方案里的“{one}”列不在文件里，未读取", blocks=False)
        for one in sorted(rules.columns - set(named))
    ]
    counter = Counted(source.records(), rules)
    layout = layout_for(rules)
    if rules.per == "item":
        grouped = Grouping(source.sheet, letters, layout, classes)
        for line, record in counter:
            row, notes = _row(line, record, rules)
            if block := grouped.add(row):
                block.notes.extend((row, key, what, False) for key, what in notes)
        drafts: Iterable[EntryDraft] = map(draft_of, grouped.blocks)
        lost += grouped.lost
    else:
        empty = Block(source.sheet, letters, [], layout, classes)
        drafts = (draft_of(_block(empty, one, rules)) for one in counter)
    judged = tuple(mark_duplicates(drafts))
    return Reading(judged, tuple(lost), counter.rows, "m")


class Counted:
    """The records the rules are for, counted while they pass."""

    def __init__(self, records: Iterator[Record], rules: Rules) -> None:
        self._records, self._rules = records, rules
        self.rows = 0

    def __iter__(self) -> Iterator[Record]:
        for line, record in self._records:
            if record and wanted(record, self._rules):
                self.rows += 1
                yield line, record


def layout_for(rules: Rules) -> Layout:
    """The layout a mapped record has: all columns there are, lenient, since a foreign table lacks what ours demand."""
    further = [one for one in (*layout_b.COLUMNS, *layout_c.COLUMNS) if one.key in DERIVED]
    columns = [
        replace(one, required=False) if one.key == "provider" and one.key not in rules.fields else one
        for one in A.columns
    ]
    own = (*columns, *(replace(one, required=False) for one in further))
    return Layout("m", "列对应方案", "title", own, lenient=True)


def _row(line: int, record: dict[str, str], rules: Rules) -> tuple[Row, list[tuple[str, str]]]:
    cells, notes = apply(record, rules)
    return Row(line, cells), notes


def _block(empty: Block, record: Record, rules: Rules) -> Block:
    """One record as one resource; the data items it lists in a cell become rows of their own."""
    row, notes = _row(*record, rules)
    further = [Row(row.number, {"item.name": name}) for name in items_of(record[1], rules)]
    if further:
        row.cells.update(further.pop(0).cells)
    said = [(row, key, what, False) for key, what in notes]
    return replace(empty, rows=[row, *further], notes=said)
