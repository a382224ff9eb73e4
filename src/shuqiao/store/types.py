"""What the store speaks: column types, recipes, previews, what a version says of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import msgspec

from shuqiao.kernel import InvalidInput, Problem

Progress = Callable[[int, int], None]
"""Called with (rows read so far, bytes of the source read so far)."""


MAX_INDEXED_COLUMNS = 1_900
"""SQLite holds 2,000 columns in a table."""
MAX_COLUMNS = 4_000
"""More columns than any table people made has: what looks wider was read with the wrong delimiter or is no table."""


def check_width(count: int, where: str) -> None:
    """Raise InvalidInput when a source has more columns than a version may."""
    if count > MAX_COLUMNS:
        raise InvalidInput.one(
            where, f"有 {count} 列，最多 {MAX_COLUMNS} 列；请检查分隔符和表头，或拆成几张表"
        )


QUOTES = ('"', "'", "")
"""Signs around cells of delimited text: the usual one, the single one, none."""
COMPRESSIONS = ("", "gz", "zst", "zip")


class Format(StrEnum):
    """What kind of file a source is, inside its compression."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    JSON = "json"
    NDJSON = "ndjson"
    GEOJSON = "geojson"
    PARQUET = "parquet"
    XML = "xml"

    @property
    def is_page(self) -> bool:
        """Whether rows stand on a page, where titles, header lines, separators and notes may stand too."""
        return self in (Format.CSV, Format.XLSX, Format.XLS)


class ColumnType(StrEnum):
    """The types a column may have. Text is where every doubt ends."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"

    @property
    def label(self) -> str:
        """The Chinese word on screens."""
        return _TYPE_LABELS[self]


_TYPE_LABELS = {
    ColumnType.TEXT: "文本",
    ColumnType.INTEGER: "整数",
    ColumnType.DECIMAL: "小数",
    ColumnType.DATE: "日期",
    ColumnType.DATETIME: "日期时间",
    ColumnType.BOOLEAN: "是否",
}


class ColumnPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one column of the source is read, as the publisher confirmed it.

    `source` is the header as the reader made it unique; `form` says how a typed value is written in the
    source (a date form, or `fixed`/`minimal` decimals), so that it can be written back cell by cell.
    """

    source: str
    name: str
    type: ColumnType = ColumnType.TEXT
    form: str = ""
    scale: int = 0
    null_markers: tuple[str, ...] = ("",)
    keep: bool = True
    checks: tuple[str, ...] = ()


