"""Binding: a scope and a query meet the columns of a version. What comes out can only ask what is granted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store.cells import DATE_FORMS, DATETIME_FORMS, MAX_DIGITS, parse_integer
from shuqiao.store.conditions import Op, Predicate, Scalar
from shuqiao.store.cursors import read_cursor
from shuqiao.store.query import MAX_IN_VALUES, Query, SortKey
from shuqiao.store.scope import Mask, NotInScope, Scope
from shuqiao.store.types import Column, ColumnType

_NO_ORDER = frozenset({Op.LT, Op.LTE, Op.GT, Op.GTE, Op.BETWEEN})
_TEXT_ONLY = frozenset({Op.CONTAINS, Op.STARTSWITH})
_YES_NO = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class BoundPredicate:
    """A predicate on a column of the version, its values in the column's type."""

    column: Column
    op: Op
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class BoundScope:
    """A scope on one version: granted columns with masks in their order, and the row condition."""

    columns: tuple[tuple[Column, Mask], ...]
    where: tuple[BoundPredicate, ...]
    hash_key: bytes
    masks: dict[str, Mask] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "masks", {column.code: mask for column, mask in self.columns})

    def mask_of(self, column: Column) -> Mask | None:
        """The mask of a granted column; None when it is not granted."""
        return self.masks.get(column.code)


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A query that may run: every column of it is granted, every value typed. `after` is where the page
    before ended: the sort values of its last row, then its row number."""

    select: tuple[tuple[Column, Mask], ...]
    where: tuple[BoundPredicate, ...]
    sort: tuple[tuple[Column, bool], ...]
    limit: int
    after: tuple[Any, ...] | None
    hash_key: bytes

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the selected columns."""
        return tuple(column.name for column, _ in self.select)


def bind_scope(columns: tuple[Column, ...], scope: Scope) -> BoundScope:
    """The scope on a version with these columns, by name only: codes may mean something else in the next version.

    A granted column the version no longer has is not there. A row condition that cannot be held to, or a mask
    that cannot be laid, refuses everything (NotInScope): the answer would be wider than the grant.
    """
    by_name = {column.name: column for column in columns}
    names = [granted.name for granted in scope.columns]
    if len(set(names)) != len(names):
        raise InvalidInput.one("scope", "同一列授权了两次")
    bound = tuple(
        (by_name[granted.name], granted.mask)
        for granted in scope.columns
        if granted.name in by_name and granted.mask is not Mask.DROP
    )
    for column, mask in bound:
        if not mask.fits(column.type):
            reason = f"授权要求对“{column.name}”{mask.label}，但{column.type.label}列不能这样脱敏"
            raise NotInScope([column.name], reason)
        if mask is Mask.HASH and len(scope.hash_key) < 16:
            raise NotInScope([column.name], f"授权要求对“{column.name}”加密散列，但没有散列密钥")
    missing = [predicate.column for predicate in scope.where.all if predicate.column not in by_name]
    if missing:
        raise NotInScope(missing, f"授权的行条件用到了本版本没有的列：{'、'.join(missing)}")
    where = tuple(bind_predicate(by_name[predicate.column], predicate) for predicate in scope.where.all)
    return BoundScope(bound, where, scope.hash_key)


def bind_query(columns: tuple[Column, ...], scope: BoundScope, query: Query, version_id: str) -> BoundQuery:
    """The query inside the scope. Raises InvalidInput naming unknown columns and bad values, NotInScope for
    columns that are not granted, and for filtering or sorting by a masked one (that would be probing)."""
    find = finder(columns)
    named = [*(query.select or ()), *(p.column for p in query.filters), *(key.column for key in query.sort)]
    check_known(find, named)
    if query.select is not None and not query.select:
        raise InvalidInput.one("select", "至少要选一列")
    check_granted(scope, [column for name in named if (column := find(name))])
    tested = [*(p.column for p in query.filters), *(key.column for key in query.sort)]
    check_unmasked(scope, [column for name in tested if (column := find(name))])
    if query.select is None:
        select = scope.columns
    else:
        chosen = dict.fromkeys(column for name in query.select if (column := find(name)))
        select = tuple((column, scope.mask_of(column) or Mask.NONE) for column in chosen)
    if not select:
        raise NotInScope([], "授权范围里没有本版本的任何一列")
    filters = bind_filters(find, query.filters)
    sort = _bind_sort(find, query.sort)
    after = _after(query.cursor, sort, version_id) if query.cursor else None
    return BoundQuery(select, (*scope.where, *filters), sort, query.limit, after, scope.hash_key)


def finder(columns: tuple[Column, ...]) -> Callable[[str], Column | None]:
    """A column by its name or code; a name that looks like a code wins over the code."""
    names = {column.code: column for column in columns} | {column.name: column for column in columns}
    return names.get


def check_known(find: Callable[[str], Column | None], names: Iterable[str]) -> None:
    """Raise InvalidInput naming every column that the version does not have."""
    unknown = dict.fromkeys(name for name in names if find(name) is None)
    if unknown:
        raise InvalidInput(Problem(name, _unknown(find, name)) for name in unknown)


def _unknown(find: Callable[[str], Column | None], name: str) -> str:
    """Why a name is no column: a known one with a comparison that does not exist is told as that."""
    column, separator, op = name.rpartition("__")
    if separator and find(column) is not None:
        return f"没有“{op}”这种比较，可用的有 {'、'.join(Op)}"
    return "没有这一列"


