"""Sample tables as files: rows made by seed, some of them spoiled, written in the form and encoding of the spec."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from shuqiao.sample.cells import Row, maker
from shuqiao.sample.invented import Crowd
from shuqiao.sample.specs import DivisionSpec, EntrySpec, FileSpec, ItemSpec
from shuqiao.store.types import ColumnType

TYPES = {"D": ColumnType.DATE, "T": ColumnType.DATETIME, "I": ColumnType.INTEGER}
DECIMALS = frozenset("NYBF")
_CHECKED = ("credit", "trader", "id")


@dataclass(frozen=True, slots=True)
class Table:
    """A table before it is written. `spoiled` are the numbers of the rows (from 0) that cannot be right."""

    items: tuple[ItemSpec, ...]
    rows: list[list[str]]
    spoiled: tuple[int, ...]


def scale_of(item: ItemSpec) -> int:
    """Digits after the point of a decimal item."""
    return int(item.generator.rpartition(":")[2]) if item.generator.startswith("dec:") else 0


def make_table(
    entry: EntrySpec, spec: FileSpec, division: DivisionSpec, crowd: Crowd, *, seed: int, edition: int = 1
) -> Table:
    """The rows of an entry's table. A later edition has more rows, and two values changed in every twentieth."""
    items = tuple(item for item in entry.item_specs() if item.generator)
    makers = [maker(item.generator) for item in items]
    chance = random.Random(f"{seed}:{entry.key}:1")  # noqa: S311 - invented data

    def made(index: int) -> list[str]:
        row = Row(index, chance, division.code, division.phone, crowd, spec.start + index)
        return [make(row) for make in makers]

    rows = [made(index) for index in range(spec.rows)]
    spoiled = tuple(sorted(chance.sample(range(spec.rows), spec.spoiled)))
    for number in range(2, edition + 1):
        chance = random.Random(f"{seed}:{entry.key}:{number}")  # noqa: S311 - invented data
        keys = {name for key in spec.keys for name in key}
        free = [place for place, item in enumerate(items) if item.name not in keys]
        for index in chance.sample(range(len(rows)), len(rows) // 20):
            fresh = made(index)
            for place in chance.sample(free, min(2, len(free))):
                rows[index][place] = fresh[place]
        rows += [made(index) for index in range(len(rows), len(rows) + spec.rows // 50)]
    return Table(items, rows, spoiled)


def write_table(table: Table, entry: EntrySpec, spec: FileSpec, folder: Path, *, edition: int = 1) -> Path:
    """The file of a table, spoiled rows and all. Its name is what the department would call it."""
    header = [item.column if spec.columns_as_header else item.name for item in table.items]
    path = folder / f"{entry.title}{'' if edition == 1 else f'（第{edition}期）'}.{spec.form}"
    rows = _with_wrong_values(table)
    if spec.form == "csv":
        path.write_bytes(_csv(table, header, rows, entry.title if spec.title else "").encode(spec.encoding))
    elif spec.form == "xlsx":
        _write_xlsx(path, table, header, rows, entry.title if spec.title else "")
    else:
        records = [dict(zip(header, _typed(table, row), strict=True)) for row in rows]
        path.write_text(json.dumps({"名称": entry.title, "数据": records}, ensure_ascii=False), "utf-8")
    return path


def _with_wrong_values(table: Table) -> list[list[str]]:
    """Every spoiled row gets a value that cannot be: a wrong check character, or a word where a figure stands."""
    checked = [place for place, item in enumerate(table.items) if item.generator in _CHECKED]
    typed = [place for place, item in enumerate(table.items) if item.type in TYPES or item.type in DECIMALS]
    rows = list(table.rows)
    for number, index in enumerate(table.spoiled):
        row = list(rows[index])
        if checked and (number % 2 == 0 or not typed):
            place = checked[0]
            row[place] = row[place][:-1] + ("0" if row[place][-1] != "0" else "1")
        elif typed:
            row[typed[number % len(typed)]] = "待核实"
        rows[index] = row
    return rows


def _csv(table: Table, header: Sequence[str], rows: list[list[str]], title: str) -> str:
    """The text of a CSV file; of the spoiled rows every third lost its tail and every fifth has a stray byte."""
    out = io.StringIO()
    if title:
        out.write(title + "," * (len(header) - 1) + "\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    broken = dict(zip(table.spoiled, range(len(table.spoiled)), strict=True))
    for index, row in enumerate(rows):
        number = broken.get(index)
        if number is not None and number % 3 == 1:
            writer.writerow(row[: len(row) // 2])
        elif number is not None and number % 5 == 4:
            writer.writerow([row[0], f"{row[1]}\x07", *row[2:]])
        else:
            writer.writerow(row)
    return out.getvalue()


def _typed(table: Table, row: Sequence[str]) -> list[str | int | float]:
    """Figures as figures, as a spreadsheet or JSON has them."""
    return [_figure(item, value) for item, value in zip(table.items, row, strict=True)]


def _figure(item: ItemSpec, value: str) -> str | int | float:
    if value == "待核实":
        return value
    if item.type == "I":
        return int(value)
    if item.type not in DECIMALS:
        return value
    return int(float(value)) if float(value).is_integer() else float(value)


def _write_xlsx(path: Path, table: Table, header: Sequence[str], rows: list[list[str]], title: str) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    if title:
        sheet.append([title])
    sheet.append(list(header))
    for row in rows:
        sheet.append(_typed(table, row))
    book.save(path)
