"""The SQL of a comparison. Key columns are k1…, compared columns v1…, on both sides; `n` is the row number.

A column of the same type on both sides and without a mask is compared by value; anything else by what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shuqiao.kernel import InvalidInput
from shuqiao.store.binding import BoundScope, bind_scope, check_granted, check_unmasked
from shuqiao.store.differences.types import SchemaChanges
from shuqiao.store.engines.duck import DuckDialect
from shuqiao.store.layout import DATA
from shuqiao.store.scope import Mask, Scope
from shuqiao.store.sql import Sql, compile_where, join
from shuqiao.store.types import Column

if TYPE_CHECKING:
    from shuqiao.store.handle import VersionHandle

CHANGES, REPEATED = "changes", "repeated"
ADDED, REMOVED, CHANGED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Side:
    """One version under the scope."""

    scope: BoundScope
    dialect: DuckDialect

    @classmethod
    def of(cls, handle: VersionHandle, scope: Scope | None) -> Side:
        """Raises NotInScope when the scope cannot be held to on this version."""
        bound = bind_scope(handle.columns, scope or Scope.whole(handle.columns))
        return cls(bound, DuckDialect(handle.path / DATA))

    @property
    def columns(self) -> dict[str, tuple[Column, Mask]]:
        """The granted columns by name."""
        return {column.name: (column, mask) for column, mask in self.scope.columns}

    def shown(self, name: str) -> Sql:
        """A value as answers carry it."""
        column, mask = self.columns[name]
        return self.dialect.shown(column, mask, self.scope.hash_key)

    def value(self, name: str, other: Side) -> Sql:
        """What is compared."""
        column, mask = self.columns[name]
        if mask is Mask.NONE and other.columns[name][0].type is column.type:
            return Sql(column.code)
        shown = self.shown(name)
        return Sql(f"CAST({shown.text} AS VARCHAR)", shown.params)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, the key, and the columns compared beside it, in the new version's order."""

    old: Side
    new: Side
    key: tuple[str, ...]
    compared: tuple[str, ...]

    @classmethod
    def of(
        cls, old: VersionHandle, new: VersionHandle, key: Sequence[str], scope: Scope | None
    ) -> Comparison:
        """Raises InvalidInput naming key columns that a version does not have, NotInScope for a key that is not
        granted, or only masked: changes in it could not be told."""
        _check_key(old, new, tuple(key))
        sides = Side.of(old, scope), Side.of(new, scope)
        for side, handle in zip(sides, (old, new), strict=True):
            columns = [column for column in handle.columns if column.name in key]
            check_granted(side.scope, columns)
            check_unmasked(side.scope, columns)
        common = [name for name in sides[1].columns if name in sides[0].columns and name not in key]
        return cls(*sides, tuple(key), tuple(common))

    @property
    def schema(self) -> SchemaChanges:
        """What changed in the columns that are granted."""
        old, new = self.old.columns, self.new.columns
        return SchemaChanges(
            tuple(name for name in new if name not in old),
            tuple(name for name in old if name not in new),
            tuple(
                (name, old[name][0].type, new[name][0].type)
                for name in new
                if name in old and old[name][0].type is not new[name][0].type
            ),
        )

    def rows(self, side: Side, *, without: bool = False, only: bool = False) -> Sql:
        """The rows of a side: n, k1…, v1…; without those of repeated keys, or only those."""
        other = self.new if side is self.old else self.old
        values = [Sql("n")]
        for letter, names in (("k", self.key), ("v", self.compared)):
            for place, name in enumerate(names, start=1):
                value = side.value(name, other)
                values.append(Sql(f"{value.text} AS {letter}{place}", value.params))
        where = compile_where(side.scope.where, side.dialect)
        parts = [Sql("SELECT"), join(", ", values), Sql("FROM"), side.dialect.table(), Sql("WHERE"), where]
        inner = join(" ", parts)
        if not (without or only):
            return Sql(f"({inner.text})", inner.params)
        join_kind = "SEMI" if only else "ANTI"
        on = same([f"s.{code}" for code in self.key_codes], [f"r.{code}" for code in self.key_codes])
        return Sql(f"(SELECT s.* FROM ({inner.text}) s {join_kind} JOIN {REPEATED} r ON {on})", inner.params)  # noqa: S608

    @property
    def key_codes(self) -> list[str]:
        """k1…"""
        return [f"k{place}" for place in range(1, len(self.key) + 1)]

    @property
    def value_codes(self) -> list[str]:
        """v1…"""
        return [f"v{place}" for place in range(1, len(self.compared) + 1)]