def check_granted(scope: BoundScope, columns: Iterable[Column]) -> None:
    """Raise NotInScope naming the columns that the scope does not give."""
    outside = dict.fromkeys(column.name for column in columns if scope.mask_of(column) is None)
    if outside:
        raise NotInScope(outside, f"授权范围不含：{'、'.join(outside)}")


def check_unmasked(scope: BoundScope, columns: Iterable[Column]) -> None:
    """Raise NotInScope naming the masked columns: whatever is worked out of their values would show them."""
    masked = dict.fromkeys(column.name for column in columns if scope.mask_of(column) is not Mask.NONE)
    if masked:
        raise NotInScope(masked, f"已脱敏的列不能用来筛选、排序、分组或统计：{'、'.join(masked)}")


def bind_filters(
    find: Callable[[str], Column | None], filters: tuple[Predicate, ...]
) -> tuple[BoundPredicate, ...]:
    """Filters on known columns. Raises InvalidInput naming every value that does not fit."""
    bound: list[BoundPredicate] = []
    problems: list[Problem] = []
    for predicate in filters:
        column = find(predicate.column)
        assert column is not None  # unknown names were refused before
        try:
            bound.append(bind_predicate(column, predicate))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return tuple(bound)


def _bind_sort(
    find: Callable[[str], Column | None], keys: tuple[SortKey, ...]
) -> tuple[tuple[Column, bool], ...]:
    bound: dict[Column, bool] = {}
    for key in keys:
        column = find(key.column)
        assert column is not None
        bound.setdefault(column, key.descending)
    return tuple(bound.items())


def bind_predicate(column: Column, predicate: Predicate) -> BoundPredicate:
    """Values in the column's type. Raises InvalidInput naming the column."""
    op, values = predicate.op, predicate.values
    wanted = {Op.BETWEEN: (2, 2), Op.IN: (1, MAX_IN_VALUES)}.get(op, (1, 1))
    if not wanted[0] <= len(values) <= wanted[1]:
        raise InvalidInput.one(column.name, f"“{op.label}”的取值个数不对：{len(values)}")
    if op is Op.ISNULL:
        flag = values[0] if isinstance(values[0], bool) else _YES_NO.get(str(values[0]).lower())
        if flag is None:
            raise InvalidInput.one(column.name, "isnull 只能是 true 或 false")
        return BoundPredicate(column, op, (flag,))
    if op in _TEXT_ONLY and column.type is not ColumnType.TEXT:
        raise InvalidInput.one(column.name, f"{column.type.label}列不能用“{op.label}”")
    if op in _NO_ORDER and column.type is ColumnType.BOOLEAN:
        raise InvalidInput.one(column.name, f"{column.type.label}列不能用“{op.label}”")
    return BoundPredicate(column, op, tuple(typed_value(column, value) for value in values))


def typed_value(column: Column, value: Scalar) -> Any:
    """One value in the column's type, exactly. Raises InvalidInput naming the column and the value."""
    try:
        if value is None or (isinstance(value, bool) and column.type is not ColumnType.BOOLEAN):
            raise ValueError
        return _TYPED[column.type](value, column)
    except (ValueError, InvalidOperation):
        shown = str(value)[:100].encode("utf-8", "replace").decode()
        raise InvalidInput.one(column.name, f"“{shown}”不是有效的{column.type.label}值") from None


def _typed_text(value: Any, _: Column) -> str:
    text = value if isinstance(value, str) else str(value)
    text.encode()  # lone surrogates are no text
    if "\0" in text:
        raise ValueError
    return text


def _typed_integer(value: Any, _: Column) -> int:
    return parse_integer(str(value))


def _typed_decimal(value: Any, column: Column) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError
    scaled = number.scaleb(column.scale)
    if scaled != scaled.to_integral_value() or abs(scaled) >= 10**MAX_DIGITS:
        raise ValueError
    return number.quantize(Decimal(1).scaleb(-column.scale))


def _typed_date(value: Any, column: Column) -> date:
    text = str(value)
    for form in dict.fromkeys(("YYYY-MM-DD", column.form or "YYYY-MM-DD")):
        try:
            day: date = DATE_FORMS[form](text)
        except ValueError:
            continue
        return day
    raise ValueError


def _typed_datetime(value: Any, _: Column) -> datetime:
    text = str(value)
    for parse in DATETIME_FORMS.values():
        try:
            moment: datetime = parse(text)
        except ValueError:
            continue
        return moment
    raise ValueError


def _typed_boolean(value: Any, _: Column) -> bool:
    if isinstance(value, bool):
        return value
    flag = _YES_NO.get(str(value).lower())
    if flag is None:
        raise ValueError
    return flag


_TYPED: dict[ColumnType, Callable[[Any, Column], Any]] = {
    ColumnType.TEXT: _typed_text,
    ColumnType.INTEGER: _typed_integer,
    ColumnType.DECIMAL: _typed_decimal,
    ColumnType.DATE: _typed_date,
    ColumnType.DATETIME: _typed_datetime,
    ColumnType.BOOLEAN: _typed_boolean,
}


def _after(text: str, sort: tuple[tuple[Column, bool], ...], version_id: str) -> tuple[Any, ...]:
    """Where the page before ended: typed sort values and the row number."""
    *values, number = read_cursor(text, order_of(sort), version_id, extra=1)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**62:
        raise InvalidInput.one("cursor", "不是有效的翻页位置")
    typed = [
        None if value is None else typed_value(column, value)
        for (column, _), value in zip(sort, values, strict=True)
    ]
    return (*typed, number)


def order_of(sort: Iterable[tuple[Column, bool]]) -> list[tuple[str, bool]]:
    """An order as cursors keep it."""
    return [(column.code, descending) for column, descending in sort]