class Recipe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a source becomes a table: saved with the version and reusable for the next upload.

    `header_row` is the physical line (sheet row) of the header, 1-based; 0 says there is none.
    `path` names the records inside a document: in JSON the list, e.g. ``result.results`` or ``a[].b``, in XML the
    element, e.g. ``data/rows/row``. `member` names the file inside a ZIP archive.
    """

    format: Format
    columns: tuple[ColumnPlan, ...]
    compression: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    sheet: str = ""
    path: str = ""
    member: str = ""
    header_row: int = 1
    keys: tuple[tuple[str, ...], ...] = ()

    def to_json(self) -> bytes:
        """The stored form."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes | str) -> Recipe:
        """Read what `to_json` wrote. Raises InvalidInput saying where it is not a recipe."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise InvalidInput.one("recipe", f"不是有效的读取方案：{error}") from None

    @property
    def kept(self) -> tuple[ColumnPlan, ...]:
        """The columns that go into the version, in order."""
        return tuple(plan for plan in self.columns if plan.keep)

    def validate(self) -> None:
        """Raise InvalidInput naming everything that cannot be carried out."""
        check_width(len(self.columns), "columns")
        problems = [*_column_problems(self.columns), *_key_problems(self)]
        if self.format is Format.CSV and len(self.delimiter) != 1:
            problems.append(Problem("delimiter", "分隔符必须是一个字符"))
        if self.quote not in QUOTES or self.quote == self.delimiter:
            problems.append(Problem("quote", "引号只能是双引号、单引号或不用，也不能与分隔符相同"))
        if self.compression not in COMPRESSIONS:
            problems.append(Problem("compression", f"不支持的压缩方式：{self.compression}"))
        if self.header_row < 0:
            problems.append(Problem("header_row", "表头行号不能为负"))
        if problems:
            raise InvalidInput(problems)


def _column_problems(columns: tuple[ColumnPlan, ...]) -> list[Problem]:
    from shuqiao.store.cells import form_problem
    from shuqiao.store.checks import find_check

    problems = []
    if not any(plan.keep for plan in columns):
        problems.append(Problem("columns", "至少要保留一列"))
    names = Counter(plan.name for plan in columns if plan.keep)
    sources = Counter(plan.source for plan in columns)
    problems += [Problem(name or "（空）", "列名重复") for name, count in names.items() if count > 1]
    problems += [Problem(source, "来源列重复") for source, count in sources.items() if count > 1]
    for plan in columns:
        if plan.keep and (not plan.name.strip() or not plan.name.isprintable()):
            problems.append(Problem(plan.source or "（空）", "列名不能为空，也不能有换行和控制字符"))
        unknown = [check for check in plan.checks if find_check(check) is None]
        problems += [Problem(plan.name, f"没有这种校验：{check}") for check in unknown]
        wrong = form_problem(plan)
        if wrong:
            problems.append(Problem(plan.name, wrong))
    return problems


def _key_problems(recipe: Recipe) -> list[Problem]:
    names = {plan.name for plan in recipe.kept}
    problems = []
    for key in recipe.keys:
        if not key or len(set(key)) != len(key):
            problems.append(Problem("keys", "查询键不能为空，列也不能重复"))
        problems += [Problem(name, "查询键用到了没有保留的列") for name in key if name not in names]
    if recipe.keys and len(names) > MAX_INDEXED_COLUMNS:
        problems.append(Problem("keys", f"超过 {MAX_INDEXED_COLUMNS} 列的表不能声明查询键"))
    if len(set(recipe.keys)) != len(recipe.keys):
        problems.append(Problem("keys", "查询键重复"))
    return problems


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """What was noticed of a column that stays text: in words, and the check or the type and form that are offered."""

    text: str
    check: str = ""
    type: ColumnType = ColumnType.TEXT
    form: str = ""


class ColumnPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen in one column, judged over all sound rows.

    `header` is the header as written, `source` the same made unique. `personal` is "" or the kind of
    personal data suspected: name, id_number, mobile. `failing` counts the values that fail a check, for the checks
    proposed and those that were asked for.
    """

    header: str
    source: str
    type: ColumnType
    form: str = ""
    scale: int = 0
    nulls: int = 0
    null_markers: dict[str, int] = {}
    samples: tuple[str, ...] = ()
    personal: str = ""
    checks: tuple[str, ...] = ()
    failing: dict[str, int] = {}
    hints: tuple[Hint, ...] = ()
    unique: bool = False

    @property
    def marks(self) -> tuple[str, ...]:
        """The signs for "nothing here" that were seen, without the empty cell."""
        return tuple(mark for mark in sorted(self.null_markers) if mark)

    @property
    def takes_marks(self) -> bool:
        """Whether to propose that the signs mean missing: only where type or check could not hold otherwise. In a
        column of texts NA may be a country, and what stands there stays."""
        return self.type is not ColumnType.TEXT or bool(self.checks)


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What `sniff` saw in a source, for a publisher to confirm or change.

    `rows` counts sound and unsound data rows without titles, separators and notes; `unsound` counts those
    among them whose field count or characters cannot be right.
    """

    format: Format
    columns: tuple[ColumnPreview, ...]
    rows: int
    unsound: int = 0
    compression: str = ""
    encoding: str = ""
    delimiter: str = ""
    quote: str = '"'
    members: tuple[str, ...] = ()
    member: str = ""
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    paths: tuple[tuple[str, int], ...] = ()
    path: str = ""
    header_row: int = 1
    titles: tuple[tuple[int, str], ...] = ()
    separators: int = 0
    notes: tuple[tuple[int, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[str, ...] = ()

    def recipe(self) -> Recipe:
        """The proposal as a recipe: the best key is declared, every column kept."""
        from shuqiao.store.reading.layout import unique_names  # which speaks these types

        names, _ = unique_names([column.source for column in self.columns])
        plans = tuple(
            ColumnPlan(
                source=column.source,
                name=name,
                type=column.type,
                form=column.form,
                scale=column.scale,
                null_markers=("", *(column.marks if column.takes_marks else ())),
                checks=column.checks,
            )
            for name, column in zip(names, self.columns, strict=True)
        )
        return Recipe(
            format=self.format,
            compression=self.compression,
            encoding=self.encoding or "utf-8",
            delimiter=self.delimiter or ",",
            quote=self.quote,
            sheet=self.sheet,
            path=self.path,
            member=self.member,
            header_row=self.header_row,
            columns=plans,
            keys=self.keys[:1] if len(plans) <= MAX_INDEXED_COLUMNS else (),
        )


class Column(msgspec.Struct, frozen=True):
    """A column of a version. `code` (c1..cn) is the only name that ever stands in SQL."""

    name: str
    code: str
    type: ColumnType
    form: str = ""
    scale: int = 0


class Key(msgspec.Struct, frozen=True):
    """A declared lookup key: its columns by name, and whether each value names at most one row."""

    columns: tuple[str, ...]
    unique: bool


class FileMeta(msgspec.Struct, frozen=True):
    """Size in bytes and SHA-256 (hex) of one file of a version."""

    size: int
    sha256: str


class Content(msgspec.Struct, frozen=True):
    """What a file version holds: the name and media type it is handed out with."""

    filename: str
    media_type: str


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """meta.json: what a version says of itself. `kind` is "table", or "file" for what is no table: then `content`
    names it, and there are no columns, rows and recipe.

    `reported` counts the lines set aside that are not data (title, separator, note, repeated_header);
    `reasons` counts the quarantined rows by reason, a row with several reasons once under each.
    """

    id: str
    columns: tuple[Column, ...] = ()
    rows: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = {}
    reported: dict[str, int] = {}
    blank_lines: int = 0
    keys: tuple[Key, ...] = ()
    recipe: Recipe | None = None
    source_sha256: str
    files: dict[str, FileMeta]
    builder: int
    built_at: str
    kind: str = "table"
    content: Content | None = None


class BuiltVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What `build` hands back. `existed` says the same content was there already and was kept."""

    id: str
    path: Path
    meta: Meta
    existed: bool = False