def _check_key(old: VersionHandle, new: VersionHandle, key: tuple[str, ...]) -> None:
    if not key or len(set(key)) != len(key):
        raise InvalidInput.one("key", "比较要指定键列，且不能重复")
    for handle, word in ((old, "旧"), (new, "新")):
        if handle.meta.kind != "table":
            raise InvalidInput.one("version", f"{word}版本不是表，不能逐行比较")
        names = {column.name for column in handle.columns}
        for name in key:
            if name not in names:
                raise InvalidInput.one(name, f"{word}版本没有这一列，不能用作比较的键")


def same(left: Sequence[str], right: Sequence[str]) -> str:
    """All pairs equal, two missing values being equal."""
    return " AND ".join(f"{a} IS NOT DISTINCT FROM {b}" for a, b in zip(left, right, strict=True))


def repeated_table(comparison: Comparison) -> Sql:
    """Keys that name several rows on a side, with how many on each."""
    keys = ", ".join(comparison.key_codes)
    old, new = comparison.rows(comparison.old), comparison.rows(comparison.new)
    text = (
        f"CREATE TABLE {REPEATED} AS SELECT {keys}, sum(o)::BIGINT AS o, sum(w)::BIGINT AS w FROM ("  # noqa: S608
        f"SELECT {keys}, count(*) AS o, 0 AS w FROM {old.text} GROUP BY {keys} "
        f"UNION ALL SELECT {keys}, 0, count(*) FROM {new.text} GROUP BY {keys}"
        f") GROUP BY {keys} HAVING sum(o) > 1 OR sum(w) > 1"
    )
    return Sql(text, (*old.params, *new.params))


def changes_table(comparison: Comparison, *, repeated: bool) -> Sql:
    """Every row that is not the same: its kind, its numbers, and which compared columns are different (d1…)."""
    old = comparison.rows(comparison.old, without=repeated)
    new = comparison.rows(comparison.new, without=repeated)
    codes = comparison.value_codes
    differ = [f"(o.{code} IS DISTINCT FROM w.{code})" for code in codes]
    flags = "".join(f", {test} AS d{place}" for place, test in enumerate(differ, start=1))
    either = " OR ".join(["o.n IS NULL", "w.n IS NULL", *differ])
    on = same([f"o.{code}" for code in comparison.key_codes], [f"w.{code}" for code in comparison.key_codes])
    found = Sql(
        f"SELECT o.n AS old_n, w.n AS new_n, false AS repeated{flags} "  # noqa: S608
        f"FROM {old.text} o FULL JOIN {new.text} w ON {on} WHERE {either}",
        (*old.params, *new.params),
    )
    if repeated:
        more = _whole_rows(comparison)
        found = Sql(f"{found.text} UNION ALL {more.text}", (*found.params, *more.params))
    kind = f"CASE WHEN old_n IS NULL THEN {ADDED} WHEN new_n IS NULL THEN {REMOVED} ELSE {CHANGED} END"
    return Sql(
        f"CREATE TABLE {CHANGES} AS SELECT *, row_number() OVER (PARTITION BY kind ORDER BY place, old_n) AS i "  # noqa: S608
        f"FROM (SELECT *, ({kind})::TINYINT AS kind, coalesce(new_n, old_n) AS place FROM ({found.text})) "
        "ORDER BY kind, i",
        found.params,
    )


def _whole_rows(comparison: Comparison) -> Sql:
    """Rows of repeated keys, as multisets of whole rows: what one side has more of was added or removed."""
    codes = [*comparison.key_codes, *comparison.value_codes]
    over = ", ".join(codes)
    sides = []
    for side in (comparison.old, comparison.new):
        rows = comparison.rows(side, only=True)
        numbered = f"(SELECT *, row_number() OVER (PARTITION BY {over} ORDER BY n) AS r FROM {rows.text})"  # noqa: S608
        sides.append(Sql(numbered, rows.params))
    old, new = sides
    on = same([f"o.{code}" for code in codes], [f"w.{code}" for code in codes])
    flags = ", false" * len(comparison.compared)
    return Sql(
        f"SELECT o.n, w.n, true{flags} FROM {old.text} o FULL JOIN {new.text} w ON {on} AND o.r = w.r "  # noqa: S608
        "WHERE o.n IS NULL OR w.n IS NULL",
        (*old.params, *new.params),
    )
