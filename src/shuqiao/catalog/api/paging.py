"""Pages of a list, told apart by where the one before ended: nothing is seen twice and nothing left out when rows come
or go meanwhile, and the thousandth page costs as much as the first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from ninja import Schema

from shuqiao.kernel import InvalidInput

PAGE, PAGE_MAX, CURSOR_MAX = 50, 200, 2_000
Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


class PageIn(Schema):
    """Which part of a list: after which `cursor` (the `next` of the page before; none: from the beginning), and how
    many, at most 200."""

    cursor: str = ""
    limit: int = PAGE

    @property
    def size(self) -> int:
        """How many rows, within bounds."""
        return min(max(self.limit, 1), PAGE_MAX)


class PageOut(Schema, Generic[Item]):
    """One page. `next`: the cursor of the page after it; null: this was the last."""

    items: list[Item]
    next: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """One part of an order: a column, reached over joins or not, which way, and whether it can be empty."""

    path: str
    descending: bool
    nullable: bool
    field: Field[Any, Any]

    def order(self) -> OrderBy:
        """As the database takes it; empty ones always come last."""
        column = F(self.path)
        last = True if self.nullable else None
        return column.desc(nulls_last=last) if self.descending else column.asc(nulls_last=last)

    def value_of(self, row: Model) -> Any:
        """The row's own."""
        value: Any = row
        for part in self.path.split("__"):
            value = getattr(value, part, None)
        return value

    def read(self, value: Any) -> Any:
        """What a cursor holds, as a value of the column. Raises ValidationError for what the column cannot hold."""
        if value is None or "\0" in str(value):
            if self.nullable and value is None:
                return None
            raise ValidationError("empty")
        if isinstance(value, dict | list):
            raise ValidationError("no value")
        found = self.field.to_python(value)
        self.field.run_validators(found)
        return found

    def equal(self, value: Any) -> Q:
        """Rows that stand level with this value."""
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def beyond(self, value: Any) -> Q | None:
        """Rows that come after this value; None: none can."""
        if value is None:
            return None
        after = Q(**{f"{self.path}__{'lt' if self.descending else 'gt'}": value})
        return after | Q(**{f"{self.path}__isnull": True}) if self.nullable else after


def page_of(rows: QuerySet[Row], order: Sequence[str], asked: PageIn) -> tuple[list[Row], str | None]:
    """The rows of one page in this order, and the cursor of the next, None on the last page.

    `order`: columns, `-` before descending ones; the last must tell rows apart. Raises InvalidInput for a cursor that
    is none, or belongs to another order.
    """
    keys = [_key(rows.model, name) for name in order]
    if asked.cursor:
        rows = rows.filter(_after(keys, _read(asked.cursor, order, keys)))
    found = list(rows.order_by(*(key.order() for key in keys))[: asked.size + 1])
    if len(found) <= asked.size:
        return found, None
    last = found[asked.size - 1]
    return found[: asked.size], _write(order, [key.value_of(last) for key in keys])


def slice_of(rows: Sequence[Any], asked: PageIn) -> tuple[list[Any], str | None]:
    """The same for a list that stands fast, e.g. the report of an upload: its cursor is a place in it."""
    first = place_of(asked, ("#",))
    end = first + asked.size
    return list(rows[first:end]), written_place(("#",), end) if end < len(rows) else None


def place_of(asked: PageIn, order: Sequence[str]) -> int:
    """How many rows of a list in this order were given before, where the cursor is a place in it. A cursor has the
    order's names and the place. Raises InvalidInput."""
    if not asked.cursor:
        return 0
    place, *rest = _values(asked.cursor, order)
    if not isinstance(place, int) or place < 0 or any(rest):
        raise _strange()
    return place


def written_place(order: Sequence[str], place: int) -> str:
    """The cursor for the rows of a list from this place on."""
    return _write(order, [place, *([0] * (len(order) - 1))])


def _key(model: type[Model], name: str) -> Key:
    path, nullable, field = name.removeprefix("-"), False, None
    current: Any = model
    for part in path.split("__"):
        try:
            field = current._meta.get_field(part)
        except FieldDoesNotExist:
            raise ValueError(f"{model.__name__} cannot be ordered by {name!r}") from None
        nullable = nullable or field.null
        current = field.related_model
    assert field is not None
    return Key(path, name.startswith("-"), nullable, field)


def _after(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """Rows that come after these values: beyond the first, or level with it and beyond the second, and so on."""
    wanted, level = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        if (beyond := key.beyond(value)) is not None:
            wanted |= level & beyond
        level &= key.equal(value)
    return wanted


def _write(order: Sequence[str], values: Sequence[Any]) -> str:
    packed = orjson.dumps([list(order), values])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _values(text: str, order: Sequence[str]) -> list[Any]:
    try:
        padded = text + "=" * (-len(text) % 4)
        packed = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise _strange() from None
    if len(text) > CURSOR_MAX or not isinstance(packed, list) or len(packed) != 2:
        raise _strange()
    kept, values = packed
    if kept != list(order):
        raise InvalidInput.one("cursor", "翻页位置与排序不一致，请从第一页重新取")
    if not isinstance(values, list) or len(values) != len(order):
        raise _strange()
    return values


def _read(text: str, order: Sequence[str], keys: Sequence[Key]) -> list[Any]:
    values = _values(text, order)
    try:
        return [key.read(value) for key, value in zip(keys, values, strict=True)]
    except (ValidationError, TypeError, ValueError):
        raise _strange() from None


def _strange() -> InvalidInput:
    return InvalidInput.one("cursor", "不是有效的翻页位置")
